"""Deadlines in words: the notations collected, the rules behind them, and any text at all."""

import tomllib
from datetime import timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from governance.deadlines import Anchor, find_deadlines, find_zone, read_deadline, zone_named
from governance.forms import in_digits
from tests.factories import utc
from tests.properties import deadlines
from tests.properties.deadlines import PIECES

TABLE = Path(__file__).parents[1] / "data" / "deadlines.toml"
READ_FROM = tomllib.loads(TABLE.read_text(encoding="utf-8"))
NOTATIONS = READ_FROM["notation"]
CACTUS = tuple(Anchor(**milestone) for milestone in READ_FROM["milestone"])
NOON = utc(2011, 3, 29, 12)  # a Tuesday
PLAIN = {
    "at": None,
    "zone": None,
    "zone_source": "none",
    "bound_to": None,
    "missing": "",
    "warnings": (),
    "spread_words": "",
    "unread": "",
    "moved_from": None,
    "with_meeting": False,
}


def read(words, at=NOON, zone="UTC", **around):
    around = {"milestones": CACTUS, "zone": zone and ZoneInfo(zone)} | around
    return read_deadline(words, said_at=at, **around)


def shown(reading):
    fields = {name: getattr(reading, name) for name in (*PLAIN, "sure")}
    if reading.missing in {"not-a-deadline", "zone", "milestone", "meeting"}:
        fields["warnings"] = ()  # said by `missing` already
    return fields


@pytest.mark.parametrize("row", NOTATIONS, ids=lambda row: row["row"])
def test_each_notation_is_read_as_its_row_says(row):
    doubt = "doubtful" if row.get("missing") or row.get("warns") else "sure"
    expected = PLAIN | {
        "at": row.get("at"),
        "zone": row.get("read_zone"),
        "zone_source": row.get("zone_source", "none"),
        "bound_to": row.get("bound_to"),
        "missing": row.get("missing", ""),
        "warnings": tuple(row.get("warns", ())),
        "spread_words": row.get("spread", shown_spread(row)),
        "unread": row.get("unread", ""),
        "moved_from": row.get("moved_from"),
        "with_meeting": row.get("with_meeting", False),
        "sure": row.get("sure", doubt),
    }
    reading = read(
        row["words"], row["said_at"], row.get("zone"), next_meeting=row.get("next_meeting")
    )
    assert shown(reading) == expected


def shown_spread(row):
    """A date that is none of the days it could be has both; the rows do not repeat them."""
    return "22 December 2022 23:59 to 23 December 2023 00:00 UTC" if row["row"] == "31" else ""


def test_every_row_of_the_collection_has_a_notation():
    assert {int(row["row"].split()[0]) for row in NOTATIONS} == set(range(1, 39))


@pytest.mark.parametrize(
    "words",
    ["2 days ago", "EOD yesterday Hawaii time", "last Friday 18:00 UTC", "18:00 UTC yesterday"],
)
def test_what_tells_of_the_past_is_no_deadline_and_says_so(words):
    reading = read_deadline(words, said_at=SATURDAY)
    assert (reading.at, reading.missing) == (None, "not-a-deadline")
    assert reading.warnings == ("That tells of what is past: say when it ends.",)
    assert find_deadlines(f"it stood until {words}", said_at=SATURDAY) == []


# --- Days and times -------------------------------------------------------------------------------

SATURDAY = utc(2011, 4, 2, 12)
READ = {
    "2011-03-30 00:00": utc(2011, 3, 30),
    "2011-03-30T10:00:00Z": utc(2011, 3, 30, 10),
    "2011-03-30T10:00+02:00": utc(2011, 3, 30, 8),
    "2011-03-30": utc(2011, 3, 31),
    "EOD Friday Hawaii": utc(2011, 4, 2, 10),
    "end of day on Friday, UTC+5:30": utc(2011, 4, 1, 18, 30),
    "noon tomorrow New York": utc(2011, 3, 30, 16),
    "5pm Friday Europe/Paris": utc(2011, 4, 1, 15),
    "24:00 on Thursday": utc(2011, 4, 1),
    "23:59:59 on 31 March": utc(2011, 4, 1),
    "23:59:00 on 31 March": utc(2011, 3, 31, 23, 59),
    "11:59 pm on 31 March": utc(2011, 4, 1),
    "EOD AoE": utc(2011, 3, 30, 12),
    "+1 business day": utc(2011, 3, 31),
    "4 business days": utc(2011, 4, 5),
    "+ 3 days": utc(2011, 4, 1, 12),
    "for another two hours": utc(2011, 3, 29, 14),
    "the day after tomorrow": utc(2011, 4, 1),
    "end of next week Friday": utc(2011, 4, 9),
    "Sat": utc(2011, 4, 3),
    "18:00 JST on 31 March": utc(2011, 3, 31, 9),
    "7 April 2012": utc(2012, 4, 8),
    "tomorrow by 10:00": utc(2011, 3, 30, 10),
    "10 April 18:00": utc(2011, 4, 10, 18),
    "10th April 6 pm": utc(2011, 4, 10, 18),
    "April 10 6pm": utc(2011, 4, 10, 18),
    "29 February 2012": utc(2012, 3, 1),
    "until the end of April": utc(2011, 5, 1),
    "end of the month of April": utc(2011, 5, 1),
    "before the end of April UTC": utc(2011, 5, 1),
    "by end of Feb. 2012": utc(2012, 3, 1),
    "end of the month": utc(2011, 4, 1),
    "end of next month Hawaii": utc(2011, 5, 1, 10),
    "end of April 7": utc(2011, 4, 8),
    "end of Apr. 7": utc(2011, 4, 8),
}


