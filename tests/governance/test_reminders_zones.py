"""The reader's clocks: gaps, folds, the leap day, and both sides of the date line."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from governance.digests import digest_instant, latest_digest
from governance.mails import local_time
from tests.factories import utc

HOUR = timedelta(hours=1)
ZONES = """
America/New_York America/St_Johns America/Santiago Europe/Paris Europe/London Africa/Casablanca
Africa/Cairo Asia/Jerusalem Australia/Lord_Howe Pacific/Auckland
""".split()


def transitions(zone):
    """Each instant of 2026, to the hour, at which the clocks of a zone are put on or back."""
    hours = [utc(2026, 1, 1) + n * HOUR for n in range(365 * 24)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    pairs = zip(hours, pairwise(offsets), strict=False)
    return [at for at, (before, after) in pairs if before != after]


@pytest.mark.parametrize("zone", ZONES)
def test_each_day_has_one_digest_through_every_gap_and_fold_of_2026(zone):
    changes = transitions(zone)
    assert len(changes) >= 2  # a zone without any would prove nothing
    for change in changes:
        first = change.astimezone(ZoneInfo(zone)).date() - timedelta(days=2)
        for hour in range(24):
            days = [
                digest_instant(first + timedelta(days=n), hour=hour, zone=zone) for n in range(5)
            ]
            apart = {later - earlier for earlier, later in pairwise(days)}
            assert all(timedelta(hours=22) <= step <= timedelta(hours=26) for step in apart)
            for at in (days[2], days[2] + HOUR, days[3] - timedelta.resolution):
                assert latest_digest(at, hour=hour, zone=zone) == days[2]


def test_the_digest_of_a_gap_comes_when_the_gap_ends_and_of_a_fold_the_first_time():
    paris = {"zone": "Europe/Paris"}
    assert digest_instant(date(2026, 3, 29), hour=2, **paris) == utc(2026, 3, 29, 1)
    assert digest_instant(date(2026, 10, 25), hour=2, **paris) == utc(2026, 10, 25, 0)


@pytest.mark.parametrize("zone", ZONES)
def test_what_a_mail_says_is_the_time_on_the_readers_clocks_and_in_utc(zone):
    for change in transitions(zone):
        for at in (change - HOUR, change, change + HOUR / 2, change + HOUR, change + 2 * HOUR):
            words = local_time(at, zone)
            local = at.astimezone(ZoneInfo(zone))
            said = words.split(f" in {zone} (")
            assert said[0].startswith(f"{local:%a} {local.day} {local:%B} 2026 {local:%H:%M} ")
            assert said[1].endswith(f"{at:%H:%M} UTC)")


def test_the_two_hours_of_a_fold_read_differently():
    first, second = utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 6, 30)
    assert local_time(first, "America/New_York") == (
        "Sun 1 November 2026 01:30 EDT in America/New_York (05:30 UTC)"
    )
    assert local_time(second, "America/New_York") == (
        "Sun 1 November 2026 01:30 EST in America/New_York (06:30 UTC)"
    )


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (
            "Pacific/Kiritimati",
            "Wed 1 March 2028 01:30 +14 in Pacific/Kiritimati (Tue 29 February 2028 11:30 UTC)",
        ),
        ("Pacific/Pago_Pago", "Tue 29 February 2028 00:30 SST in Pacific/Pago_Pago (11:30 UTC)"),
        ("UTC", "Tue 29 February 2028 11:30 UTC"),
    ],
)
def test_readers_on_both_sides_of_the_date_line_see_their_own_day(zone, words):
    assert local_time(datetime(2028, 2, 29, 11, 30, tzinfo=UTC), zone) == words
