"""Where mortals live: a database of their own that outlives them."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

from tests.thaw.places import ROOT, Place

EVERY = (0.15, 0.4)  # seconds from one killing to the next


class Colony:
    """A mortal process on a database, asked in JSON."""

    def __init__(self, var, database_url):
        environment = Place(var).environment({"DATABASE_URL": database_url, "LOG_LEVEL": "ERROR"})
        self.spool = var / "spool"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.mortal"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *order):
        print(json.dumps(order), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, "the mortal has ended"
        return json.loads(line)

    def end(self):
        self.process.communicate()

    def settings(self, port, *, sink="smtp", uncertain="resend", **others):
        """What a child delivers with."""
        backend = {"smtp": "smtp.EmailBackend", "spool": "filebased.EmailBackend"}[sink]
        return {
            "EMAIL_BACKEND": f"django.core.mail.backends.{backend}",
            "EMAIL_FILE_PATH": str(self.spool),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": port,
            "EMAIL_USE_TLS": False,
            "EMAIL_USE_SSL": False,
            "EMAIL_HOST_USER": "",
            "REMINDER_UNCERTAIN": uncertain,
            "lease": 30,
            **others,
        }


@dataclass(frozen=True)
class Outcome:
    """What a riot left."""

    kills: int
    lost: int  # never accepted, and nobody would know
    twice: int
    parked: int  # uncertain, and shown
    parked_unsent: int

    def __str__(self):
        return (
            f"{self.kills} killed, {self.lost} lost, {self.twice} twice, {self.parked} parked"
            f" ({self.parked_unsent} of them unsent)"
        )


def riot(
    colony, handler, port, *, notices, workers, sink, uncertain, patience, lease, seed, every=EVERY
):
    """Everything that is due, delivered by workers that are killed; what came of it."""
    colony.ask("empty")
    handler.accepted.clear()
    for old in colony.spool.glob("*.eml"):
        old.unlink()
    keys = colony.ask("prepare", notices)
    assert len(keys) == notices
    settings = colony.settings(port, sink=sink, uncertain=uncertain, lease=lease, seed=seed)
    kills = colony.ask("riot", settings, workers, patience, every)
    assert kills is not None, "it did not come to an end"
    accepted = Counter(
        {path.stem: 1 for path in colony.spool.glob("*.eml")}
        if sink == "spool"
        else {name.strip("<>").partition("@")[0]: n for name, n in handler.accepted.items()}
    )
    parked = {key for key, state, _ in colony.ask("told") if state == "uncertain"}
    missing = {key for key in keys if not accepted[key]}
    assert set(accepted) <= set(keys)
    return Outcome(
        kills=kills,
        lost=len(missing - parked),
        twice=sum(count > 1 for count in accepted.values()),
        parked=len(parked),
        parked_unsent=len(missing & parked),
    )
