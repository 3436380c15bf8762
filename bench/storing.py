"""Time what import_log adds to reading, against the bare way to insert its lines.

`python -m bench.storing LOG ROUNDS`, in the environment of a `Checkout`; prints seconds as JSON.
"""

import gc
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.core.management.color import no_style

from bench.measuring import Work, in_turn

TABLE = "meetings_logline"
COLUMNS = "meeting_id, number, at, nick, kind, text"


def main(path: Path, *, rounds: int) -> None:
    from django.db import ProgrammingError, connection  # noqa: PLC0415 Django is set up first

    from meetings.importing import import_log  # noqa: PLC0415 the same
    from meetings.logs import DateHints  # noqa: PLC0415 the same
    from meetings.models import Item, LogLine, Meeting, Piece, Source  # noqa: PLC0415 the same

    at = datetime(2026, 1, 1, tzinfo=UTC)

    def empty(*models: Any) -> None:
        tables = [model._meta.db_table for model in models]  # noqa: SLF001 Django's public way
        flush = connection.ops.sql_flush(
            no_style(), tables, reset_sequences=True, allow_cascade=True
        )
        connection.ops.execute_sql_flush(flush)
        with connection.cursor() as cursor:  # so that nobody pays for what was written before
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                with suppress(ProgrammingError):  # it takes a right that this user may lack
                    cursor.execute("CHECKPOINT")

    def empty_all() -> None:
        empty(LogLine, Item, Meeting, Piece, Source)

    def run(*, dry_run: bool) -> None:
        with path.open("rb") as stream:
            import_log(stream, name="bench.log", at=at, hints=DateHints(), dry_run=dry_run)

    # To warm up, and for its rows: numbering begins anew each time, so they fit every round.
    empty_all()
    run(dry_run=False)
    at_as_stored = "CAST(at AS text)" if connection.vendor == "sqlite" else "at"
    columns = COLUMNS.replace(" at,", f" {at_as_stored},")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {TABLE} ORDER BY id")
        rows = cursor.fetchall()
    gc.collect()
    gc.freeze()  # nobody else's collections look at them

    bare = _bare_sqlite if connection.vendor == "sqlite" else _bare_postgresql
    seconds = in_turn(
        {
            "dry": Work(lambda: run(dry_run=True), before=empty_all),
            "import": Work(lambda: run(dry_run=False)),
            "bare": Work(lambda: bare(rows), before=lambda: empty(LogLine)),
        },
        rounds=rounds,
        is_warm=True,
    )
    assert LogLine.objects.count() == len(rows)
    print(json.dumps(seconds))


def _bare_sqlite(rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 Django is set up first

    with transaction.atomic():
        connection.connection.executemany(
            f"INSERT INTO {TABLE} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows
        )


def _bare_postgresql(rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 Django is set up first

    with (
        transaction.atomic(),
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), rounds=int(sys.argv[2]))
