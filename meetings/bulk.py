"""Many rows at once, by the quickest way that the database has: bulk_create takes five times as
long as COPY or executemany, and a log has thousands of lines.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MIDNIGHT, DAY = timedelta(0), timedelta(days=1)


def insert_rows(
    model: type[models.Model], columns: Iterable[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows of values as the database stores them; the caller holds the transaction.

    Columns are the table's (`meeting_id`). Instants go through `stored`, JSON is text.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)  # noqa: SLF001 Django's public way to a table's name
    names = [quote(column) for column in columns]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 names of ours
            cursor.executemany(insert, list(rows))


def insert_objects(model: type[models.Model], objects: Iterable[models.Model]) -> None:
    """Insert unsaved objects by one statement; they get no keys. For within a transaction."""
    fields = [
        field
        for field in model._meta.concrete_fields  # noqa: SLF001 as above
        if not field.primary_key and not field.generated
    ]
    rows = [
        tuple(field.get_db_prep_save(getattr(one, field.attname), connection) for field in fields)
        for one in objects
    ]
    if rows:
        insert_rows(model, [str(field.column) for field in fields], rows)


def stored(instants: Iterable[datetime]) -> list[Any]:
    """Instants in UTC as the database stores them: SQLite has text, without the zone.

    Lines of a log lie within a day or two, so that day and clock are each written once.
    """
    if connection.vendor != "sqlite":
        return list(instants)
    texts = []
    midnight, day = EPOCH, ""
    for at in instants:
        since = at - midnight
        if not day or not MIDNIGHT <= since < DAY:
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            since, day = at - midnight, f"{midnight:%Y-%m-%d} "
        texts.append(day + _clock(since))
    return texts


@lru_cache(maxsize=100_000)
def _clock(since_midnight: timedelta) -> str:
    """`21:00:49`, with microseconds where there are some."""
    return str((EPOCH + since_midnight).time())
