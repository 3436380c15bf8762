"""The formats we read, in the order in which the sniffer prefers them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from meetings.logs.lines import Kind, Stamp, plausible


@dataclass(frozen=True)
class Shape:
    """One shape of line. The pattern's groups are the stamp, the nick and the text."""

    kind: Kind
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Format:
    """A log format: its line shapes, most frequent first, and how it writes time.

    `stamps` takes the zone of the log's clock and returns what turns the first group into a
    Stamp (ValueError: no such time); the zone matters only where a line carries a date without
    one. `example` is a line that the first shape must match.
    """

    name: str
    title: str
    example: str
    shapes: tuple[Shape, ...]
    stamps: Callable[[ZoneInfo | None], Callable[[str], Stamp]]
    profile: str = "classic"  # the command dialect, until the bot's start line tells
    dated: bool = field(default=False)


@cache
def _time_of_day(clock: str) -> timedelta:
    if not clock:
        raise ValueError("no time of day")
    hours, minutes, *seconds = map(int, clock.split(":"))
    if hours > 23 or minutes > 59 or (seconds and seconds[0] > 60):  # noqa: PLR2004 a clock's own
        raise ValueError(f"{clock} is no time of day")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def times_of_day(zone: ZoneInfo | None) -> Callable[[str], timedelta]:
    """Read `21:00` and `21:00:49` as the time since midnight."""
    return _time_of_day


def iso_instants(zone: ZoneInfo | None) -> Callable[[str], datetime]:
    """Read `2019-03-04T14:48:25`, with an offset or in that zone (else UTC), as an instant."""

    def instant(stamp: str) -> datetime:
        at = datetime.fromisoformat(stamp)
        if not plausible(at):
            raise ValueError(f"{stamp} is no year of chat logs")
        return (at if at.tzinfo else at.replace(tzinfo=zone or UTC)).astimezone(UTC)

    return instant


# A nick may wear a mode sign or a blank before it. Every repetition is bounded but the last.
NICK = r"[ @+%&~]?([^\s<>]{1,64})"
CLOCK = r"([0-9]{2}:[0-9]{2}:[0-9]{2})"
ISO = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)"
)

MEETBOT = Format(
    name="meetbot",
    title="MeetBot .log.txt",
    example="21:00:49 <ttx> #startmeeting",
    shapes=(
        Shape(Kind.SPEECH, re.compile(rf"{CLOCK} <{NICK}> ?(.*)")),
        Shape(Kind.ACTION, re.compile(rf"{CLOCK} {{1,2}}\* {NICK}(?: (.*)|$)")),
    ),
    stamps=times_of_day,
)

MEETINGOLOGY = Format(
    name="meetingology",
    title="meetingology log (minutes, no seconds)",
    example="16:05 <smoser> #startmeeting cloud-init",
    shapes=(
        Shape(Kind.SPEECH, re.compile(rf"([0-9]{{2}}:[0-9]{{2}}) <{NICK}> ?(.*)")),
        Shape(Kind.ACTION, re.compile(rf"([0-9]{{2}}:[0-9]{{2}}) {{1,2}}\* {NICK}(?: (.*)|$)")),
    ),
    stamps=times_of_day,
    profile="meetingology",
)

MATRIX = Format(
    name="matrix",
    title="Fedora Matrix log",
    example="2026-05-06 14:01:38 <@jflory7:fedora.im> !startmeeting Fedora Council",
    shapes=(
        Shape(
            Kind.SPEECH,
            re.compile(rf"{ISO} <(@[^\s<>:]{{1,128}}:[^\s<>]{{1,128}})> ?(.*)"),
        ),
        Shape(
            Kind.ACTION,
            re.compile(rf"{ISO} \* (@[^\s<>:]{{1,128}}:[^\s<>]{{1,128}})(?: (.*)|$)"),
        ),
    ),
    stamps=iso_instants,
    profile="matrix",
    dated=True,
)

CHANNELLOGGER = Format(
    name="channellogger",
    title="supybot ChannelLogger (eavesdrop)",
    example="2019-03-04T14:48:25  <mordred> morning",
    shapes=(
        Shape(Kind.SPEECH, re.compile(rf"{ISO} {{1,2}}<{NICK}> ?(.*)")),
        Shape(Kind.EVENT, re.compile(rf"{ISO} {{1,2}}\*\*\* (\S{{0,64}}) ?(.*)")),
        Shape(Kind.ACTION, re.compile(rf"{ISO} {{1,2}}\* {NICK}(?: (.*)|$)")),
    ),
    stamps=iso_instants,
    profile="opendev",
    dated=True,
)

FORMATS: tuple[Format, ...] = (MEETBOT, MEETINGOLOGY, MATRIX, CHANNELLOGGER)


def format_named(name: str) -> Format:
    """The format of that name. Raises LookupError with the names that exist."""
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise LookupError(f"There is no log format “{name}”. Known formats: {names}.")
