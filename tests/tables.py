"""The tests' own database: emptied after a test that committed, and copied for processes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection, transaction

from tests.thaw.places import Place

KEPT = {"django_content_type", "auth_permission"}


def empty_tables() -> None:
    """In place of Django's `flush`: every row is deleted, but what `migrate` itself puts there.

    `flush` truncates every table, for each of which PostgreSQL makes new files and waits for the
    disk: more than a second a test. Constraints are deferred, so the order is of no account.
    """
    tables = sorted(set(connection.introspection.django_table_names(include_views=False)) - KEPT)
    quoted = {table: connection.ops.quote_name(table) for table in tables}
    held = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in quoted.items()
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(held)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted[table]}")


def make_file(path: Path) -> None:
    """A SQLite file as `migrate` leaves it: a copy of the tests' database, where that is one."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
            copy.execute("DELETE FROM sqlite_sequence")  # FFE-1 comes first there
            copy.commit()
            copy.execute("PRAGMA journal_mode=WAL")  # while another writes, nobody could set it
    else:
        done = Place(path.parent).manage("migrate", "-v0", DATABASE_URL=f"sqlite:///{path}")
        assert done.returncode == 0, done.stderr
