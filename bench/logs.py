"""Logs: reading them, taking minutes, storing them, and the memory it takes."""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.checkout import Checkout
from bench.measuring import Work, compare, in_turn
from bench.postgresql import NoPostgreSQL, scratch_database
from bench.sample import write_log
from bench.table import Row, row_of_amount, row_of_amounts, row_of_times
from meetings.logs import DateHints, Reading, sniff
from meetings.minutes import Secretary
from meetings.profiles import CLASSIC, PROFILES

MEETINGS = 1000
READING_ROUNDS, STORING_ROUNDS = 7, 3

_LINE = re.compile(r"(\d\d:\d\d:\d\d) <([^>\s]{1,64})> (.*)")


def rows() -> Iterator[Row]:
    """One meeting a thousand times: see `sample`."""
    with TemporaryDirectory(prefix="thaw-bench-") as name:
        folder = Path(name)
        big = write_log(folder / "big.log", meetings=MEETINGS)
        tenth = write_log(folder / "tenth.log", meetings=MEETINGS // 10)
        yield from _reading(big, tenth)
        yield _storing("storing, SQLite", big, folder / "sqlite")
        try:
            with scratch_database() as url:
                yield _storing("storing, PostgreSQL", big, folder / "postgresql", url)
        except NoPostgreSQL as absent:
            yield Row("storing, PostgreSQL", skipped=str(absent))
        yield from _memory(big, tenth, folder)


def _reading(big: Path, tenth: Path) -> Iterator[Row]:
    seconds = in_turn(
        {
            "bare": Work(lambda: _match_each_line(big), repeat=3),
            "ours": Work(lambda: _take_minutes(big)),
            "tenth": Work(lambda: _take_minutes(tenth), repeat=10),
        },
        rounds=READING_ROUNDS,
    )
    yield row_of_times("reading and minutes", compare(seconds, "ours", "bare"), limit=4)
    yield row_of_times("ten times the file", compare(seconds, "ours", "tenth"), limit=11)


def _match_each_line(path: Path) -> None:
    match = _LINE.match
    with path.open(encoding="utf-8") as file:
        for line in file:
            match(line)


def _take_minutes(path: Path) -> None:
    with path.open("rb") as file:
        format_ = sniff(file.read(64 * 1024)).format
        file.seek(0)
        secretary = Secretary(hints=DateHints(), profile=PROFILES.get(format_.profile, CLASSIC))
        deque(secretary.minutes(Reading(file, format=format_)), maxlen=0)


def _storing(name: str, log: Path, var: Path, database_url: str = "") -> Row:
    checkout = Checkout(var, database_url=database_url, debug=False)
    seconds = checkout.answer("bench.storing", log, STORING_ROUNDS)
    return row_of_times(name, compare(seconds, "import", "bare", less="dry"), limit=2)


def _memory(big: Path, tenth: Path, folder: Path) -> Iterator[Row]:
    """Of the command as a newcomer runs it, DEBUG and all."""

    def peak(log: Path) -> float:
        checkout = Checkout(folder / log.stem, debug=True)
        return checkout.peak_megabytes("import_meeting", log)

    of_big, of_tenth = peak(big), peak(tenth)
    yield row_of_amount("memory while importing", of_big, "MB", limit=200)
    yield row_of_amounts("memory, ten times the file", of_big, of_tenth, "MB", limit=1.3)
