"""When a meeting was: from its lines, the bot's start line, what the log says of its days, the
file's name or the caller.

In that order, and never guessed. The bot's start line also tells how far off the clock was that
wrote the log (a client's local time, say).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from meetings.logs.clocks import LEAP_YEAR, MONTHS
from meetings.logs.lines import Calendar, RawLine, Stamp, plausible

QUARTER = timedelta(minutes=15)  # every zone's offset from UTC is a multiple of it
NO_CORRECTION = timedelta(0)
HALF_DAY = timedelta(hours=12)
YEAR = timedelta(days=366)  # as lines count that do not say which

_ASCTIME = re.compile(
    r"Meeting started (?:at )?[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2})"
    r" (\d\d:\d\d:\d\d) (\d{4}) UTC"
)
_ISO = re.compile(r"Meeting started at (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) UTC")
_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{1,2})[-_ ]([A-Z][a-z]{2})[-_ ](\d{4})(?!\d)")
_CLOCK = re.compile(r"(?<!\d)(\d\d:\d\d(?::\d\d)?)(?!\d)")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_MONTH_DAY = re.compile(
    r"\b([A-Z][a-z]{2,8}) {1,2}(\d{1,2})\b(?:,? [\d:]{5,8})?(?: [A-Z]{3,4})?,? (\d{4})\b"
)
_DAY_MONTH = re.compile(r"\b(\d{1,2}) ([A-Z][a-z]{2,8}) (\d{4})\b")
_W3C_LOG = re.compile(r"logging to https?://www\.w3\.org/(\d{4})/(\d\d)/(\d\d)-")


class NoDate(ValueError):
    """Nothing says on which day a meeting was; the message says what to do."""


@dataclass(frozen=True)
class DateHints:
    """What is known of a log's first day beside its lines."""

    name: str = ""  # of the file, with its folder's where that is known
    day: date | None = None  # of its first line, said by the caller
    zone: ZoneInfo | None = None  # of its clock, said by the caller; absent: UTC


@dataclass(frozen=True)
class Dating:
    """How stamps become instants: an offset to add, and where it comes from."""

    base: datetime | None  # of midnight of the file's first day; None where lines carry dates
    zone: ZoneInfo | None  # of `base`, where the lines' clock is not UTC
    correction: timedelta  # what the lines' clock was off, as the bot shows; `base` has it already
    source: str  # "line", "bot", "log", "file name" or "date given"
    timed: bool = True  # whether the lines carry a time of day
    passed_over: date | None = None  # the caller's day, where what comes before it tells another

    def instants(self, raw: Iterable[RawLine]) -> list[datetime]:
        """The instant of each line."""
        base = self.base
        if base is not None and self.zone is None:  # the common case, without a call for each
            return [base + line[1] for line in raw]  # type: ignore[operator] # see date_meeting
        return [self.instant(line[1]) for line in raw]

    def instant(self, stamp: Stamp) -> datetime:
        if isinstance(stamp, datetime):
            return stamp + self.correction
        assert self.base is not None  # noqa: S101 an undated line has a base, see date_meeting
        if self.zone is None:
            return self.base + stamp
        local = self.base.replace(tzinfo=None) + stamp
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def started_at_by_bot(text: str) -> datetime | None:
    """The instant in a bot's start line, or None where it says none (or no possible one)."""
    try:
        if match := _ASCTIME.match(text):
            month, day, clock, year = match.groups()
            said = datetime.combine(_date(year, month, day), time.fromisoformat(clock), tzinfo=UTC)
        elif match := _ISO.match(text):
            said = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
        else:
            return None
    except ValueError:
        return None
    return said if plausible(said) else None


def date_in_name(name: str) -> date | None:
    """The first possible date in a file's name, or else its folder's.

    As `2011-03-29`, `20110329` or `29-Mar-2011`.
    """
    for part in reversed(name.split("/")[-2:]):
        found = [_possible(*match.groups()) for match in _DATE_IN_NAME.finditer(part)]
        found += [_possible(*reversed(match.groups())) for match in _DAY_IN_NAME.finditer(part)]
        for day in filter(None, found):  # eight digits can be any number
            return day
    return None


