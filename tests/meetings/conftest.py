import io
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from meetings.importing import ImportedLog, import_log
from meetings.logs import DateHints, Reading, Unread, format_named
from meetings.minutes import Minutes, Secretary
from meetings.profiles import CLASSIC, PROFILES

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
NAME = "weekly.2011-03-29-21.00.log.txt"


def pytest_terminal_summary(terminalreporter):
    """One line a source of real logs: its files, formats and lines, and what is unexplained."""
    sources: dict[str, list] = {}
    for report in [
        *terminalreporter.stats.get("passed", []),
        *terminalreporter.stats.get("failed", []),
    ]:
        for name, value in getattr(report, "user_properties", []):
            if name == "corpus" and report.when == "call":
                source, format_, lines, stored, unexplained = value
                row = sources.setdefault(source, [0, 0, 0, 0, set()])
                for index, count in enumerate([1, lines, stored, unexplained]):
                    row[index] += count
                row[4].add(format_)
    if not sources:
        return
    terminalreporter.section("real logs")
    line = "{:<24} {:>5} {:>7} {:>7} {:>11}  {}"
    terminalreporter.line(line.format("", "files", "lines", "stored", "unexplained", "formats"))
    for source, (files, lines, stored, unexplained, formats) in sorted(sources.items()):
        named = ", ".join(sorted(formats))
        terminalreporter.line(line.format(source, files, lines, stored, unexplained, named))


class Taken(NamedTuple):
    """What a log gave: its meetings, and the account of what is in none or not as it stood."""

    meetings: list[Minutes]
    left_out: list[Unread]
    undated: list[Unread]


class Run(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def take():
    """Read a log without storing it: `take("21:00:00 <ttx> #startmeeting\\n", day=...)`."""

    def take(log, *, format="meetbot", name=NAME, day=None, zone=None, **options) -> Taken:  # noqa: A002 the importer's word
        data = log.encode() if isinstance(log, str) else log
        format_ = format_named(format)
        hints = DateHints(name, day and date.fromisoformat(day), zone and ZoneInfo(zone))
        reading = Reading(io.BytesIO(data), format=format_, zone=hints.zone)
        options = {"profile": PROFILES.get(format_.profile, CLASSIC)} | options
        secretary = Secretary(hints=hints, calendar=reading.calendar, **options)
        found = list(secretary.minutes(reading))
        return Taken(found, sorted([*reading.unread, *secretary.left_out]), secretary.undated)

    return take


@pytest.fixture(scope="session")
def store():
    """Import a log as the command would."""

    def store(log, *, name=NAME, day=None, **options) -> ImportedLog:
        data = log.encode() if isinstance(log, str) else log
        return import_log(
            io.BytesIO(data),
            name=name,
            at=datetime(2011, 4, 1, tzinfo=UTC),
            hints=DateHints(name, day and date.fromisoformat(day)),
            **options,
        )

    return store


START_LINES = {
    "classic": "openstack Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ttx."
    " Information about MeetBot at http://wiki.debian.org/MeetBot.",
    "opendev": "openstack Meeting started Tue Mar 29 21:00:00 2011 UTC and is due to finish in 60"
    " minutes.  The chair is ttx. Information about MeetBot at http://wiki.debian.org/MeetBot.",
    "fedora": "zodbot Meeting started Tue Mar 29 21:00:00 2011 UTC.",
    "meetingology": "meetingology Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ttx."
    " Information about MeetBot at http://wiki.ubuntu.com/meetingology.",
    "matrix": "@meetbot:example.org Meeting started at 2011-03-29 21:00:00 UTC",
}
MATRIX_NAMES = "ttx vishy soren".split()


@pytest.fixture(scope="session")
def meet(take):
    """A meeting chaired by ttx in a dialect, one line a second: `meet("opendev", "ttx #info x")`.

    A line is a nick, a blank and what it says; the first three are the #startmeeting, the start
    line of the bot and a greeting, so that the first one given is line 4.
    """

    def meet(dialect, *said) -> Minutes:
        matrix = dialect == "matrix"
        start = "!startmeeting Weekly" if matrix else "#startmeeting Weekly"
        lines = [f"ttx {start}", START_LINES[dialect], "soren hello", *said]
        rows = []
        for second, line in enumerate(lines):
            nick, _, text = line.partition(" ")
            clock = f"21:{second // 60:02}:{second % 60:02}"
            if matrix:
                nick = f"@{nick}:example.org" if nick in MATRIX_NAMES else nick
                clock = f"2011-03-29 {clock}"
            rows.append(f"{clock} <{nick}> {text}\n")
        taken = take("".join(rows), format="matrix" if matrix else "meetbot")
        (minutes,) = taken.meetings
        assert minutes.profile == dialect
        return minutes

    return meet


@pytest.fixture(scope="session")
def put():
    """What was put on record, in words: `agreed: ship it`, and in brackets what does not count."""

    def put(minutes: Minutes) -> list[str]:
        return [
            f"{item.kind}: {item.text}"
            + ("" if item.counted else " (not counted)")
            + (" (undone)" if item.undone else "")
            for item in minutes.items
        ]

    return put


@pytest.fixture
def run(db):
    """`manage.py import_meeting` in this process."""

    def run(*arguments) -> Run:
        out, err = io.StringIO(), io.StringIO()
        status = 0
        try:
            call_command("import_meeting", *map(str, arguments), stdout=out, stderr=err)
        except SystemExit as stop:
            status = stop.code
        except CommandError as error:
            status = error.returncode
            err.write(f"{error}\n")
        return Run(status, out.getvalue(), err.getvalue())

    return run


def manage(*arguments, var, stdin=b"", **options) -> subprocess.CompletedProcess:
    """`manage.py` in a process of its own, on a SQLite database in `var`."""
    environment = os.environ | {
        "THAW_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'thaw.sqlite3'}",
        "PYTHONIOENCODING": "utf-8",
    }
    options.setdefault("input", stdin)
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *map(str, arguments)],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
        **options,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory, migrated_file):
    """A folder with a migrated database, for commands that run in processes of their own."""
    var = tmp_path_factory.mktemp("site")
    shutil.copy(migrated_file, var)
    return var


@pytest.fixture(scope="session")
def process(site):
    """`manage.py import_meeting` in a process of its own."""

    def process(*arguments, **options) -> Run:
        done = manage("import_meeting", *arguments, var=site, **options)
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    return process


def _shared(path: str) -> Path:
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the texts beside the project are not here: no {found}")
    return found


@pytest.fixture(scope="session")
def shared():
    """A path beside the project, or a skip with the reason."""
    return _shared


@pytest.fixture(scope="session")
def seed() -> Path:
    """The real log that the project starts from."""
    return _shared("seed/openstack-meeting.2011-03-29-21.00.log.txt")


@pytest.fixture(scope="session")
def cloud_init() -> Path:
    """27 real logs, the pages that were made of them, and published-minutes.jsonl."""
    return _shared("corpus/cloud-init/published-minutes.jsonl").parent