@pytest.mark.parametrize("words", READ)
def test_words_become_the_first_instant_at_which_it_has_passed(words):
    reading = read(words)
    assert (reading.at, reading.sure, reading.warnings) == (READ[words], "sure", ())


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Honolulu"])
def test_an_instant_that_a_form_writes_down_is_read_back_as_that_instant(zone):
    for clock in ((0, 0), (9, 59), (10, 0), (18, 30, 15), (23, 58), (23, 59), (23, 59, 30)):
        at = utc(2011, 4, 7, *clock)
        assert read(in_digits(at, zone)).at == at


DOUBTFUL = {
    "next Friday": (
        utc(2011, 4, 9),
        (
            "“Next Friday” is read as Friday 8 April 2011, in the next week; some mean Friday"
            " 1 April 2011."
        ),
    ),
    "Tuesday": (
        utc(2011, 3, 30),
        "It was said on a Tuesday: that day is taken, not Tuesday 5 April 2011.",
    ),
    "before Friday": (utc(2011, 4, 1), "“Before” leaves Friday 1 April 2011 itself out."),
    "before next week": (utc(2011, 4, 4), "“Before” leaves Monday 4 April 2011 itself out."),
    "this Monday": (utc(2011, 3, 29), "2011-03-29 00:00 UTC was past already when this was said."),
    "20 March": (
        utc(2011, 3, 21),
        "No year was said: Sunday 20 March 2011 is taken, which is past.",
    ),
    "EOD RC1": (
        utc(2011, 4, 10),
        "It is counted from RC1 as now planned, and will not move with it.",
    ),
    "2011-03-01 10:00": (
        utc(2011, 3, 1, 10),
        "2011-03-01 10:00 UTC was past already when this was said.",
    ),
}


@pytest.mark.parametrize("words", DOUBTFUL)
def test_what_people_mean_differently_is_read_with_a_warning(words):
    reading = read(words)
    assert (reading.at, reading.sure) == (DOUBTFUL[words][0], "doubtful")
    assert DOUBTFUL[words][1] in reading.warnings


REFUSED = {
    "4/7": (
        "day",
        (
            "“4/7” does not say which is the month (it could be 7 April or 4 July): write it as a"
            " word, or YYYY-MM-DD."
        ),
    ),
    "31 February": ("day", "There is no day 31 in month 2."),
    "2011-02-30": ("day", "There is no day 2011-02-30."),
    "Friday April 7": (
        "contradiction",
        "7 April 2011 is a Thursday, not a Friday. Did you mean Friday 8 April 2011?",
    ),
    "tomorrow, 7 April": (
        "contradiction",
        (
            "It names two days: Wednesday 30 March 2011 (“tomorrow”) and Thursday 7 April 2011"
            " (“7 April”)."
        ),
    ),
    "10:00 or 11:00 tomorrow": (
        "contradiction",
        "It is said twice and the two differ: 2011-03-30 10:00 UTC and 2011-03-30 11:00 UTC.",
    ),
    "tomorrow 18:00 23:59": ("contradiction", "It says two times of the day: 18:00 and 23:59."),
    "EOD Friday 18:00": ("contradiction", "It says two times of the day: EOD and 18:00."),
    "EOD Hawaii or UTC": ("contradiction", "It names two zones: Pacific/Honolulu and UTC."),
    "EOD BST": (
        "zone",
        "“BST” is the time of several places: Europe/London, Asia/Dhaka. Name one of them.",
    ),
    "9999-12-31 EOD": ("day", "The year 9999 is beyond the calendar of any release."),
    "": ("not-a-deadline", "These words name no time by which something is due."),
}


