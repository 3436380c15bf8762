import re
from collections.abc import Iterator
from typing import IO

from meetings.logs.lines import Unread, lines_in_words

CHUNK = 32 * 1024  # bytes; few rows alive at once keep the garbage collector quiet
LONGEST_LINE = 16 * 1024  # characters; a chat line has at most some hundreds
HELD = 4 * (LONGEST_LINE + 1)  # bytes of a line that are held: more than are kept, in any letters
CUT = f"longer than {LONGEST_LINE:,} characters; only its beginning is kept"

_CUT_CHARACTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")  # the first bytes of one
BOM = b"\xef\xbb\xbf"
VISIBLE = {0: "\u2400", 13: "\u240d"}  # what a database refuses, or would hide a line's end


class Decoding:
    """A file's bytes as text, in blocks of whole lines; what that cost is put into `unread`.

    `lines` are those of the blocks before, which who asks for the next has counted anyway.
    """

    def __init__(self, stream: IO[bytes], unread: list[Unread]) -> None:
        self.lines = 0
        self._stream = stream
        self._unread = unread
        self._not_utf8 = 0
        self._first_not_utf8 = 0

    def blocks(self) -> Iterator[str]:
        """Blocks of whole lines, without the last line ending; NULs made visible."""
        for block in self._blocks():
            start = self.lines + 1
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
        if self._not_utf8:
            lines_read = lines_in_words(self._not_utf8)
            reason = f"not UTF-8, read as Windows-1252: {lines_read} from here on"
            self._unread.append(Unread(self._first_not_utf8, reason))

    def _decode_line(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._not_utf8 += 1
            self._first_not_utf8 = self._first_not_utf8 or number
            return line.decode("cp1252", errors="replace")

    def _shorten(self, line: str, number: int) -> str:
        if len(line) > LONGEST_LINE:
            self._unread.append(Unread(number, CUT))
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
            endless = len(rest) > HELD
            if endless:
                rest = _CUT_CHARACTER.sub(b"", rest[:HELD])
        if rest:
            yield rest.removesuffix(b"\n")


def _may_hold_a_long_line(text: str) -> bool:
    """Whether some half of the longest line's length has no line ending in it."""
    half = LONGEST_LINE // 2
    windows = range(0, len(text) - half, half)
    return any(text.find("\n", start, start + half) < 0 for start in windows)
