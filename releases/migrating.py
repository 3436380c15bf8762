"""Indexes for tables that are large and in use by the time they are wanted."""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddIndex, RunPython


class AddIndexInUse(AddIndexConcurrently):
    """Add an index while PostgreSQL goes on taking what is written to the table.

    Its migration says `atomic = False`, and may be run again where it broke off: what a broken
    building leaves is taken away first. SQLite locks its file, as for any change.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        if self.index.expressions:  # else the planner guesses how rare their values are
            table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table  # noqa: SLF001 Django's way to name it
            schema_editor.execute(f"ANALYZE {schema_editor.quote_name(table)}")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
            return
        super().database_backwards(app_label, schema_editor, from_state, to_state)


def index_parts_of_words(table: str, name: str, *columns: str) -> RunPython:
    """Let an index of PostgreSQL answer which rows have some letters in one of these columns.

    It serves `icontains`, whose `UPPER(column::text) LIKE …` it repeats to the letter. SQLite has
    no such index, and reads the table.
    """
    expressions = ", ".join(f"upper({column}::text) gin_trgm_ops" for column in columns)
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    make = f"CREATE INDEX CONCURRENTLY {name} ON {table} USING gin ({expressions})"

    def run(*statements: str) -> Callable[[Any, Any], None]:
        def on_postgresql(apps: Any, schema_editor: Any) -> None:
            if schema_editor.connection.vendor == "postgresql":
                for statement in statements:
                    schema_editor.execute(statement)

        return on_postgresql

    trigrams = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    count = f"ANALYZE {table}"  # else the planner guesses how rare some letters are, and badly
    return RunPython(run(trigrams, drop, make, count), run(drop))