@pytest.mark.parametrize("words", REFUSED, ids=repr)
def test_what_is_no_one_instant_is_refused_in_words(words):
    reading = read(words)
    assert (reading.at, reading.missing) == (None, REFUSED[words][0])
    assert REFUSED[words][1] in reading.warnings


def test_of_two_parts_of_a_day_the_first_is_taken():
    reading = read("tomorrow morning or Friday afternoon")
    assert (reading.at, reading.sure) == (utc(2011, 3, 31), "fuzzy")
    assert find_deadlines("by tomorrow morning or Friday evening UTC", said_at=NOON) == [
        read_deadline("by tomorrow morning or Friday evening UTC", said_at=NOON)
    ]


def test_a_time_in_the_gap_or_fold_of_a_zone_is_refused_with_its_neighbours():
    gap = read("2012-03-11 02:30", zone="America/New_York")
    fold = read("2011-10-30 02:30", zone="Europe/Paris")
    assert [(one.at, one.missing, one.earliest, one.latest) for one in (gap, fold)] == [
        (None, "time", utc(2012, 3, 11, 6, 30), utc(2012, 3, 11, 7, 30)),
        (None, "time", utc(2011, 10, 30, 0, 30), utc(2011, 10, 30, 1, 30)),
    ]
    assert gap.warnings[0].startswith("There is no 02:30 on 11 March 2012 in America/New_York")
    assert fold.warnings[0].startswith("02:30 on 30 October 2011 comes twice in Europe/Paris")


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/Sao_Paulo", "15 October 2011", utc(2011, 10, 16, 3)),  # no 00:00 on the 16th
        ("Pacific/Apia", "29 December 2011", utc(2011, 12, 30, 10)),  # no 30th at all
        ("America/Havana", "5 November 2011", utc(2011, 11, 6, 4)),  # 00:00 comes twice
    ],
)
def test_a_day_ends_where_the_next_begins_whatever_the_clocks_do(zone, day, end):
    assert read(day, zone=zone).at == end


def test_the_day_of_saying_it_is_taken_in_the_zone_of_the_deadline():
    late = utc(2011, 3, 29, 22, 30)  # the 30th in Paris
    assert [read("EOD today", late, zone).at for zone in ("Europe/Paris", "UTC")] == [
        utc(2011, 3, 30, 22),
        utc(2011, 3, 30),
    ]


def test_this_and_bare_weekdays_go_by_the_day_of_saying_it():
    words = ("this Sunday", "Sunday", "Friday", "next Friday", "EOW")
    assert [read(one, SATURDAY).at for one in words] == [
        utc(2011, 4, 4),
        utc(2011, 4, 4),
        utc(2011, 4, 9),
        utc(2011, 4, 9),
        utc(2011, 4, 4),
    ]


def test_pst_in_winter_is_what_the_clocks_show():
    reading = read("EOD PST", utc(2011, 1, 10, 20))
    assert (reading.at, reading.zone, reading.warnings) == (utc(2011, 1, 11, 8), "UTC-08:00", ())


# --- Zones and milestones -------------------------------------------------------------------------

NAMED = {
    "EOD Hawaii time.": "Pacific/Honolulu",
    "Hawaii": "Pacific/Honolulu",
    "hawaii time": "Pacific/Honolulu",
    "utc of course": "UTC",
    "anywhere on earth": "AoE",
    "UTC+5:30": "UTC+05:30",
    "GMT-7": "UTC-07:00",
    "Etc/GMT+5": "Etc/GMT+5",
    "I am in New York": "America/New_York",
    "Europe/Berlin": "Europe/Berlin",
    "PT": "America/Los_Angeles",
    "PST": "UTC-08:00",
    "Central European Summer Time": "Europe/Paris",
    "CST": None,
    "what timezone?": "no zone",
    "soren: the west is best": "no zone",
    "UTC+19": "UTC",
    "it broke in central places": "no zone",
}


def test_a_zone_is_found_in_an_answer():
    found = {text: find_zone(text) for text in NAMED}
    assert {text: zone.name if zone else "no zone" for text, zone in found.items()} == NAMED


def test_a_zone_named_later_is_used_and_said_to_be_from_there():
    later = find_zone("Hawaii")
    reading = read("EOD today", zone=None)
    assert (reading.missing, reading.zone_source) == ("zone", "none")
    for zone in (later, later.tz):
        reading = read_deadline("EOD today", said_at=NOON, zone=zone, zone_source="later line")
        assert (reading.at, reading.zone, reading.zone_source) == (
            utc(2011, 3, 30, 10),
            "Pacific/Honolulu",
            "later line",
        )


