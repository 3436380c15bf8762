"""When a meeting was: from its lines, the bot's start line, the file's name or the caller.

In that order, and never guessed. The bot's start line also tells how far off the clock was that
wrote the log (a client's local time, say).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from meetings.logs.lines import RawLine, Stamp, plausible

QUARTER = timedelta(minutes=15)  # every zone's offset from UTC is a multiple of it
NO_CORRECTION = timedelta(0)

_ASCTIME = re.compile(
    r"Meeting started (?:at )?[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2})"
    r" (\d\d:\d\d:\d\d) (\d{4}) UTC"
)
_ISO = re.compile(r"Meeting started at (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) UTC")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")


class NoDate(ValueError):
    """Nothing says on which day a meeting was; the message says what to do."""


@dataclass(frozen=True)
class DateHints:
    """What is known of a log's first day beside its lines."""

    name: str = ""  # of the file
    day: date | None = None  # of its first line, said by the caller
    zone: ZoneInfo | None = None  # of its clock, said by the caller; absent: UTC


@dataclass(frozen=True)
class Dating:
    """How stamps become instants: an offset to add, and where it comes from."""

    base: datetime | None  # of midnight of the file's first day; None where lines carry dates
    zone: ZoneInfo | None  # of `base`, where the lines' clock is not UTC
    correction: timedelta  # what a dated line's clock was off
    source: str  # "line", "bot", "file name" or "date given"

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
            number = _MONTHS.index(month) // 3 + 1
            said = datetime.combine(
                date(int(year), number, int(day)), time.fromisoformat(clock), tzinfo=UTC
            )
        elif match := _ISO.match(text):
            said = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
        else:
            return None
    except ValueError:
        return None
    return said if plausible(said) else None


def date_in_name(name: str) -> date | None:
    """The first possible date in a file's name, as `2011-03-29` or `20110329`."""
    for match in _DATE_IN_NAME.finditer(name):
        try:
            found = date(*map(int, match.groups()))
        except ValueError:
            continue
        if plausible(found):  # eight digits can be any number
            return found
    return None


def date_meeting(
    stamp: Stamp, *, bot_said: tuple[Stamp, datetime] | None, hints: DateHints
) -> Dating:
    """How to date a meeting that has a line with this stamp.

    `bot_said` is the stamp of the bot's start line and the instant in its words. Raises NoDate.
    """
    if isinstance(stamp, datetime):
        correction = _correction(stamp_of_bot=bot_said[0], said=bot_said[1]) if bot_said else None
        return Dating(None, None, correction or NO_CORRECTION, "line")
    if bot_said is not None and isinstance(bot_said[0], timedelta):
        return Dating(_to_quarter(bot_said[1] - bot_said[0]), None, NO_CORRECTION, "bot")
    named = date_in_name(hints.name)
    day = named or hints.day
    if day is None or not plausible(day):
        raise NoDate(
            "nothing says on which day it was: no date in the lines, no start line of a bot, none"
            " in the file's name. Say it with --date YYYY-MM-DD."
        )
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    return Dating(midnight, hints.zone, NO_CORRECTION, "file name" if named else "date given")


def _correction(*, stamp_of_bot: Stamp, said: datetime) -> timedelta | None:
    """What to add to a dated clock that the bot shows to be off, in whole quarters of an hour."""
    if not isinstance(stamp_of_bot, datetime):
        return None
    return timedelta(seconds=round((said - stamp_of_bot) / QUARTER) * QUARTER.total_seconds())


def _to_quarter(at: datetime) -> datetime:
    """A midnight that was computed from a clock some seconds off, to the quarter of an hour."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + round((at - midnight) / QUARTER) * QUARTER
