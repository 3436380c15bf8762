"""Dates and times in words, and documents that are not what they seem: all in our own words."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases import schedules
from releases.models import ChangeKind, MilestoneKind
from releases.moments import moment
from releases.schedules import kubernetes_exceptions, openstack, plan
from releases.schedules.documents import read_yaml
from releases.schedules.spoken import find_dates, find_times
from tests.factories import utc

DATES = [
    ("27 August 2026", "2026-08-27", None),
    ("27th of August, 2026", "2026-08-27", None),
    ("August 27, 2026", "2026-08-27", None),
    ("Aug 27th 2026", "2026-08-27", None),
    ("Thursday, August 27, 2026", "2026-08-27", None),
    ("Thurs 27 Aug 2026", "2026-08-27", None),
    ("27 August 2026 (Thursday)", "2026-08-27", None),
    ("01 September 2026", "2026-09-01", None),
    ("24-28 August 2026", "2026-08-24", "2026-08-28"),
    ("August 24 - 28, 2026", "2026-08-24", "2026-08-28"),
    ("August 31 to September 4", "2026-08-31", "2026-09-04"),
    ("31 August \N{EN DASH} 4 September 2026", "2026-08-31", "2026-09-04"),
    ("Tuesday 25th - Friday 28th August 2026", "2026-08-25", "2026-08-28"),
    ("28 December - 3 January", "2026-12-28", "2027-01-03"),
    ("29 February 2024", "2024-02-29", None),
]


@pytest.mark.parametrize(("words", "first", "last"), DATES)
def test_a_date_is_read_in_the_ways_in_which_it_is_written(words, first, last):
    (one,) = find_dates(f"It ends on {words} (at noon).")
    day = one.on(2026)
    assert (str(day), str(one.last(2026)), one.wrong_weekday(day)) == (first, last or first, "")


@pytest.mark.parametrize(
    "words", ["version 2026.1", "12 apples", "2026-08-27", "May we?", "Mark 5", "1:27 August", ""]
)
def test_what_is_no_date_in_words_is_none(words):
    assert find_dates(words) == []


@pytest.mark.parametrize(
    ("words", "weekday", "ordinal", "is_week", "day"),
    [
        ("Friday 27 August 2026", "is a Thursday, not a Friday.", "", False, "2026-08-27"),
        ("26nd August 2026", "", "26nd", False, "2026-08-26"),
        ("12nd August 2026", "", "12nd", False, "2026-08-12"),
        ("the week of August 24, 2026", "", "", True, "2026-08-24"),
        ("30 February 2026", "", "", False, "None"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(words, weekday, ordinal, is_week, day):
    (one,) = find_dates(words)
    found = one.on(2026)
    assert (str(found), one.ordinal, one.is_week) == (day, ordinal, is_week)
    assert (one.wrong_weekday(found) if found else "").endswith(weekday)


TIMES = [
    ("23:59 UTC", utc(2026, 8, 27, 23, 59)),
    ("18:00 PDT", utc(2026, 8, 28, 1)),
    ("6:00 pm PDT", utc(2026, 8, 28, 1)),
    ("12:30am UTC", utc(2026, 8, 27, 0, 30)),
    ("1400-1600 UTC", utc(2026, 8, 27, 14)),
    ("EOD PDT", utc(2026, 8, 28, 6, 59)),
    ("(AoE)", utc(2026, 8, 28, 12)),
    ("02:00 BST", utc(2026, 8, 27, 1)),
]


@pytest.mark.parametrize(("words", "at"), TIMES)
def test_a_time_is_an_instant_with_its_zone(words, at):
    (one,) = find_times(words)
    assert one.literally(date(2026, 8, 27), UTC) == at


@pytest.mark.parametrize(
    "words", ["1400", "13pm UTC", "25:00 UTC", "ratio 3:99", "noon", "2016-17"]
)
def test_what_is_no_time_is_none(words):
    assert find_times(words) == []


@given(st.text(alphabet="0123456789 -/:,()abcdefJMSTUWPDFGeptumbrhoyiAn|[]*\n", max_size=300))
def test_no_text_breaks_the_reading_of_dates_and_times(text):
    for one in find_dates(text):
        one.nearest(date(2026, 1, 1))
        one.last(2026)
    for one in find_times(text):
        one.literally(date(2026, 1, 1), UTC)


@given(st.text(max_size=400), st.sampled_from([*schedules.KINDS, "exceptions"]))
def test_no_text_breaks_a_reader(text, kind):
    reader = kubernetes_exceptions.read if kind == "exceptions" else schedules.read
    options = {} if kind == "exceptions" else {"kind": kind}
    with suppress(schedules.Unreadable):
        reader(text, **options)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
HOSTILE = [
    (BOMB, "Line 2: an alias"),
    ("cycle: " + "[" * 50 + "]" * 50, "nested deeper than 20 levels"),
    ("x" * (1 << 20) + "x", "a schedule fits in"),
    ("cycle: {", "Line 1: "),
    (
        "cycle:\n  - start: '2026-08-24'\n    start: '2026-08-31'\n",
        "Line 3: “start” is given twice",
    ),
    ("cycle: \x00", "Line 1: special characters are not allowed"),
    ("", "It has no `cycle`"),
]


@pytest.mark.parametrize(("text", "why"), HOSTILE)
def test_a_hostile_document_is_refused_by_its_line(text, why):
    with pytest.raises(schedules.Unreadable, match=why.replace("[", r"\[")):
        openstack.read(text)


def test_a_tag_makes_nothing():
    tree = read_yaml("a: !!python/object/apply:os.system ['echo']\n")
    assert [item.text for item in tree.get("a").items] == ["echo"]


def test_a_version_stays_as_it_was_written():
    text = "releases:\n- version: 1.30\n  timeline: []\n- version: 1.3\n  timeline: []\n"
    assert schedules.read(text, hints=schedules.Hints(version="1.30")).version == "1.30"
    with pytest.raises(
        schedules.Unreadable, match=r"more than one release; there are: 1\.30, 1\.3"
    ):
        schedules.read(text)
    with pytest.raises(schedules.Unreadable, match=r"no version 1\.4"):
        schedules.read(text, hints=schedules.Hints(version="1.4"))
    assert read_yaml("a: 1.30").words("a") == "1.30"


WEBSITE = """
releases:
- version: 1.99
  timeline:
  - what: "**Begin [Code Freeze]** (18:00 PST)"
    when: Tue November 16, 2021
    week: week 13
  - what: KubeCon
    when: October 11-15, 2021
    week: week 8
  - what: Start of Release Cycle
    when: Mon August 23, 2021
    week: week 1
  - what: Retrospective
    when: TBD
  - what: "**v1.99.0 released**"
    when: Wed December 7, 2021
    week: week 16
