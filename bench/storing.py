"""Time what import_log adds to reading, against the bare way to insert the same rows.

`python -m bench.storing LOG ROUNDS`, in the environment of a `Checkout`; prints seconds as JSON.
"""

import gc
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management.color import no_style

from bench.measuring import Work, in_turn
from bench.stored import TABLES, insert, read_rows


def main(path: Path, *, rounds: int) -> None:
    from django.db import ProgrammingError, connection, transaction  # noqa: PLC0415 Django is set up first

    from meetings.importing import import_log  # noqa: PLC0415 the same
    from meetings.logs import DateHints  # noqa: PLC0415 the same

    at = datetime(2026, 1, 1, tzinfo=UTC)

    def empty() -> None:
        flush = connection.ops.sql_flush(
            no_style(), TABLES, reset_sequences=True, allow_cascade=True
        )
        connection.ops.execute_sql_flush(flush)
        with connection.cursor() as cursor:  # so that nobody pays for what was written before
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                with suppress(ProgrammingError):  # it takes a right that this user may lack
                    cursor.execute("CHECKPOINT")

    def run(*, dry_run: bool) -> None:
        with path.open("rb") as stream:
            import_log(stream, name="bench.log", at=at, hints=DateHints(), dry_run=dry_run)

    # To warm up, and for its rows.
    empty()
    run(dry_run=False)
    stored = [read_rows(table) for table in TABLES]
    gc.collect()
    gc.freeze()  # nobody else's collections look at them

    def insert_bare() -> None:
        with transaction.atomic():
            insert(stored)

    seconds = in_turn(
        {
            "dry": Work(lambda: run(dry_run=True), before=empty),
            "import": Work(lambda: run(dry_run=False)),
            "bare": Work(insert_bare, before=empty),
        },
        rounds=rounds,
        is_warm=True,
    )
    assert [len(read_rows(one.table).rows) for one in stored] == [len(one.rows) for one in stored]
    print(json.dumps(seconds))


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), rounds=int(sys.argv[2]))
