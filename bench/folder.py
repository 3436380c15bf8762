"""A folder of many logs: the whole import against the sum of its parts.

The parts are reading each file and taking its minutes, as a dry run of nothing does, and storing
the very same rows, each file's in a transaction of its own, by the barest statements.
`python -m bench.folder FOLDER ROUNDS`, in the environment of a `Checkout`, prints seconds as JSON.
"""

import gc
import io
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from bench.checkout import Checkout
from bench.measuring import Work, compare, in_turn
from bench.sample import meeting
from bench.table import Row, row_of_times

FILES, QUICK_FILES = 10_000, 300
TABLES = (
    "meetings_source",
    "meetings_piece",
    "meetings_meeting",
    "meetings_item",
    "meetings_logline",
)


def rows() -> Iterator[Row]:
    """The sample under as many names, each on a day of its own. BENCH_QUICK=1: fewer of them."""
    files = QUICK_FILES if os.environ.get("BENCH_QUICK") else FILES
    with TemporaryDirectory(prefix="thaw-bench-") as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        write_folder(folder, files=files)
        rounds = 3 if files == QUICK_FILES else 1  # ten thousand files are many rounds
        took = Checkout(Path(name) / "var", debug=False).answer("bench.folder", folder, rounds)
    took["parts"] = list(map(sum, zip(took["reading"], took["storing"], strict=True)))
    yield row_of_times(f"folder of {files:,} files", compare(took, "import", "parts"), limit=2)
    yield row_of_times("the same folder again", compare(took, "again", "import"), limit=0.25)


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


def main(folder: Path, *, rounds: int) -> None:
    from django.core.management import call_command  # noqa: PLC0415 Django is set up first
    from django.db import connection  # noqa: PLC0415 the same

    paths = sorted(folder.iterdir())

    def imported() -> None:
        call_command("import_meeting", folder, stdout=io.StringIO())

    def emptied() -> None:
        with connection.cursor() as cursor:
            for table in reversed(TABLES):
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    imported()
    with connection.cursor() as cursor:
        stored = {table: _rows(cursor, table) for table in TABLES}
    assert len(stored["meetings_meeting"][1]) == len(paths)
    gc.collect()
    gc.freeze()  # nobody else's collections look at the rows
    works = {
        "import": Work(imported, before=emptied),
        "again": Work(imported),
        "reading": Work(lambda: _read(paths)),
        "storing": Work(lambda: _insert(stored), before=emptied),
    }
    print(json.dumps(in_turn(works, rounds=rounds, is_warm=True)))


def _read(paths: list[Path]) -> None:
    from bench.logs import _take_minutes  # noqa: PLC0415 the same as the group of logs

    for path in paths:
        _take_minutes(path)


def _rows(cursor: Any, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
    columns = [name for (name,) in cursor.fetchall()]
    asked = ", ".join(f"CAST({name} AS text)" if name.endswith("at") else name for name in columns)
    cursor.execute(f"SELECT {asked} FROM {table} ORDER BY id")
    return columns, cursor.fetchall()


def _insert(stored: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    """The rows of each file in a transaction of its own; they lie in the order of the files."""
    from django.db import connection, transaction  # noqa: PLC0415 Django is set up first

    files = len(stored["meetings_source"][1])
    for number in range(files):
        with transaction.atomic():
            for table, (columns, all_rows) in stored.items():
                share = len(all_rows) // files
                marks = ", ".join("?" * len(columns))
                connection.connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                    all_rows[number * share : (number + 1) * share],
                )


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), rounds=int(sys.argv[2]))
