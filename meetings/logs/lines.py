from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Kind(StrEnum):
    """What a line of a log is."""

    SPEECH = "speech"
    ACTION = "action"  # `/me`: what the speaker does
    BOT = "bot"  # what the bot says or echoes
    EVENT = "event"  # joins, parts, topic and mode changes, what a client notes
    RENAME = "rename"  # a nick change: the line's nick is the old one, its text the new one
    UNREAD = "unread"  # a line of no known shape, kept as it stands


# What a reader yields: number in the file (from 1), stamp, nick, kind, text. A plain tuple,
# because every line of every log passes through it. The stamp is an aware instant in UTC where
# the line carries its date, else the time since midnight of the file's first day.
Stamp: TypeAlias = datetime | timedelta
RawLine: TypeAlias = tuple[int, Stamp, str, str, str]


FIRST_YEAR, LAST_YEAR = 1988, 2100  # IRC is that old; the rest is a slip or an attack


def plausible(day: date) -> bool:
    """Whether a day (or instant) can be that of a log at all."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


@dataclass
class Calendar:
    """What a log itself tells of the day from whose midnight its stamps count.

    A reader fills it in while it reads, since a header may stand anywhere.
    """

    day: date | None = None
    month_and_day: tuple[int, int] | None = None  # where the lines' dates lack the year
    timed: bool = True  # whether the lines carry a time of day at all


class LogLine(NamedTuple):
    """One line of a meeting, dated. `at` is in UTC, `number` counts the file's lines from 1."""

    number: int
    at: datetime
    nick: str
    kind: str
    text: str


class Unread(NamedTuple):
    """Lines that were not taken as they stand: where, and what became of them."""

    line: int
    reason: str
    lines: int = 0  # how many are stored nowhere; what is only told of a stored line has none


def lines_in_words(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
