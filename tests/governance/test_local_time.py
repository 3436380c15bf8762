"""Gaps and folds: every change of the clocks of 2026 in ten zones."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.local_time import AmbiguousTime, NoSuchTime, instant_of


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 a time on a wall


# zone -> the local times at which its clocks go forward (gaps) and back (folds) in 2026:
# (first time that is skipped or comes twice, how many minutes)
GAPS = {
    "America/New_York": [(naive(2026, 3, 8, 2), 60)],
    "America/Santiago": [(naive(2026, 9, 6, 0), 60)],
    "America/St_Johns": [(naive(2026, 3, 8, 2), 60)],
    "Europe/Paris": [(naive(2026, 3, 29, 2), 60)],
    "Europe/Dublin": [(naive(2026, 3, 29, 1), 60)],
    "Africa/Cairo": [(naive(2026, 4, 24, 0), 60)],
    "Africa/Casablanca": [(naive(2026, 3, 22, 2), 60)],
    "Australia/Lord_Howe": [(naive(2026, 10, 4, 2), 30)],
    "Antarctica/Troll": [(naive(2026, 3, 29, 1), 120)],
    "Pacific/Chatham": [(naive(2026, 9, 27, 2, 45), 60)],
}
FOLDS = {
    "America/New_York": [(naive(2026, 11, 1, 1), 60)],
    "America/Santiago": [(naive(2026, 4, 4, 23), 60)],
    "America/St_Johns": [(naive(2026, 11, 1, 1), 60)],
    "Europe/Paris": [(naive(2026, 10, 25, 2), 60)],
    "Europe/Dublin": [(naive(2026, 10, 25, 1), 60)],
    "Africa/Cairo": [(naive(2026, 10, 29, 23), 60)],
    "Africa/Casablanca": [(naive(2026, 2, 15, 2), 60)],
    "Australia/Lord_Howe": [(naive(2026, 4, 5, 1, 30), 30)],
    "Antarctica/Troll": [(naive(2026, 10, 25, 1), 120)],
    "Pacific/Chatham": [(naive(2026, 4, 5, 2, 45), 60)],
}
ZONES = sorted(GAPS)
SECOND = timedelta(seconds=1)


def first_and_last(spans):
    """The first and the last second of each span."""
    ends = [(start, start + timedelta(minutes=minutes) - SECOND) for start, minutes in spans]
    return [end for pair in ends for end in pair]


def around(spans):
    """The seconds just outside of each span."""
    outside = [(start - SECOND, start + timedelta(minutes=minutes)) for start, minutes in spans]
    return [second for pair in outside for second in pair]


def changes_of_2026(zone):
    """How often the clocks change, as the zone's own data have it."""
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in range(8760)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return sum(one != other for one, other in pairwise(offsets))


@pytest.mark.parametrize("name", ZONES)
def test_the_table_has_every_change_of_the_clocks(name):
    assert changes_of_2026(ZoneInfo(name)) == len(GAPS[name]) + len(FOLDS[name])


@pytest.mark.parametrize("name", ZONES)
def test_a_time_that_the_clocks_jump_over_is_refused(name):
    for local in first_and_last(GAPS[name]):
        with pytest.raises(NoSuchTime):
            instant_of(local, ZoneInfo(name))


@pytest.mark.parametrize("name", ZONES)
def test_a_time_that_comes_twice_is_refused(name):
    for local in first_and_last(FOLDS[name]):
        with pytest.raises(AmbiguousTime):
            instant_of(local, ZoneInfo(name))


@pytest.mark.parametrize("name", ZONES)
def test_the_seconds_around_a_change_are_ordinary(name):
    for local in around(GAPS[name] + FOLDS[name]):
        instant = instant_of(local, ZoneInfo(name))
        assert instant.astimezone(ZoneInfo(name)).replace(tzinfo=None) == local


def test_a_skipped_time_names_its_neighbours():
    with pytest.raises(NoSuchTime) as refused:
        instant_of(naive(2026, 3, 29, 2, 30), ZoneInfo("Europe/Paris"))
    assert str(refused.value) == (
        "There is no 02:30 on 29 March 2026 in Europe/Paris: the clocks are put forward. Did you"
        " mean 01:30 or 03:30?"
    )


def test_a_skipped_time_whose_neighbour_is_on_another_day_names_the_day():
    with pytest.raises(NoSuchTime) as refused:
        instant_of(naive(2026, 4, 24, 0, 30), ZoneInfo("Africa/Cairo"))
    assert "23:30 on 23 April" in str(refused.value)


def test_a_time_that_comes_twice_names_both_instants():
    with pytest.raises(AmbiguousTime) as refused:
        instant_of(naive(2026, 10, 25, 2, 30), ZoneInfo("Europe/Paris"))
    assert str(refused.value) == (
        "02:30 on 25 October 2026 comes twice in Europe/Paris: the clocks are put back. Give it in"
        " UTC: 00:30 or 01:30."
    )


def test_a_time_that_comes_twice_on_another_day_of_utc_names_that_day():
    """Half past two on Sunday 5 April in Sydney is 15:30 or 16:30 UTC on Saturday."""
    with pytest.raises(AmbiguousTime) as refused:
        instant_of(naive(2026, 4, 5, 2, 30), ZoneInfo("Australia/Sydney"))
    assert "4 April" in str(refused.value)


@settings(max_examples=200)
@given(
    instant=st.datetimes(min_value=naive(1970, 1, 1), max_value=naive(2037, 1, 1)),
    name=st.sampled_from(ZONES),
)
def test_every_instant_comes_back_from_its_local_time_or_is_told_to_be_ambiguous(instant, name):
    instant, zone = instant.replace(tzinfo=UTC), ZoneInfo(name)
    local = instant.astimezone(zone).replace(tzinfo=None)
    try:
        assert instant_of(local, zone) == instant
    except AmbiguousTime:
        twice = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        assert len(twice) == 2
        assert instant in twice


@settings(max_examples=200)
@given(
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31)),
    time=st.times(),
    name=st.sampled_from(ZONES),
)
def test_every_time_on_a_wall_has_its_instant_or_is_refused_in_words(day, time, name):
    local, zone = datetime.combine(day, time), ZoneInfo(name)
    skipped, twice = (
        any(start <= local < start + timedelta(minutes=minutes) for start, minutes in spans[name])
        for spans in (GAPS, FOLDS)
    )
    if skipped or twice:
        with pytest.raises(NoSuchTime if skipped else AmbiguousTime):
            instant_of(local, zone)
    else:
        instant = instant_of(local, zone)
        assert (instant.tzinfo, instant.astimezone(zone).replace(tzinfo=None)) == (UTC, local)


@pytest.mark.parametrize(
    ("local", "zone"),
    [(naive(1, 1, 1), "Asia/Tokyo"), (naive(9999, 12, 31, 23), "America/New_York")],
    ids=["first", "last"],
)
def test_a_time_at_the_end_of_the_calendar_is_refused_as_no_time(local, zone):
    with pytest.raises(ValueError, match=r"\w"):
        instant_of(local, ZoneInfo(zone))
