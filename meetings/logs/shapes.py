"""What a format is: a table of line shapes, and how it writes time."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from meetings.logs.clocks import Clock
from meetings.logs.lines import Kind

# A nick may wear a mode sign or a blank before it. Every repetition is bounded but the last.
NICK = r"[ @+%&~]?([^\s\0-\x1f<>]{1,64})"
HTML_NICK = r"[ @+%&~]?([^\s\0-\x1f<>&]{1,64})"
HH_MM = r"([0-9]{2}:[0-9]{2})"
HH_MM_SS = r"([0-9]{2}:[0-9]{2}:[0-9]{2})"
EITHER = r"([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
ISO = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)"
)
STAMPED = re.compile(r"[\[(]?[0-9]{1,4}[-:][0-9]{1,2}")
FENCE = re.compile(r"(?:```[\w-]{0,20}|</?pre>)\s*$")


@dataclass(frozen=True)
class Shape:
    """One shape of line. The pattern's groups are the stamp, the nick and the text.

    An empty stamp is that of the line before; in a nick change the text is the new nick.
    """

    kind: Kind
    pattern: re.Pattern[str]
    example: str


def shape(kind: Kind, pattern: str, example: str) -> Shape:
    return Shape(kind, re.compile(pattern), example)


Message = tuple[datetime, str, Kind, str]  # when, nick, kind, text


@dataclass(frozen=True)
class Format:
    """A log format: its line shapes, most frequent first, or how to read it as JSON.

    The first shape is that of speech, and its nick is never empty: reading relies on both.
    """

    name: str
    title: str
    clock: Clock
    preference: int  # among formats that explain a log equally well, the lowest wins
    shapes: tuple[Shape, ...] = ()
    profile: str = "classic"  # the command dialect, until the bot's start line tells
    dated: bool = False  # whether a stamp tells its day, be it without the year
    loose: bool = False  # no clock, next to no punctuation: taken only where nothing else fits
    bare: bool = False  # whether lines without a stamp speak for the format, too
    enough: float = 0.5  # share of a log's lines that must have its shapes
    whole: bool = False  # with no start command in it, the log is one meeting
    page: bool = False  # lines of a page, which are counted from the first of the log
    days: tuple[re.Pattern[str], ...] = ()  # lines that tell a day, as group 1
    wraps: re.Pattern[str] | None = None  # what goes on with the line before, as group 1
    joins: re.Pattern[str] | None = None  # a wrapped text that is an event
    frame: re.Pattern[str] | None = FENCE  # lines around the log that are none of it
    signs: re.Pattern[str] | None = None  # what tells it from formats of the same shapes
    clean: Callable[[str], str] | None = None  # a nick or text to its words
    messages: Callable[[Any], Iterator[Message]] | None = None  # of an entry, if it is JSON
    sample: str = ""  # a small log that is JSON
    marker: str = ""  # what stands in each log that is JSON

    @property
    def example(self) -> str:
        return self.sample or self.shapes[0].example

    def inside(self, prefix: str, *, title: str) -> "Format":
        """The format whose lines stand behind a prefix, amid other text."""
        before = re.escape(prefix)

        def prefixed(pattern: re.Pattern[str]) -> re.Pattern[str]:
            return re.compile(before + pattern.pattern)

        return replace(
            self,
            title=title,
            whole=True,
            shapes=tuple(
                Shape(known.kind, prefixed(known.pattern), prefix + known.example)
                for known in self.shapes
            ),
            days=tuple(map(prefixed, self.days)),
            wraps=self.wraps and prefixed(self.wraps),
            frame=re.compile(rf"(?!{before}{STAMPED.pattern})"),
        )