"""


def test_the_website_file_is_read_with_its_time_in_the_name_and_its_open_dates():
    found = schedules.read(WEBSITE)
    rows = {m.slug: (m.at, m.kind, m.line) for m in found.milestones if not m.choices}
    assert rows["code-freeze"] == (utc(2021, 11, 17, 2), "feature-freeze", 5)
    assert rows["kubecon"] == (utc(2021, 10, 11, 23, 59), "other", 8)
    assert found.notes == ("Line 14: “Retrospective” has no date that can be read (“TBD”).",)
    (finding,) = found.warnings
    assert (finding.code, finding.line, list(finding.choices)) == (
        "weekday",
        16,
        ["date", "weekday"],
    )
    assert finding.choices["weekday"] == utc(2021, 12, 8, 23, 59)


def test_a_week_that_does_not_fit_its_date_is_a_remark():
    found = schedules.read(WEBSITE.replace("week: week 13", "week: week 12"))
    finding = found.warnings[0]
    assert (finding.code, finding.line, finding.choices) == ("week", 5, {})


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Somebody//EN
X-WR-CALNAME:Cactus Release Schedule
BEGIN:VEVENT
UID:one@example.org
SUMMARY:Feature freeze
DTSTART;TZID=America/Los_Angeles:20260827T180000
END:VEVENT
BEGIN:VEVENT
UID:two@example.org
SUMMARY:Final release
DTSTART;VALUE=DATE:20260930
DESCRIPTION:On Thursday September 30
END:VEVENT
BEGIN:VEVENT
UID:three@example.org
SUMMARY:No date
END:VEVENT
BEGIN:VEVENT
UID:one@example.org
SUMMARY:Once more
DTSTART:20260901T000000Z
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_is_read_by_uid_with_its_zones_and_what_was_left_out():
    found = schedules.read(CALENDAR)
    assert [(m.slug, m.at, m.kind, m.line) for m in found.milestones] == [
        ("one", utc(2026, 8, 28, 1), "feature-freeze", 5),
        ("two", utc(2026, 9, 30, 23, 59), "release", 10),
    ]
    assert (found.name, [(f.code, f.line) for f in found.warnings]) == ("Cactus", [("weekday", 10)])
    assert found.notes == (
        "Line 16: “No date” has no DTSTART that is a date or a time; it was left out.",
        "Line 20: “Once more” is there twice; the first was taken.",
    )


def test_the_words_for_kinds_are_those_of_the_records():
    kinds, blocks = set(), set()
    for module in (openstack, schedules.ics, __import__("releases.schedules.cells", fromlist="x")):
        for _, kind, blocked in module._KINDS:  # noqa: SLF001 the table is what is tested
            kinds.add(kind)
            blocks |= set(blocked)
    assert kinds | {"release"} <= set(MilestoneKind.values)
    assert blocks <= set(ChangeKind.values)


def test_a_slug_and_a_name_fit_the_record():
    assert plan.slug_of("\N{ROCKET} Ünïcode — Freeze!") == "unicode-freeze"
    assert (plan.slug_of("…"), len(plan.slug_of("a-" * 99)) <= 64) == ("milestone", True)
    assert (len(plan.name_of("x" * 500)), plan.name_of("a\u202e\nb")) == (120, "a b")


def test_an_instant_is_said_in_utc():
    assert moment(datetime(2026, 8, 27, 23, 59, tzinfo=UTC)) == "Thu 27 August 2026 23:59 UTC"
