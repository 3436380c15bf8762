"""Processes of their own, on a SQLite file of their own: what commands exit with, and races."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from tests.governance.races import CONTESTS
from tests.thaw.places import ROOT, Place

pytestmark = pytest.mark.once  # on a SQLite of their own

ROUNDS = 3  # one try may miss the race


@pytest.fixture(scope="module")
def place(tmp_path_factory, migrated_file):
    """A database in which proposal 1 may land and proposal 2 may not."""
    place = Place(tmp_path_factory.mktemp("governance"))
    shutil.copy(migrated_file, place.var)
    made = place.tell(
        "import django; django.setup()\n"
        "from tests.factories import make_freeze, make_proposal, make_release\n"
        "cactus = make_release(slug='cactus')\n"
        "make_freeze(release=cactus)\n"
        "make_proposal(release=cactus, key='1', change_kind='docs')\n"
        "make_proposal(release=cactus, key='2', change_kind='feature')\n"
        "print(json.dumps('made'))"
    )
    assert made == "made"
    return place


class Racer:
    """A process that was started on the place and does what it is told."""

    def __init__(self, place):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.governance.racer"],
            env=place.environment({}),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *order):
        print(json.dumps(order), file=self.process.stdin, flush=True)

    def hear(self):
        line = self.process.stdout.readline()
        assert line, "the racer has ended"
        return json.loads(line)

    def ask(self, *order):
        self.tell(*order)
        return self.hear()


@pytest.fixture(scope="module")
def racers(place):
    racers = (Racer(place), Racer(place))
    yield racers
    for racer in racers:
        racer.process.communicate()  # the end of its input is its end


def race(racers, name):
    """How the two ended, and the ledgers that they left."""
    left, right = racers
    ids = left.ask("prepare", name)
    left.ask("get ready", name, "left", ids)
    right.ask("get ready", name, "right", ids)
    start = time.time() + 0.02
    for racer in racers:
        racer.tell("go", name, start)
    ended = tuple(racer.hear() for racer in racers)
    return ended, left.ask("aftermath", name, ids)


def test_a_script_that_asks_the_gate_imports_no_pages_and_nothing_that_asks_forges(place):
    heavy = ["thaw.urls", "governance.rows", "httpx"]
    code = f"""
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "gate", "1"])
sys.exit(" ".join(name for name in {heavy} if name in sys.modules) or 0)
"""
    process = subprocess.run(  # not forked from one that has imported much already
        [sys.executable, "-c", code],
        env=place.environment({}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("name", CONTESTS)
def test_two_processes_at_once_end_as_if_one_came_after_the_other(name, racers):
    endings = CONTESTS[name].endings
    found = [race(racers, name) for _ in range(ROUNDS)]
    assert [(ended, left) for ended, left in found if left not in endings.get(ended, [])] == []


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["1"], 0),
        (["2"], 1),
        (["3"], 2),
        (["1", "--release=nonsense"], 2),
        ([b"\xff"], 2),  # not UTF-8
    ],
    ids=["may land", "may not", "unknown", "bad release", "bytes"],
)
def test_a_shell_sees_the_exit_status_of_the_gate_and_no_traceback(arguments, status, place):
    process = place.manage("gate", *arguments)
    assert (process.returncode, "Traceback" in process.stderr) == (status, False)
    assert (process.stdout + process.stderr).strip() != ""


ASCII_ALONE = """
import sys
sys.stdout.reconfigure(encoding="ascii")
sys.argv[1:] = ["gate", "--json", "é😀"]
import manage
manage.main()
"""


def test_a_terminal_that_lacks_a_letter_is_told_the_rest_and_json_stays_json(place):
    process = place.run("-c", ASCII_ALONE)
    assert process.returncode == 2
    assert "is known as “é😀”." in json.loads(process.stdout)["reason"]


@pytest.mark.parametrize("more", [(), ("--release", "cactus")])
def test_a_gate_that_cannot_read_its_database_cannot_tell(more, tmp_path):
    """Exit status 1 would say that somebody had decided: here nobody was asked."""
    process = Place(tmp_path / "var").manage("gate", "1", *more)  # no table was made there
    assert (process.returncode, "Traceback" in process.stderr) == (2, False)


def test_a_shell_sees_that_the_ledger_is_whole(place):
    process = place.manage("verify_ledger")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("The ledger is whole: ")
