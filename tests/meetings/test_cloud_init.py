"""27 real logs against the pages that were published of them.

The live bot recorded each meeting, and a person published its minutes as a web page;
published-minutes.jsonl holds what stands on these pages. Where our minutes and the published ones
differ, the tables below say so, line by line, and why.
"""

import json
import re
from collections import Counter

import pytest

from meetings.models import Item, Meeting
from tests.meetings.minutes_pages import read_html, read_text

pytestmark = [pytest.mark.once, pytest.mark.corpus, pytest.mark.django_db]

LEFT_OUT = "the page leaves this bare address out"
ONCE = "the page has this address less often than the log: as #link, not bare as well"
ELSEWHERE = "it stands on the page, above the first topic, where the collection did not look"
NOT_ECHOED = "the live bot took no notice: it echoed every other action, but not this one"
NO_TOPIC = "the live bot took no notice: what follows stands above the first topic of the page"
REWRITTEN = "the page was rewritten by hand"
NO_SUBTOPIC = "the live bot wrote a #subtopic as a line of text with its time"

# day, group on the page, line of the log
OURS_ALONE = {
    ("2017-09-18", "other", 14): NO_SUBTOPIC,
    ("2017-09-18", "links", 17): ONCE,
    ("2017-09-18", "links", 27): LEFT_OUT,
    ("2017-09-18", "links", 28): LEFT_OUT,
    ("2017-10-02", "links", 13): ONCE,
    ("2017-10-16", "topics", 25): REWRITTEN,
    ("2017-10-16", "links", 33): ONCE,
    ("2017-10-16", "links", 42): ONCE,
    ("2017-10-30", "topics", 5): REWRITTEN,
    ("2017-11-13", "topics", 35): REWRITTEN,
    ("2017-11-13", "links", 9): ONCE,
    ("2017-11-13", "links", 100): ONCE,
    ("2018-01-08", "links", 54): ONCE,
    ("2018-01-22", "links", 55): ONCE,
    ("2018-01-22", "links", 95): LEFT_OUT,
    ("2018-04-02", "links", 45): ONCE,
    ("2018-05-29", "links", 12): ELSEWHERE,
    ("2018-07-02", "links", 7): ELSEWHERE,
    ("2018-07-02", "actions", 12): NOT_ECHOED,
    ("2018-07-02", "actions", 13): NOT_ECHOED,
    ("2018-08-06", "links", 8): ELSEWHERE,
    ("2018-09-04", "topics", 10): NO_TOPIC,
    ("2018-09-04", "links", 16): ELSEWHERE,
    ("2018-09-04", "links", 18): ELSEWHERE,
    ("2018-09-04", "topics", 19): NO_TOPIC,
    ("2018-09-04", "links", 21): ELSEWHERE,
    ("2018-11-12", "links", 7): ELSEWHERE,
    ("2018-11-26", "topics", 8): NO_TOPIC,
    ("2018-11-26", "links", 10): ELSEWHERE,
    ("2018-11-26", "links", 12): ELSEWHERE,
    ("2018-11-26", "links", 16): ELSEWHERE,
    ("2018-11-26", "links", 18): ELSEWHERE,
    ("2018-11-26", "links", 19): ELSEWHERE,
}
# day, group on the page, words of the page
THEIRS_ALONE = {
    ("2017-09-18", "other", "'''Release Preparation''' (16:08)"): NO_SUBTOPIC,
    ("2017-10-16", "topics", "In Progress Development"): REWRITTEN,
    ("2017-10-30", "topics", "In Progess Development"): REWRITTEN,
    ("2017-10-30", "links", "https://launchpad.net/bugs/1728152"): REWRITTEN,
    ("2017-11-13", "topics", "Office Hours next 30 minutes"): REWRITTEN,
}
# lines said: ours, theirs
COUNTED_OTHERWISE = {
    ("2018-01-08", "blackboxsw"): (98, 99),  # the published log has a line less than the bot heard
    # The bot was here as "ubot5`"; the log has "<ubot5>`", with the sign moved into the text.
    ("2018-03-05", "ubot5"): (7, 0),
    ("2018-03-05", "ubot5`"): (0, 7),
    ("2018-03-19", "ubot5"): (8, 0),
    ("2018-03-19", "ubot5`"): (0, 8),
    ("2018-04-16", "ubot5"): (10, 0),
    ("2018-04-16", "ubot5`"): (0, 10),
}
GROUPS = {
    "topic": "topics",
    "link": "links",
    "action": "actions",
    "agreed": "agreed",
    "accepted": "agreed",
    "rejected": "agreed",
}


def plain(text):
    """Without the line breaks and no-break spaces of a page."""
    return " ".join(text.split())


def day(name):
    return name.removeprefix("status-").removesuffix(".log.txt")


