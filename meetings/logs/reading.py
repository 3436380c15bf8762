import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import IO, Any
from zoneinfo import ZoneInfo

from meetings.logs import markup
from meetings.logs.dating import day_by_bot, day_in_words
from meetings.logs.decoding import LONGEST_LINE, Decoding
from meetings.logs.documents import read_document
from meetings.logs.lines import Calendar, Kind, RawLine, Unread, lines_in_words
from meetings.logs.shapes import Format, Shape

NO_DAY, DAY = timedelta(0), timedelta(days=1)
HALF_DAY = timedelta(hours=12)
MOMENTS = timedelta(minutes=10)
NEARLY_A_DAY = timedelta(days=1) - MOMENTS
ALWAYS = timedelta(days=2)  # more than any clock says
CENTURY = timedelta(days=36_525)
DAY_SAID = ("logging to http", "Date: ")  # how a W3C bot begins to say the day
BLANK = "left out, blank"
FRAME = "left out, of the page around the log"
JOINED = "joined to the line before"

Read = tuple[str, str, str, str]  # kind, stamp, nick and text of a line
Matchers = list[tuple[str, Callable[[str], re.Match[str] | None]]]  # kind and match of shapes


class Reading:
    """Reads one log and keeps account of what it could not take as it stands.

    Iterating yields its raw lines in file order, some hundred at a time; `unread`, `lines` and
    `calendar` grow meanwhile. Nothing is raised for what the file holds.
    """

    def __init__(self, stream: IO[bytes], *, format: Format, zone: ZoneInfo | None = None) -> None:  # noqa: A002 the word of the trade
        self.lines = 0
        self.unread: list[Unread] = []
        self.calendar = Calendar()
        self._stream = stream
        self._format = format
        self._others = _matchers(format.shapes[1:])
        self._zone = zone
        self._counts: dict[str, list[int]] = {}  # first line and lines, by what they are
        self._broken_off = 0  # number of the line behind which something else than the log stands
        self._told = ""  # the line just read, where it tells a day

    def __iter__(self) -> Iterator[list[RawLine]]:
        if self._format.messages is not None:
            rows, self.lines, unread = read_document(self._stream, self._format.messages)
            self.unread += unread
            yield rows
        else:
            yield from self._read_lines()

    def _read_lines(self) -> Iterator[list[RawLine]]:  # noqa: C901, PLR0912, PLR0915 calls cost here
        format_ = self._format
        # The commonest shape is matched against a whole block at once; a line that it does not
        # fit comes back whole, as the last group.
        split, speech = _splitter(format_.shapes[0]), Kind.SPEECH.value
        stamp_of, may_turn = format_.clock(self._zone, self.calendar), not format_.dated
        clock_read = None
        stamp: Any = NO_DAY  # a Stamp; the format's are all of one type
        days = NO_DAY
        last = least = HALF_DAY  # a clock less than `least` may mean that a midnight has passed
        clean, hears_day = format_.clean, may_turn and format_.profile == "w3c"
        before, begun = 0, not format_.page  # lines of a page before the log
        rows: list[RawLine] = []
        decoding = Decoding(self._stream, self.unread)
        for block in decoding.blocks():
            first_number = number = self.lines - before
            letters: list[str] = []  # the block's lines, where one is needed to the letter
            for clock, nick, text, line in split(block):
                number += 1
                kind = speech
                if not nick:
                    read = self._read_other(line, number, rows, begun=begun)
                    if read is None:
                        continue
                    kind, clock, nick, text = read  # noqa: PLW2901 read anew
                    if self._told:
                        days, stamp, last = self._turn(days, stamp, is_first=clock_read is None)
                        clock_read, least = None, ALWAYS
                if clean is not None and kind != Kind.UNREAD:
                    nick, text = clean(nick) or nick, clean(text)  # noqa: PLW2901 without markup
                    if not begun:
                        before, begun = number - 1, True
                        first_number, number = first_number - before, 1
                if clock != clock_read and clock:
                    try:
                        stamp = stamp_of(clock)
                    except (ValueError, OverflowError):
                        letters = letters or block.split("\n")
                        kind, nick, text = Kind.UNREAD.value, "", letters[number - first_number - 1]  # noqa: PLW2901 kept to the letter
                    else:
                        clock_read = clock
                        if may_turn:
                            if stamp < least:
                                days += _midnights_passed(last, stamp, days)
                                last = stamp
                                least = ALWAYS if days or last < MOMENTS else last
                                stamp += days
                            else:
                                last = least = stamp
                rows.append((number, stamp, nick, kind, text))
            self.lines = decoding.lines = number + before
            if hears_day and self.calendar.day is None and any(map(block.__contains__, DAY_SAID)):
                self._hear_day(rows)
            kept = rows[-1:] if format_.wraps else []
            yield rows[: len(rows) - len(kept)] if kept else rows
            rows = kept
        yield rows
        self._report_counts()

    def _read_other(  # noqa: PLR0911 a list of what a line may be
        self, line: str, number: int, rows: list[RawLine], *, begun: bool
    ) -> Read | None:
        """A line that is not of the first shape; None where it is counted or joined already."""
        format_ = self._format
        if not line or line.isspace():
            self._count(BLANK, number)
            return None
        for kind, match_other in self._others:
            if other := match_other(line):
                return _of_somebody((kind, other[1], other[2], other[3] or ""), line, rows)
        if format_.days and any(pattern.match(line) for pattern in format_.days):
            self._told = line
            return Kind.EVENT.value, "", "", line
        if format_.frame is not None and format_.frame.match(line):
            self._count(FRAME, number)
            self._broken_off = rows[-1][0] if rows else 0
            return None
        wraps = format_.wraps
        if wraps and rows and (match := wraps.match(line)) and self._join(match[1], rows):
            if joined := self._counts.get(JOINED):
                joined[1] += 1  # as `_count` would: in some logs it is every other line
            else:
                self._count(JOINED, number)
            return None
        if markup.has_codes(line) and (
            read := _match_without_codes(line, _matchers(format_.shapes))
        ):
            return _of_somebody(read, line, rows)
        if not begun:
            self._count(FRAME, number)
            return None
        return Kind.UNREAD.value, "", "", line

    def _join(self, more: str, rows: list[RawLine]) -> bool:
        """Put what a client broke into two lines together again, where it is short enough."""
        number, stamp, nick, kind, text = rows[-1]
        if number == self._broken_off or len(text) + len(more) >= LONGEST_LINE:
            return False
        format_ = self._format
        if format_.clean is not None:
            more = format_.clean(more)
        if text:
            more = text + more if text.endswith((" ", "\t")) else f"{text} {more}"
        elif format_.joins is not None and format_.joins.match(more):
            kind = Kind.EVENT.value
        rows[-1] = (number, stamp, nick, kind, more)
        return True

    def _turn(self, days: timedelta, stamp: Any, *, is_first: bool) -> tuple[timedelta, Any, Any]:
        """Days, stamp and last clock behind a line that tells the day."""
        line, self._told = self._told, ""
        told = day_in_words(line)
        if told is None or isinstance(stamp, datetime):
            return days, stamp, HALF_DAY
        day, clock = told
        calendar = self.calendar
        if self._format.dated:
            calendar.month_and_day = calendar.month_and_day or (day.month, day.day)
            calendar.day = calendar.day or day - timedelta(stamp.days)
            return days, stamp, HALF_DAY
        if calendar.day is None:
            if "changed" in line and not is_first:
                days += DAY  # the midnight that this line stands for
            calendar.day = day - days
        days = day - calendar.day
        return days, days + (clock or NO_DAY), clock or HALF_DAY

    def _hear_day(self, rows: list[RawLine]) -> None:
        """Take the day from what a W3C bot says of it."""
        for _, stamp, nick, _, text in rows:
            if text.startswith(DAY_SAID) and (day := day_by_bot(text, nick=nick)):
                assert isinstance(stamp, timedelta)  # noqa: S101 no such line carries its day
                self.calendar.day = day - timedelta(stamp.days)
                return

    def _count(self, what: str, number: int) -> None:
        if count := self._counts.get(what):
            count[1] += 1
        else:
            self._counts[what] = [number, 1]

    def _report_counts(self) -> None:
        for what, (first, count) in self._counts.items():
            self.unread.append(Unread(first, f"{lines_in_words(count)} {what}", count))