def day_in_words(line: str) -> tuple[date, timedelta | None] | None:
    """The day, and the time of day where there is one, in a line such as a log's header."""
    if match := _ISO_DAY.search(line):
        day = _possible(*match.groups())
    elif match := _MONTH_DAY.search(line):
        month, number, year = match.groups()
        day = _possible(year, month, number)
    elif match := _DAY_MONTH.search(line):
        day = _possible(*reversed(match.groups()))
    else:
        day = None
    if day is None:
        return None
    clock = None
    if match := _CLOCK.search(line):
        try:
            at = time.fromisoformat(match[1])
            clock = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        except ValueError:
            pass
    return day, clock


def day_by_bot(text: str, *, nick: str) -> date | None:
    """The day in what a W3C bot says when it begins to log, or to keep track."""
    if nick.lower() == "rrsagent" and (match := _W3C_LOG.match(text)):
        return _possible(*match.groups())
    if nick.lower() == "trackbot" and (match := _DAY_MONTH.search(text)):
        return _possible(*reversed(match.groups()))
    return None


def _date(year: str, month: str, day: str) -> date:
    """Raises ValueError where there is no such day."""
    number = int(month) if month.isdecimal() else MONTHS.index(month[:3].lower()) + 1
    return date(int(year), number, int(day))


def _possible(year: str, month: str, day: str) -> date | None:
    try:
        found = _date(year, month, day)
    except ValueError:
        return None
    return found if plausible(found) else None


def date_meeting(
    stamp: Stamp,
    *,
    bot_said: tuple[Stamp, datetime] | None,
    hints: DateHints,
    calendar: Calendar | None = None,
) -> Dating:
    """How to date a meeting that has a line with this stamp.

    `bot_said` is the stamp of the bot's start line and the instant in its words, `calendar` what
    the log tells elsewhere. Raises NoDate.
    """
    calendar = calendar or Calendar()
    if isinstance(stamp, datetime):
        off = _correction(stamp_of_bot=bot_said[0], said=bot_said[1]) if bot_said else NO_CORRECTION
        return Dating(None, None, off, "line")
    if bot_said is not None and isinstance(bot_said[0], timedelta):
        base = _to_quarter(bot_said[1] - bot_said[0])
        return Dating(base, None, _from_midnight(base), "bot", calendar.timed)
    day, source = calendar.day, "log"
    if day is None:
        named = date_in_name(hints.name)
        day, source = named or hints.day, "file name" if named else "date given"
    passed_over = hints.day if hints.day != day else None
    if day is not None and calendar.month_and_day is not None:
        day = _first_day(day, calendar.month_and_day, timedelta(stamp.days))
    if day is None or not plausible(day):
        raise NoDate(
            "nothing says on which day it was: no date in the lines, no start line of a bot, none"
            " in the file's name. Say it (in a terminal with --date YYYY-MM-DD)."
        )
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    return Dating(midnight, hints.zone, NO_CORRECTION, source, calendar.timed, passed_over)


def _first_day(near: date, first: tuple[int, int], since: timedelta) -> date | None:
    """The first day of a log whose dates lack the year, for a meeting of some days later.

    Its stamps count in years of 366 days: between the two may lie a 29 February that never was.
    """
    on = date(LEAP_YEAR, 1, 1) + (date(LEAP_YEAR, *first) + since - date(LEAP_YEAR, 1, 1)) % YEAR
    start = _nearest(near, *first)
    day = start and _nearest(start + since, on.month, on.day)
    return day and day - since


def _nearest(day: date, month: int, number: int) -> date | None:
    """The day of that month and number that is nearest to another."""
    years = (day.year - 1, day.year, day.year + 1)
    found = [_possible(str(year), str(month), str(number)) for year in years]
    return min(filter(None, found), key=lambda one: abs(one - day), default=None)


def _correction(*, stamp_of_bot: Stamp, said: datetime) -> timedelta:
    """What to add to a dated clock that the bot shows to be off, in whole quarters of an hour."""
    if not isinstance(stamp_of_bot, datetime):
        return NO_CORRECTION
    return round((said - stamp_of_bot) / QUARTER) * QUARTER


def _from_midnight(at: datetime) -> timedelta:
    """From the nearest midnight in UTC: what a clock that began there is off."""
    since = at - at.replace(hour=0, minute=0)
    return since if since <= HALF_DAY else since - timedelta(days=1)


def _to_quarter(at: datetime) -> datetime:
    """A midnight that was computed from a clock some seconds off, to the quarter of an hour."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + round((at - midnight) / QUARTER) * QUARTER
