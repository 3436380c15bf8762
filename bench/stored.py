"""The rows that importing stores, taken out of their tables and put back in the barest way."""

from collections.abc import Iterable
from typing import Any, NamedTuple

TABLES = (
    "meetings_source",
    "meetings_piece",
    "meetings_meeting",
    "meetings_item",
    "meetings_logline",
    "meetings_mention",
    "meetings_suggestion",
    "meetings_action",
    "meetings_action_people",
    "meetings_telling",
    "meetings_weekcount",
)


class Stored(NamedTuple):
    """Rows of one table, each value as its database takes it back."""

    table: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def read_rows(table: str, *, after: int = 0) -> Stored:
    """Those with a key behind `after`, in the order of their keys."""
    from django.db import connection  # noqa: PLC0415 Django is set up first

    with connection.cursor() as cursor:
        told = connection.introspection.get_table_description(cursor, table)
        columns = [column.name for column in told]
        # SQLite's driver would make instants of texts, and PostgreSQL's lists of JSON.
        as_text = {
            column.name
            for column in told
            if (column.name.endswith("at") if connection.vendor == "sqlite" else _is_json(column))
        }
        asked = [f"CAST({name} AS text)" if name in as_text else name for name in columns]
        cursor.execute(f"SELECT {', '.join(asked)} FROM {table} WHERE id > {after} ORDER BY id")
        return Stored(table, columns, cursor.fetchall())


def _is_json(column: Any) -> bool:
    from django.db import connection  # noqa: PLC0415 Django is set up first

    return connection.introspection.get_field_type(column.type_code, column) == "JSONField"


def insert(stored: Iterable[Stored]) -> None:
    """By `executemany` or `COPY`; the caller holds the transaction."""
    from django.db import connection  # noqa: PLC0415 Django is set up first

    for table, columns, rows in stored:
        into = f"{table} ({', '.join(columns)})"
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * len(columns))
            connection.connection.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)
            continue
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
