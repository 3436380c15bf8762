"""Reading and minutes of each text format, against one regular expression a line."""

import re
from collections import deque
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Work, compare, in_turn
from bench.sample import meeting
from bench.table import Row, row_of_times
from meetings.logs import FORMATS, DateHints, Format, Reading, markup
from meetings.minutes import Secretary

LINES = 40_000
OTHERS = 10  # one line in so many is no speech
ROUNDS = 5
LIMIT = 5

_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}|)")
_SAID = re.compile(r"^[0-9:]{8} <([^>\s]{1,64})> (.*)$", re.MULTILINE)


def rows() -> Iterator[Row]:
    with TemporaryDirectory(prefix="thaw-bench-") as name:
        for format_ in FORMATS:
            if format_.shapes:
                log = _write_log(Path(name) / f"{format_.name}.log", format_)
                yield _reading(format_, log)


def _reading(format_: Format, log: Path) -> Row:
    match = format_.shapes[0].pattern.match

    def bare() -> None:
        with log.open(encoding="utf-8") as file:
            for line in file:
                match(line)

    def ours() -> None:
        with log.open("rb") as file:
            reading = Reading(file, format=format_)
            secretary = Secretary(
                hints=DateHints("x.2011-03-29.log"), calendar=reading.calendar, whole=True
            )
            deque(secretary.minutes(reading), maxlen=0)

    seconds = in_turn({"bare": Work(bare, repeat=3), "ours": Work(ours, repeat=2)}, rounds=ROUNDS)
    return row_of_times(f"format {format_.name}", compare(seconds, "ours", "bare"), limit=LIMIT)


def _write_log(path: Path, format_: Format) -> Path:
    """The sample meeting again and again, line by line as this format writes it."""
    said = _SAID.findall(meeting()[0])
    others = [shape.example for shape in format_.shapes[1:]] or [format_.example]
    with path.open("w", encoding="utf-8") as file:
        for number in range(LINES):
            if number % OTHERS:
                line = _speech(format_, *said[number % len(said)])
            else:
                line = others[number // OTHERS % len(others)]
            clock = f"10:{number // 60 % 60:02}", f":{number % 60:02}"
            file.write(_CLOCK.sub(lambda old, new=clock: new[0] + (old[1] and new[1]), line, 1))
            file.write("\n")
    return path


def _speech(format_: Format, nick: str, words: str) -> str:
    example = format_.example
    match = format_.shapes[0].pattern.match(example)
    assert match is not None
    if match[2].startswith("@"):  # a name of Matrix
        nick = f"@{nick}:example.org"
    if not match[3]:
        words = f"\n{words}"  # in a line of its own
    words = escape(words) if format_.clean is markup.of_html else words
    between = example[match.end(2) : match.start(3)]
    return f"{example[: match.start(2)]}{nick}{between}{words}{example[match.end(3) :]}"
