"""Many rows at once, by the quickest way that the database has: bulk_create takes five times as
long as COPY or executemany, and a log has thousands of lines.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection, models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAIN = (str, int, bool)  # stored as they are, by whatever field but JSON's


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
        elif rows := list(rows):
            marks = ", ".join(["%s"] * len(names))
            insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 names of ours
            cursor.executemany(insert, rows)


def insert_objects(model: type[models.Model], objects: Iterable[models.Model]) -> None:
    """Insert unsaved objects by one statement; they get no keys. For within a transaction."""
    columns, names, saved = _plan(model)
    rows = [
        tuple(save(getattr(one, name)) for name, save in zip(names, saved, strict=True))
        for one in objects
    ]
    if rows:
        insert_rows(model, columns, rows)


@cache
def _plan(
    model: type[models.Model],
) -> tuple[list[str], list[str], list[Callable[[Any], Any]]]:
    """The columns of a model that are given to it, their names there, and how they are stored."""
    fields = [
        field
        for field in model._meta.concrete_fields  # noqa: SLF001 as above
        if not field.primary_key and not field.generated
    ]
    columns = [str(field.column) for field in fields]
    return columns, [field.attname for field in fields], list(map(_saved, fields))


def _saved(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """What makes of a field's value what the database stores; most values are that already."""
    plain = () if isinstance(field, models.JSONField) else PLAIN

    def saved(value: Any) -> Any:
        if value is None or type(value) in plain:
            return value
        return field.get_db_prep_save(value, connection)

    return saved


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
        if not day or since.days:
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            since, day = at - midnight, f"{midnight:%Y-%m-%d} "
        clock = _clock(since.seconds)
        texts.append(f"{day}{clock}.{since.microseconds:06}" if since.microseconds else day + clock)
    return texts


@cache
def _clock(seconds: int) -> str:
    """`21:00:49`, of the seconds since midnight."""
    return str((EPOCH + timedelta(seconds=seconds)).time())