def test_an_abbreviation_on_a_later_line_is_checked_like_one_in_the_words():
    reading = read_deadline(
        "EOD", said_at=NOON, zone=find_zone("PST of course"), zone_source="later line"
    )
    assert (reading.at, reading.zone_source, reading.sure) == (
        utc(2011, 3, 30, 8),
        "later line",
        "doubtful",
    )


def test_a_zone_in_the_words_wins():
    reading = read("EOD UTC", zone="Pacific/Honolulu")
    assert (reading.at, reading.zone, reading.zone_source) == (utc(2011, 3, 30), "UTC", "words")


def test_the_name_of_a_zone_leads_back_to_it():
    names = ("Pacific/Honolulu", "UTC", "UTC-08:00", "UTC+05:30", "AoE", "Etc/GMT+5")
    at = utc(2011, 3, 29)
    assert [zone_named(name).utcoffset(at) / timedelta(hours=1) for name in names] == [
        -10,
        0,
        -8,
        5.5,
        -12,
        -5,
    ]
    assert [zone_named(name) for name in ("", "Hawaii time!", "Mars/Base")] == [None, None, None]


@pytest.mark.parametrize("words", ["R-5", "until the end of R-1"])
def test_counting_from_the_release_needs_a_release(words):
    assert read(words, milestones=CACTUS[:3]).missing == "milestone"


def test_a_kind_names_a_milestone_only_where_one_alone_has_it():
    twice = (*CACTUS, Anchor("other", "OtherFreeze", utc(2011, 4, 8), "hard-freeze"))
    readings = [read("until code freeze", milestones=some) for some in (CACTUS, twice)]
    assert [one.bound_to for one in readings] == ["gammafreeze", None]
    assert readings[1].missing == "milestone"


# --- Inside lines of talk -------------------------------------------------------------------------

TALK = {
    "the exception stands until the end of today.": ["until the end of today"],
    "can land until EOD today. If it passes review, fine": ["until EOD today"],
    "tomorrow or never": ["tomorrow or never"],
    "please merge by Friday, and by 10:00 UTC if you can": ["by Friday", "by 10:00 UTC"],
    "prior to 18:00 UTC on Monday. The soft one: by 10:00 UTC": [
        "prior to 18:00 UTC on Monday",
        "by 10:00 UTC",
    ],
    "until beta-2 then": ["until beta-2"],
    "open until 18:00 or later": ["until 18:00"],
    "freezes late on April 7": ["late on April 7"],
    "it may land until the end of April": ["until the end of April"],
    "I am away at the end of the month": [],
    "it may land until the end of the month after next": [],
    "it may land until 10 April 18.00": ["until 10 April"],
    "I can fix it in a few hours": [],
    "fixed by two lines, reviewed by Bob": [],
    "moved back by two days": [],
    "we are 9 days away from it": [],
    "the sprint is from Wednesday April 27th to Friday April 29th": [],
    "ASAP, or mid-week": [],
    "see https://example.org/2011-03-29/until or 1.2.3": [],
    "last 3 days before release": [],
    "I have a problem with RC1": [],
}


def test_deadlines_are_found_in_talk_and_nothing_else_is():
    found = {text: find_deadlines(text, said_at=NOON, milestones=CACTUS) for text in TALK}
    assert {text: [one.words for one in some] for text, some in found.items()} == TALK
    for text, readings in found.items():
        assert [text[slice(*one.span)] for one in readings] == [one.words for one in readings]


# --- Any text -------------------------------------------------------------------------------------


@settings(deadline=None)  # a slow machine is no finding
@given(words=deadlines.texts, at=deadlines.instants, zone=deadlines.zones)
def test_any_text_is_read_and_is_ahead_or_warned_of_or_says_what_is_missing(words, at, zone):
    deadlines.check(words, at, zone)


def test_a_long_line_costs_no_more_than_its_length():
    hostile = (
        "until " * 5000,
        "in the next " * 3000,
        "R-" * 9000,
        "the end of " * 3000,
        "1" * 30000,
    )
    found = [
        (len(find_deadlines(text, said_at=NOON)), read_deadline(text, said_at=NOON).missing)
        for text in hostile
    ]
    assert [count for count, _ in found] == [0] * len(hostile)


def test_each_pair_of_words_is_read_the_same_inside_spaces():
    for first, second in product(PIECES[:20], repeat=2):
        words = f"{first} {second}"
        assert read(f"  {words} ").at == read(words).at, words