@pytest.fixture
def published(cloud_init):
    """What stands on each page, by day."""
    lines = (cloud_init / "published-minutes.jsonl").read_text(encoding="utf-8").splitlines()
    pages = {day(page["file"]): page for page in map(json.loads, lines)}
    assert len(pages) == 27
    return pages


@pytest.fixture
def stored(run, cloud_init):
    """The 27 meetings as they were stored, by day."""
    done = run(*sorted(cloud_init.glob("*.log.txt")))
    assert (done.status, done.err) == (0, "")
    meetings = {
        day(meeting.source.name.rpartition("/")[2]): meeting for meeting in Meeting.objects.all()
    }
    assert len(meetings) == 27
    return meetings


def ours(meeting):
    """Group on the page, words and line of every item that counts, in the order of matching.

    Where the same words stand twice, the pages kept the #link before the bare address, and what
    was said under a topic before what was said above the first.
    """
    said = dict(meeting.lines.values_list("number", "text"))
    items = Item.objects.standing().filter(meeting=meeting).order_by("-line")
    return [
        (GROUPS.get(item.kind, "other"), plain(item.text), item.line)
        for item in sorted(items, key=lambda item: not said[item.line].startswith("#"))
    ]


def test_every_item_is_on_the_page_and_every_item_of_the_page_is_ours(stored, published):
    ours_alone, theirs_alone = set(), set()
    for date, page in published.items():
        theirs = Counter(
            (group, plain(words))
            for group in ("topics", "links", "actions", "agreed", "other")
            for words in page[group]
        )
        for group, words, line in ours(stored[date]):
            if theirs[group, words]:
                theirs[group, words] -= 1
            else:
                ours_alone.add((date, group, line))
        theirs_alone |= {(date, *item) for item in theirs.elements()}
    assert ours_alone == set(OURS_ALONE)
    assert theirs_alone == set(THEIRS_ALONE)


def exported(page):
    """Group on the page and words of every item of our own minutes."""
    items = []
    for _, words, _ in page.summary:
        said = re.sub(r"\s+\([^()]+, \d\d:\d\d:\d\d\)$", "", words)
        kind, colon, text = said.partition(": ")
        known = colon and kind.isupper() and kind.lower() in {*GROUPS, "idea", "help", "subtopic"}
        items.append((kind.lower() if known else "", text if known else said))
    return items


def test_our_own_minutes_differ_from_the_page_in_nothing_but_that(stored, published, client):
    """The tables above hold for what is stored; what is exported has all of that, in its order."""
    for date, meeting in stored.items():
        pages = [
            read(client.get(f"{meeting.get_absolute_url()}minutes.{end}").getvalue().decode())
            for read, end in ((read_text, "txt"), (read_html, "html"))
        ]
        wanted = [
            (item.kind if item.kind not in {"topic", "info"} else "", plain(item.text))
            for item in Item.objects.standing().filter(meeting=meeting).order_by("line", "pk")
        ]
        assert [(kind, plain(text)) for kind, text in exported(pages[0])] == wanted, date
        assert [plain(text) for _, text in exported(pages[1]) if text] == [
            plain(text) for _, text in wanted if text
        ], date
        for page in pages:
            actions = [plain(text) for kind, text in wanted if kind == "action"]
            assert [action for action in page.actions if action != "(none)"] == actions
            people = published[date]["people"]
            otherwise = {
                (date, nick): (page.people.get(nick, 0), people.get(nick, 0))
                for nick in page.people.keys() | people.keys()
                if page.people.get(nick, 0) != people.get(nick, 0)
            }
            assert otherwise == {
                where: counts for where, counts in COUNTED_OTHERWISE.items() if where[0] == date
            }


def test_our_own_logs_are_the_same_meetings_when_they_come_back(stored, run, client, tmp_path):
    before = list(Meeting.objects.order_by("pk").values())
    for meeting in stored.values():
        log = client.get(f"{meeting.get_absolute_url()}log.txt").getvalue()
        (tmp_path / f"{meeting.slug}.log.txt").write_bytes(log)
    done = run("--json", tmp_path)
    assert (done.status, done.json["errors"], done.json["skipped"]) == (0, [], [])
    assert [meeting["created"] for meeting in done.json["meetings"]] == [False] * 27
    assert list(Meeting.objects.order_by("pk").values()) == before


def test_an_address_that_the_collection_missed_stands_on_the_page(stored, cloud_init):
    for (date, _, line), reason in OURS_ALONE.items():
        page = (cloud_init / f"status-{date}.html").read_text(encoding="utf-8")
        summary = page.partition("People present")[0]
        address = stored[date].items.get(line=line).url
        if address and reason in {ELSEWHERE, ONCE, LEFT_OUT}:
            assert (f'<strong>LINK</strong>: <a href="{address}"' in summary) == (
                reason != LEFT_OUT
            ), (date, line)


