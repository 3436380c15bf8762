"""A folder of many logs: the whole import against the sum of its parts.

The parts are what must be done with each file, each done alone: reading it and taking its minutes,
understanding what its lines are about and may decide (with nothing known), hashing and compressing
its bytes, and storing the very same rows in a transaction of its own by the barest statements.
`python -m bench.folder FOLDER`, in the environment of a `Checkout`, prints seconds as JSON.
"""

import gc
import hashlib
import io
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import django

from bench.checkout import Checkout
from bench.measuring import Comparison
from bench.sample import meeting
from bench.stored import TABLES, Stored, insert, read_rows
from bench.table import Row, row_of_times

FILES, QUICK_FILES = 10_000, 300
SLICE = 100  # files that are measured each way before the next
PARTS = ("reading", "understanding", "squeezing", "storing")


def rows() -> Iterator[Row]:
    """The sample under as many names, each on a day of its own. BENCH_QUICK=1: fewer of them."""
    files = QUICK_FILES if os.environ.get("BENCH_QUICK") else FILES
    with TemporaryDirectory(prefix="thaw-bench-") as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        write_folder(folder, files=files)
        took = Checkout(Path(name) / "var", debug=False).answer("bench.folder", folder)
    took["parts"] = list(map(sum, zip(*(took[part] for part in PARTS), strict=True)))
    yield row_of_times(f"folder of {files:,} files", _compare(took, "import", "parts"), limit=2)
    yield row_of_times("the same folder again", _compare(took, "again", "import"), limit=0.25)


def _compare(took: dict[str, list[float]], ours: str, bare: str) -> Comparison:
    """All slices together, and the median of each slice's own ratio."""
    ratios = [whole / part for whole, part in zip(took[ours], took[bare], strict=True)]
    return Comparison(ours=sum(took[ours]), bare=sum(took[bare]), median=median(ratios))


def write_folder(folder: Path, *, files: int) -> None:
    """Log files that differ in their day alone, which their bot tells."""
    text, _ = meeting()
    lines = text.splitlines(keepends=True)
    announced = next(i for i, line in enumerate(lines) if "Meeting started " in line)
    head, _, tail = lines[announced].partition("Meeting started ")
    said, utc, rest = tail.partition(" UTC")
    began = datetime.strptime(said, "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 a bot's words, UTC
    began = began.replace(year=1990)
    for number in range(files):
        day = began + timedelta(days=number)
        lines[announced] = (
            f"{head}Meeting started {day:%a %b} {day.day:2} {day:%H:%M:%S %Y}{utc}{rest}"
        )
        (folder / f"talk.{day:%Y-%m-%d-%H.%M}.log.txt").write_text("".join(lines), encoding="utf-8")


def main(folder: Path) -> None:
    """Slice by slice, each way in turn; the database grows by every slice, once.

    Of the processor's time: each is measured once, and others may be at work on the machine.
    """
    from django.core.management import call_command  # noqa: PLC0415 Django is set up first

    paths = sorted(folder.iterdir())
    seconds: dict[str, list[float]] = {}
    for start in range(0, len(paths), SLICE):
        part = paths[start : start + SLICE]
        last = _last_keys()

        def imported(part: list[Path] = part) -> None:
            call_command("import_meeting", *map(str, part), stdout=io.StringIO())

        _time(seconds, "import", imported)
        _time(seconds, "again", imported)
        stored = _taken_out(last)
        (meetings,) = [one for one in stored if one.table == "meetings_meeting"]
        assert len(meetings.rows) == len(part)
        _time(seconds, "storing", lambda: _insert(stored, files=len(part)))  # noqa: B023 called at once
        _time(seconds, "reading", lambda: _read(part))  # noqa: B023 the same
        taken = [minutes for path in part for minutes in _minutes(path)]
        _time(seconds, "understanding", lambda: _understand(taken))  # noqa: B023 the same
        _time(seconds, "squeezing", lambda: _squeeze(part))  # noqa: B023 the same
    print(json.dumps(seconds))


def _time(seconds: dict[str, list[float]], name: str, work: Callable[[], None]) -> None:
    gc.collect()
    began = process_time()
    work()
    seconds.setdefault(name, []).append(process_time() - began)


def _last_keys() -> dict[str, int]:
    from django.db import connection  # noqa: PLC0415 Django is set up first

    with connection.cursor() as cursor:
        last = {}
        for table in TABLES:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            (last[table],) = cursor.fetchone()
    return last


def _taken_out(last: dict[str, int]) -> list[Stored]:
    """The rows behind these keys, which are in the database no more."""
    from django.db import connection, transaction  # noqa: PLC0415 Django is set up first

    with transaction.atomic(), connection.cursor() as cursor:
        taken = [read_rows(table, after=last[table]) for table in TABLES]
        for table in reversed(TABLES):
            cursor.execute(f"DELETE FROM {table} WHERE id > {last[table]}")
    return taken


def _read(paths: list[Path]) -> None:
    from bench.logs import _take_minutes  # noqa: PLC0415 the same as the group of logs

    for path in paths:
        _take_minutes(path)


def _minutes(path: Path) -> list[Any]:
    from meetings.logs import DateHints, Reading, format_named  # noqa: PLC0415 the same
    from meetings.minutes import Secretary  # noqa: PLC0415 the same

    with path.open("rb") as stream:
        reading = Reading(stream, format=format_named("meetbot"))
        hints = DateHints(name=path.name)
        return list(Secretary(hints=hints, calendar=reading.calendar).minutes(reading))


def _understand(taken: list[Any]) -> None:
    from meetings.counts import week_counts  # noqa: PLC0415 the same
    from meetings.linking import link, said_in  # noqa: PLC0415 the same
    from meetings.names import Glossary  # noqa: PLC0415 the same
    from meetings.verdicts import Rules, suggest  # noqa: PLC0415 the same

    for minutes in taken:
        linked = link(list(said_in(minutes)), minutes.items, Glossary.of())
        suggest(linked, minutes.items, Rules())
        list(week_counts(linked.said))


def _squeeze(paths: list[Path]) -> None:
    for path in paths:
        data = path.read_bytes()
        hashlib.sha256(data).hexdigest()
        zlib.compress(data, 1)


def _insert(stored: list[Stored], *, files: int) -> None:
    """The rows of each file in a transaction of its own; they lie in the order of the files."""
    from django.db import transaction  # noqa: PLC0415 Django is set up first

    for number in range(files):
        with transaction.atomic():
            insert(_share(one, number, files) for one in stored)


def _share(stored: Stored, number: int, files: int) -> Stored:
    each = len(stored.rows) // files
    return stored._replace(rows=stored.rows[number * each : (number + 1) * each])


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]))