@cache
def _splitter(first: Shape) -> Callable[[str], list[tuple[str, str, str, str]]]:
    return re.compile(f"^(?:{first.pattern.pattern}|(.*))$", re.MULTILINE).findall


def _matchers(shapes: Iterable[Shape]) -> Matchers:
    return [(known.kind.value, known.pattern.match) for known in shapes]


def _match(line: str, matchers: Matchers) -> Read | None:
    for kind, match in matchers:
        if found := match(line):
            return kind, found[1], found[2], found[3] or ""
    return None


def _match_without_codes(line: str, matchers: Matchers) -> Read | None:
    """As above for a line with codes for colours in its shape; its text keeps them."""
    read = _match(markup.without_codes(line), matchers)
    if read is None or read[0] == Kind.RENAME:
        return read
    kind, clock, nick, text = read
    return kind, clock, nick, markup.words_with_codes(line, text)


def _of_somebody(read: Read, line: str, rows: list[RawLine]) -> Read:
    """Speech whose heading names nobody is that of the speaker before it."""
    kind, clock, nick, text = read
    if kind == Kind.SPEECH and not nick:
        nick = rows[-1][2] if rows else ""
        if not nick:
            return Kind.UNREAD.value, clock, "", line
    return kind, clock, nick, text


def _midnights_passed(last: timedelta, clock: timedelta, days: timedelta) -> timedelta:
    """A day, none, or one too many before, from one clock to the next."""
    if last - clock > HALF_DAY and days < CENTURY:
        return DAY
    if clock - last > NEARLY_A_DAY and days > -CENTURY:
        return -DAY  # a small jump back over midnight
    return NO_DAY
