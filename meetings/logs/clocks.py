"""What stands for time in a line, as a Stamp: an instant, or the time since a midnight.

Each of these takes the zone of the log's clock and the log's calendar, and returns what reads a
stamp's text (ValueError: no such time).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from meetings.logs.lines import FIRST_YEAR, LAST_YEAR, Calendar, Stamp, plausible

Clock = Callable[[ZoneInfo | None, Calendar], Callable[[str], Stamp]]

NOON = 12
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
LEAP_YEAR = 2000  # stands for the year that is not said; it has every day
HALF_YEAR = 183
PLAIN_ISO = len("2019-03-04T14:48:25")

_HALVES = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? ?([AaPp])[Mm]$")
_DAY_MONTH = re.compile(r"([0-9]{1,2}) ([A-Za-z]{3})$|([A-Za-z]{3}) {1,2}([0-9]{1,2})$")


@cache
def _time_of_day(clock: str) -> timedelta:
    if not clock:
        raise ValueError("no time of day")
    hours, minutes, *seconds = map(int, clock.split(":"))
    if hours > 23 or minutes > 59 or (seconds and seconds[0] > 60):  # noqa: PLR2004 a clock's own
        raise ValueError(f"{clock} is no time of day")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


@cache
def _time_of_half_day(clock: str) -> timedelta:
    match = _HALVES.match(clock)
    if match is None:
        return _time_of_day(clock)
    hours, minutes, seconds, half = match.groups()
    hour = int(hours)
    if hour <= NOON:  # some clients write 16:05 PM
        hour = hour % NOON + (NOON if half in "Pp" else 0)
    return _time_of_day(f"{hour}:{minutes}:{seconds or '00'}")


def times_of_day(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `21:00` and `21:00:49` as the time since midnight."""
    return _time_of_day


def times_of_half_days(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `09:00 PM`, too."""
    return _time_of_half_day


def times_of_weekdays(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `Tue 11:19`; which Tuesday, the stamp does not tell."""
    return lambda clock: _time_of_day(clock.rpartition(" ")[2])


def no_times(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Lines that carry no time: each counts as the midnight of its day."""
    calendar.timed = False
    return lambda clock: timedelta(0)


def _instant(at: datetime, zone: ZoneInfo | None) -> datetime:
    if not plausible(at):
        raise ValueError(f"{at} is in no year of chat logs")
    return (at if at.tzinfo else at.replace(tzinfo=zone or UTC)).astimezone(UTC)


def iso_instants(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `2019-03-04T14:48:25`, with an offset or in that zone (else UTC), as an instant."""

    def instant(stamp: str) -> datetime:
        at = fromisoformat(f"{stamp}Z" if zone is None and len(stamp) == PLAIN_ISO else stamp)
        # Nearly always it is in UTC already; this is asked for each line.
        if at.tzinfo is UTC and FIRST_YEAR <= at.year <= LAST_YEAR:
            return at
        return _instant(at, zone)

    fromisoformat = datetime.fromisoformat
    return instant


def dmy_instants(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `18-04-2019 00:54:06`."""
    of_iso = iso_instants(zone, calendar)
    return lambda stamp: of_iso(f"{stamp[6:10]}-{stamp[3:5]}-{stamp[:2]}{stamp[10:]}")


def epochs(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read the seconds since 1970."""
    return lambda stamp: _instant(datetime.fromtimestamp(int(stamp), tz=UTC), None)


def days_of_no_year(zone: ZoneInfo | None, calendar: Calendar) -> Callable[[str], Stamp]:
    """Read `14 Jan 12:36` and `Mar 29 21:00:49` as the time since the first such day."""
    days_read: dict[str, timedelta] = {}

    def stamp(text: str) -> Stamp:
        day, _, clock = text.rpartition(" ")
        if day not in days_read:
            days_read[day] = timedelta(_days_from_first(day, calendar))
        return days_read[day] + _time_of_day(clock)

    return stamp


def _days_from_first(text: str, calendar: Calendar) -> int:
    """From the log's first day to one of the half year around it."""
    match = _DAY_MONTH.match(text)
    if match is None:
        raise ValueError(f"{text} is no day")
    month, day = match[2] or match[3], match[1] or match[4]
    on = date(LEAP_YEAR, MONTHS.index(month.lower()) + 1, int(day))
    if calendar.month_and_day is None:
        calendar.month_and_day = (on.month, on.day)
    days = (on - date(LEAP_YEAR, *calendar.month_and_day)).days
    if days < -HALF_YEAR:
        return days + 366
    return days - 366 if days > HALF_YEAR else days
