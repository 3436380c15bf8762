"""The long form of the riot, on SQLite and on PostgreSQL: `make chaos`, some minutes.

Exit status 1 where a sink that honours keys lost or doubled one, where SMTP lost one in silence,
where it doubled more than 2 % or, told to park, any.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.sql import SQL, Identifier

from tests.chaos.colony import Colony, Outcome, riot
from tests.chaos.smtp import postman
from tests.machine import MISSING, postgresql_url, required
from tests.thaw.places import Place

LONG = {"notices": 600, "workers": 4, "patience": 400, "lease": 2.0}
MOST_TWICE = 0.02
CASES = [("spool", "resend"), ("smtp", "resend"), ("smtp", "park")]


def main() -> int:
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    print(f"Chaos with seed {seed} (CHAOS_SEED repeats it)", flush=True)
    failures = 0
    with TemporaryDirectory(prefix="thaw-chaos-") as name:
        for database, url in databases(Path(name)):
            var = Path(name) / database
            var.mkdir(exist_ok=True)
            migrate(var, url)
            colony = Colony(var, url)
            for sink, uncertain in CASES:
                with postman(delay=0.005) as (handler, port):
                    outcome = riot(
                        colony,
                        handler,
                        port,
                        sink=sink,
                        uncertain=uncertain,
                        seed=seed,
                        **LONG,
                    )
                wrong = faults(outcome, sink=sink, uncertain=uncertain)
                failures += len(wrong)
                print(f"{database:10} {sink:5} {uncertain:6} {outcome}", *wrong, flush=True)
            colony.end()
    return 1 if failures else 0


def faults(outcome: Outcome, *, sink: str, uncertain: str) -> list[str]:
    """What must not be, in words."""
    most = {"spool": 0, "smtp": MOST_TWICE * LONG["notices"] if uncertain == "resend" else 0}
    found = ["LOST IN SILENCE"] if outcome.lost else []
    return found + (["TOO MANY TWICE"] if outcome.twice > most[sink] else [])


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder / 'chaos.sqlite3'}"
    server = postgresql_url()
    if server is None:
        print(f"PostgreSQL skipped: {MISSING['postgresql']}")
        if required():
            sys.exit(1)
        return
    name = f"thaw_chaos_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield "PostgreSQL", f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def migrate(var: Path, url: str) -> None:
    done: subprocess.CompletedProcess[str] = Place(var).manage("migrate", "-v0", DATABASE_URL=url)
    if done.returncode:
        sys.exit(done.stderr)


if __name__ == "__main__":
    sys.exit(main())