def test_the_bot_echoed_every_action_but_those_that_the_page_has_not(stored):
    not_echoed = set()
    for date, meeting in stored.items():
        lines = {line.number: line for line in meeting.lines.all()}
        for action in meeting.items.filter(kind="action"):
            echo = lines[action.line + 1]
            if (echo.kind, plain(echo.text)) != ("bot", plain(action.text)):
                not_echoed.add((date, "actions", action.line))
    assert not_echoed == {where for where, why in OURS_ALONE.items() if why == NOT_ECHOED}


def test_everybody_is_counted_as_the_bot_counted_them(stored, published):
    otherwise = {}
    for date, page in published.items():
        lines = Counter(stored[date].lines.values_list("nick", flat=True))
        assert set(stored[date].people) | set(stored[date].bots) == set(lines)
        for nick in lines.keys() | page["people"].keys():
            if lines[nick] != page["people"].get(nick, 0):
                otherwise[date, nick] = (lines[nick], page["people"].get(nick, 0))
    assert otherwise == COUNTED_OTHERWISE


def test_bots_are_apart_from_the_people(stored, published):
    for date, meeting in stored.items():
        assert meeting.bots == ["meetingology", "ubot5"]
        people = Counter(meeting.lines.exclude(kind="bot").values_list("nick", flat=True))
        assert meeting.people == people
        assert set(meeting.people) == {
            nick
            for nick in published[date]["people"]
            if nick not in {"meetingology", "ubot5", "ubot5`"}
        }


def test_each_meeting_was_when_its_page_says(stored, published):
    said = {date: page["info_line"].rpartition(", ")[2] for date, page in published.items()}
    assert {
        date: f"{meeting.started_at:%d %b at %H:%M} — {meeting.ended_at:%H:%M} UTC"
        for date, meeting in stored.items()
    } == said
    assert {date: f"{meeting.started_at:%Y-%m-%d}" for date, meeting in stored.items()} == {
        date: date for date in published
    }
    assert {(meeting.dated_by, meeting.profile) for meeting in stored.values()} == {
        ("bot", "meetingology")
    }


def test_nothing_but_the_frame_of_the_page_is_outside_the_meetings(run, cloud_init):
    logs = sorted(cloud_init.glob("*.log.txt"))
    report = run("--json", "--dry-run", *logs).json
    assert report["errors"] == []
    sizes = {log: len(log.read_text(encoding="utf-8").splitlines()) for log in logs}
    frame = [
        {"path": str(log), "line": size, "reason": "1 line left out, of the page around the log"}
        for log, size in sizes.items()
    ]
    early = cloud_init / "status-2018-02-16.log.txt"
    talk = {"path": str(early), "line": 1, "reason": "5 lines from here on are outside any meeting"}
    place = frame.index({"path": str(early), "line": sizes[early], "reason": frame[0]["reason"]})
    assert report["skipped"] == [*frame[:place], talk, *frame[place:]]


# day and line of the log: whose the action is, whom else it names, whether it is carried over
ACTIONS = {
    ("2017-12-11", 190): (("blackboxsw",), (), False),
    ("2018-04-30", 118): (("blackboxsw",), ("mgerdts",), False),
    ("2018-05-14", 89): (("blackboxsw",), (), False),
    ("2018-05-14", 92): (("robjo",), ("rharper",), False),
    ("2018-05-14", 98): (("blackboxsw",), (), True),
    ("2018-06-18", 11): (("blackboxsw",), ("robjo",), False),
    ("2018-06-18", 14): (("blackboxsw",), (), True),
    ("2018-06-18", 122): (("blackboxsw",), (), False),  # the other's nick is misspelled
    ("2018-07-02", 12): (("blackboxsw",), (), True),
    ("2018-07-02", 13): (("blackboxsw",), (), True),
    ("2018-07-02", 19): (("blackboxsw",), (), True),
    ("2018-08-06", 13): (("blackboxsw",), (), False),  # who says "I", the other being absent
    ("2018-08-20", 44): (("blackboxsw",), (), False),
    ("2018-10-15", 98): ((), (), False),
    ("2018-10-15", 107): (("paulmey",), (), False),
    ("2018-10-29", 10): ((), (), False),
    ("2018-10-29", 15): (("blackboxsw",), (), False),
}


def test_each_action_is_theirs_to_whom_a_person_would_give_it(run, cloud_init):
    report = run("--json", "--dry-run", *sorted(cloud_init.glob("*.log.txt"))).json
    assert {
        (meeting["started_at"][:10], item["line"]): (
            tuple(item["assignees"]),
            tuple(item["mentioned"]),
            item["carried"],
        )
        for meeting in report["meetings"]
        for item in meeting["items"]
        if item["kind"] == "action"
    } == ACTIONS
