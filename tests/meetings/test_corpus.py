"""Every real log beside the project, against what a person finds in it.

What is expected stands in tests/data/corpus, one file a source. `asked` is what a person has to
add to the command; without it there is no meeting, or no day for it. `unread` says why a line has
no shape of its format: a line that is missing there is unexplained.
"""

import json
from collections import Counter
from datetime import UTC, date
from pathlib import Path

import pytest

from meetings.logs import DateHints, Kind, NotALog, Reading, sniff_file
from meetings.minutes import SPOKEN, Secretary
from meetings.profiles import CLASSIC, PROFILES

pytestmark = pytest.mark.corpus

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "corpus"
LOGS = [
    (source.stem, name, expected)
    for source in sorted(EXPECTED.glob("*.json"))
    for name, expected in json.loads(source.read_text(encoding="utf-8")).items()
]
MINUTES = [
    "fedora-mote/fedora_iot_working_group_meeting.2020-06-10-14.10.html",
    "fedora-mote/fedora_iot_working_group_meeting.2020-06-10-14.10.txt",
    "fedora-mote/magazine.2020-06-10-12.02.html",
    "fedora-mote/magazine.2020-06-10-12.02.txt",
]
LOGS_AND_PAGES = [
    ("fedora-mote/fedora_iot_working_group_meeting.2020-06-10-14.10.log.txt", ".log.html"),
    ("fedora-mote/magazine.2020-06-10-12.02.log.txt", ".log.html"),
    *(
        (f"cloud-init/{name}", ".html")
        for source, name, _ in LOGS
        if source == "cloud-init"
    ),
]  # fmt: skip


def taken(path, *, whole=False, day=None):
    """A log as the command takes it: format, reading, secretary, rows and meetings."""
    with path.open("rb") as file:
        format_ = sniff_file(file).format
        file.seek(0)
        reading = Reading(file, format=format_)
        hints = DateHints(f"{path.parent.name}/{path.name}", day and date.fromisoformat(day))
        secretary = Secretary(
            hints=hints,
            profile=PROFILES.get(format_.profile, CLASSIC),
            calendar=reading.calendar,
            whole=whole or format_.whole,
        )
        blocks = list(reading)
        meetings = list(secretary.minutes(blocks))
    return format_, reading, secretary, [row for block in blocks for row in block], meetings


def people(rows):
    """Lines of each who says or does something, bots included."""
    return dict(Counter(row[2] for row in rows if row[3] in SPOKEN))


def meeting(minutes):
    return {
        "first": minutes.raw[0][0],
        "last": minutes.raw[-1][0],
        "started_at": f"{minutes.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "ended_at": f"{minutes.ended_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "dated_by": minutes.dating.source,
    }


@pytest.fixture(scope="session")
def corpus(shared):
    return shared("corpus")


@pytest.mark.parametrize(
    ("source", "name", "expected"), LOGS, ids=[f"{source}/{name}" for source, name, _ in LOGS]
)
def test_a_real_log_gives_what_a_person_finds_in_it(
    corpus, record_property, source, name, expected
):
    asked = expected.get("asked", {})
    format_, reading, secretary, rows, meetings = taken(corpus / source / name, **asked)
    unread = {str(row[0]) for row in rows if row[3] == Kind.UNREAD}
    counted = [entry.lines for entry in reading.unread]
    unexplained = reading.lines - len(rows) - sum(counted) + len(unread - {*expected["unread"]})
    record_property("corpus", [source, format_.name, reading.lines, len(rows), unexplained])
    assert unexplained == 0
    assert unread == {*expected["unread"]}
    assert (format_.name, reading.lines) == (expected["format"], expected["lines"])
    assert people(rows) == expected["people"]
    assert [[entry.line, entry.reason] for entry in sorted(reading.unread)] == expected["left"]
    assert [meeting(minutes) for minutes in meetings] == expected["meetings"]
    assert secretary.undated == []


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [log for log in LOGS if "asked" in log[2]],
    ids=[f"{source}/{name}" for source, name, expected in LOGS if "asked" in expected],
)
def test_what_is_asked_for_is_needed(corpus, source, name, expected):
    *_, meetings = taken(corpus / source / name)
    assert meetings == []


def test_no_log_is_left_out(corpus):
    """Each file of the corpus is expected here, is a page of a log or minutes, or no log."""
    there = {
        f"{path.parent.name}/{path.name}"
        for path in corpus.glob("*/*")
        if path.is_file() and path.suffix != ".jsonl"
    }
    pages = {log.removesuffix(".log.txt") + page for log, page in LOGS_AND_PAGES}
    known = {f"{source}/{name}" for source, name, _ in LOGS} | pages | {*MINUTES}
    assert there == known


@pytest.mark.parametrize("name", MINUTES)
def test_minutes_are_no_log(corpus, name):
    with pytest.raises(NotALog) as refused:
        taken(corpus / name)
    assert str(refused.value).startswith("These are the minutes of a meeting, not its log.")


@pytest.mark.parametrize(("log", "page"), LOGS_AND_PAGES)
def test_a_page_gives_the_same_as_the_log_beside_it(corpus, log, page):
    (one,) = taken(corpus / log)[-1]
    (other,) = taken(corpus / (log.removesuffix(".log.txt") + page))[-1]
    assert one.raw == other.raw
    assert (one.items, one.people, one.started_at) == (other.items, other.people, other.started_at)
