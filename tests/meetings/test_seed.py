"""The real log that the project starts from, against what a person reads out of it."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from meetings.models import Item, LogLine, Meeting, Source

pytestmark = pytest.mark.corpus

SLUG = "openstack-meeting.2011-03-29-21.00"
# line, clock, kind, line of the topic that it stands under
ITEMS = [
    (6, "21:01:14", "link", None),
    (9, "21:01:41", "topic", 9),
    (15, "21:02:57", "info", 9),
    (16, "21:03:17", "info", 9),
    (17, "21:03:48", "topic", 17),
    (174, "21:27:58", "link", 17),
    (198, "21:30:37", "link", 17),
    (228, "21:37:03", "topic", 228),
    (240, "21:38:30", "link", 228),
    (250, "21:40:46", "topic", 250),
]
LINKS = [
    (24, "proposal:launchpad:54464"),
    (174, "proposal:launchpad:54805"),
    (195, "proposal:github:termie/nova#1"),
    (198, "proposal:launchpad:54453"),
]
COUNTS = {Source: 1, Meeting: 1, LogLine: 379, Item: 10}


@pytest.fixture
def said(seed):
    """What stands behind the nick in each line of the file, the first at index 1."""
    lines = seed.read_text(encoding="utf-8").splitlines()
    return ["", *(re.split(r"[>*] (?:jaypipes )?", line, maxsplit=1)[1] for line in lines)]


def payload(words):
    return re.sub(r"^#\w+ ", "", words)


def items(said):
    """The items as JSON says them; their words are those of the file."""
    return [
        {
            "line": line,
            "at": f"2011-03-29T{clock}Z",
            "nick": "ttx",
            "kind": kind,
            "text": payload(said[line]),
            "topic": payload(said[topic]) if topic else "",
            "url": payload(said[line]) if kind == "link" else "",
            "by_chair": True,
            "counted": True,
            "undone": False,
            "assignees": [],
            "mentioned": [],
            "carried": False,
            "due": None,
        }
        for line, clock, kind, topic in ITEMS
    ]


def meeting(seed, said):
    """The whole meeting as JSON says it."""
    lines = seed.read_text(encoding="utf-8").splitlines()
    people = Counter(re.match(r"\S+ +(?:<(\S+)>|\* (\S+))", line).group(1, 2) for line in lines)
    people = Counter({speech or action: 0 for speech, action in people}) + Counter(
        (speech or action) for speech, action in people.elements()
    )
    assert people.pop("openstack") == 2
    return {
        "slug": SLUG,
        "title": "#openstack-meeting",
        "channel": "openstack-meeting",
        "started_at": "2011-03-29T21:00:49Z",
        "ended_at": "2011-03-29T22:00:41Z",
        "chairs": ["ttx"],
        "people": dict(people),
        "bots": ["openstack"],
        "lines": 379,
        "created": True,
        "format": "meetbot",
        "format_why": "379 of the first 379 lines have a shape of MeetBot .log.txt;"
        " second comes W3C RRSAgent log with 379",
        "profile": "classic",
        "dated_by": "bot",
        "clock_correction_seconds": 0,
        "warnings": [],
        "items": items(said),
        "links": [
            {
                "line": line,
                "target": target,
                "how": "url",
                "words": re.search(r"https://\S+", said[line])[0],
            }
            for line, target in LINKS
        ],
    }


def without_suggestions(report):
    """The report without what is made of names and prose, which have tests of their own."""
    for one in report["meetings"]:
        one.pop("suggestions")
        one["links"] = [link for link in one["links"] if link["how"] == "url"]
    return report


def test_the_seed_gives_what_a_person_reads_out_of_it(run, seed, said):
    done = run("--json", seed)
    assert (done.status, done.err) == (0, "")
    expected = meeting(seed, said)
    assert (len(expected["people"]), sum(expected["people"].values())) == (21, 377)
    assert without_suggestions(done.json) == {
        "meetings": [expected],
        "skipped": [],
        "errors": [],
    }


def test_the_seed_gives_the_same_in_a_process_of_its_own(process, seed, said):
    first, second = (process("--json", seed) for _ in range(2))
    assert (first.status, first.err, second.status, second.err) == (0, "", 0, "")
    expected = meeting(seed, said)
    assert without_suggestions(first.json)["meetings"] == [expected]
    assert without_suggestions(second.json)["meetings"] == [expected | {"created": False}]


def test_the_seed_is_stored_as_it_was_read(run, seed, said):
    run(seed)
    stored = Meeting.objects.get()
    expected = meeting(seed, said)
    for name in "slug title channel chairs people bots profile dated_by warnings".split():
        assert getattr(stored, name) == expected[name]
    assert stored.line_count == 379
    assert (stored.started_at, stored.ended_at) == (
        datetime(2011, 3, 29, 21, 0, 49, tzinfo=UTC),
        datetime(2011, 3, 29, 22, 0, 41, tzinfo=UTC),
    )
    computed = {"at", "due", "mentioned", "carried"}
    assert [
        {name: getattr(item, name) for name in items(said)[0] if name not in computed}
        | {"at": f"{item.at:%Y-%m-%dT%H:%M:%SZ}", "due": None, "mentioned": [], "carried": False}
        for item in Item.objects.order_by("line")
    ] == items(said)


def test_every_line_of_the_seed_is_stored_to_the_letter(run, seed):
    run(seed)
    assert [
        f"{line.at:%H:%M:%S} * {line.nick} {line.text}"
        if line.kind == "action"
        else f"{line.at:%H:%M:%S} <{line.nick}> {line.text}"
        for line in LogLine.objects.all()
    ] == seed.read_text(encoding="utf-8").splitlines()
    assert list(LogLine.objects.values_list("number", flat=True)) == list(range(1, 380))
    kinds = Counter(LogLine.objects.values_list("kind", flat=True))
    assert kinds == {"speech": 376, "bot": 2, "action": 1}


def test_what_jaypipes_does_and_what_soren_quotes_are_their_own(run, seed, said):
    run(seed)
    lines = dict(
        LogLine.objects.filter(number__in=[203, 233]).values_list("number", "nick").iterator()
    )
    assert lines == {203: "jaypipes", 233: "soren"}
    assert LogLine.objects.get(number=203).kind == "action"
    quoted = LogLine.objects.get(number=233)
    assert (quoted.kind, quoted.text) == ("speech", said[233])
    assert quoted.text.startswith("21:36 < ttx> ")


def test_a_second_import_of_the_seed_changes_nothing(run, seed):
    first = run(seed)
    before = {model: list(model.objects.order_by("pk").values()) for model in COUNTS}
    assert {model: len(rows) for model, rows in before.items()} == COUNTS
    second = run(seed)
    assert {model: list(model.objects.order_by("pk").values()) for model in COUNTS} == before
    told = (
        "#openstack-meeting, 2011-03-29 21:00 UTC, 379 lines, 21 people; 4 link, 4 topic, 2 info.\n"
    )
    assert (first.status, first.out) == (0, f"{SLUG}: imported. {told}")
    assert (second.status, second.out) == (0, f"{SLUG}: already there, unchanged. {told}")
