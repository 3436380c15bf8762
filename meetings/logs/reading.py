import re
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any
from zoneinfo import ZoneInfo

from meetings.logs.formats import Format, Shape
from meetings.logs.lines import Kind, RawLine, Unread

CHUNK = 32 * 1024  # bytes; few rows alive at once keep the garbage collector quiet
LONGEST_LINE = 16 * 1024  # bytes; a chat line has at most some hundreds

NO_DAY, DAY = timedelta(0), timedelta(days=1)
HALF_DAY = timedelta(hours=12)
MOMENTS = timedelta(minutes=10)
NEARLY_A_DAY = timedelta(days=1) - MOMENTS
_CUT_CHARACTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")  # the first bytes of one
BOM = b"\xef\xbb\xbf"
VISIBLE = {0: "\u2400", 13: "\u240d"}  # what a database refuses, or would hide a line's end


class Reading:
    """Reads one log and keeps account of what it could not take as it stands.

    Iterating yields its raw lines in file order, some hundred at a time; `unread` and `lines`
    grow meanwhile. Nothing is raised for what the file holds.
    """

    def __init__(self, stream: IO[bytes], *, format: Format, zone: ZoneInfo | None = None) -> None:  # noqa: A002 the word of the trade
        self.lines = 0
        self.unread: list[Unread] = []
        self._stream = stream
        self._format = format
        self._zone = zone
        self._blank = 0
        self._first_blank = 0
        self._not_utf8 = 0
        self._first_not_utf8 = 0

    def __iter__(self) -> Iterator[list[RawLine]]:
        first, *others = self._format.shapes
        kind_first = first.kind.value
        # The commonest shape is matched against a whole block at once; a line that it does not
        # fit comes back whole, as the last group.
        split = re.compile(f"^(?:{first.pattern.pattern}|(.*))$", re.MULTILINE).findall
        stamp_of, may_turn = self._format.stamps(self._zone), not self._format.dated
        clock_read = None
        stamp: Any = NO_DAY  # a Stamp; the format's are all of one type
        days, last = NO_DAY, HALF_DAY
        for block in self._decoded_blocks():
            rows: list[RawLine] = []
            first_number = number = self.lines
            whole: list[str] = []  # the block's lines, where one is needed to the letter
            for clock, nick, text, line in split(block):
                number += 1
                kind = kind_first
                if not clock:
                    kind, clock, nick, text = self._other_shape(line, others)  # noqa: PLW2901
                if clock != clock_read:
                    try:
                        stamp = stamp_of(clock)
                    except ValueError:
                        whole = whole or block.split("\n")
                        letters = whole[number - first_number - 1]
                        if letters.strip():
                            rows.append((number, stamp, "", Kind.UNREAD.value, letters))
                        else:
                            self._note_blank(number)
                        continue
                    clock_read = clock
                    if may_turn:
                        if stamp < last or last < MOMENTS or days:
                            days += _midnights_passed(last, stamp)
                            last = stamp
                            stamp += days
                        else:
                            last = stamp
                rows.append((number, stamp, nick, kind, text))
            self.lines = number
            yield rows
        self._report_counts()

    @staticmethod
    def _other_shape(line: str, others: list[Shape]) -> tuple[str, str, str, str]:
        """Kind, clock, nick and text of a line that is not of the first shape; or blanks."""
        for shape in others:
            if match := shape.pattern.match(line):
                clock, nick, text = match.groups()
                return shape.kind.value, clock, nick, text or ""
        return "", "", "", ""

    def _note_blank(self, number: int) -> None:
        self._blank += 1
        self._first_blank = self._first_blank or number

    def _report_counts(self) -> None:
        if self._blank:
            self.unread.append(Unread(self._first_blank, f"{_lines(self._blank)} left out, blank"))
        if self._not_utf8:
            reason = f"not UTF-8, read as Windows-1252: {_lines(self._not_utf8)} from here on"
            self.unread.append(Unread(self._first_not_utf8, reason))

    def _decoded_blocks(self) -> Iterator[str]:
        """Blocks of whole lines, without the last line ending; NULs made visible."""
        start = 1
        for block in self._blocks():
            try:
                text = block.decode()
            except UnicodeDecodeError:
                lines = enumerate(block.split(b"\n"), start)
                text = "\n".join(self._decode_line(line, number) for number, line in lines)
            if b"\r" in block or b"\0" in block:
                text = text.replace("\r\n", "\n").removesuffix("\r").translate(VISIBLE)
            if _may_hold_a_long_line(text):
                lines_ = enumerate(text.split("\n"), start)
                text = "\n".join(self._shorten(line, number) for number, line in lines_)
            yield text
            start += text.count("\n") + 1

    def _decode_line(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._not_utf8 += 1
            self._first_not_utf8 = self._first_not_utf8 or number
            return line.decode("cp1252", errors="replace")

    def _shorten(self, line: str, number: int) -> str:
        if len(line) > LONGEST_LINE:
            reason = f"longer than {LONGEST_LINE:,} characters; only its beginning is kept"
            self.unread.append(Unread(number, reason))
        return line[:LONGEST_LINE]

    def _blocks(self) -> Iterator[bytes]:
        """Whole lines, many at a time, without the last line ending of each block.

        Of a line without an end only the beginning is held in memory.
        """
        rest, endless = self._stream.read(len(BOM)).removeprefix(BOM), False
        while chunk := self._stream.read(CHUNK):
            if endless:  # what goes on is left out up to the line's end
                _, newline, chunk = chunk.partition(b"\n")
                if not newline:
                    continue
                rest += newline
            head, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                yield head
            endless = len(rest) > 4 * LONGEST_LINE
            if endless:
                rest = _CUT_CHARACTER.sub(b"", rest[: 4 * LONGEST_LINE])
        if rest:
            yield rest.removesuffix(b"\n")


def _midnights_passed(last: timedelta, clock: timedelta) -> timedelta:
    """A day, none, or one too many before, from one clock to the next."""
    if last - clock > HALF_DAY:
        return DAY
    if clock - last > NEARLY_A_DAY:
        return -DAY  # a small jump back over midnight
    return NO_DAY


def _may_hold_a_long_line(text: str) -> bool:
    """Whether some half of the longest line's length has no line ending in it."""
    half = LONGEST_LINE // 2
    windows = range(0, len(text) - half, half)
    return any(text.find("\n", start, start + half) < 0 for start in windows)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
