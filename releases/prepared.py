"""Queries that are asked often: composed once, and after that only given their values.

Most of what a short query costs is Django writing its SQL. A query set that differs from one time
to the next in nothing but its values is written when it is first asked; from then on its SQL goes
out as it is, and PostgreSQL plans it once for each connection.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

P = ParamSpec("P")
R = TypeVar("R")  # a row: a record, or what `values_list` makes of one
AnyField: TypeAlias = "Field[Any, Any]"


class Slot(Expression):
    """Where a value goes that is given when the query is asked."""

    def __init__(self, name: str, field: AnyField) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]


def as_expression(value: Any) -> Any:
    """A slot or another expression as it is; anything else as a value of the query."""
    return value if hasattr(value, "as_sql") else Value(value)


class Prepared(Generic[P, R]):
    """A query set that is composed once: see `prepared`."""

    def __init__(self, build: Callable[P, QuerySet[Any, R]], fields: dict[str, AnyField]) -> None:
        update_wrapper(self, build)
        self._build, self._fields = build, fields
        self._written: dict[str, _Written[R]] = {}

    def __call__(self, *_: P.args, **values: P.kwargs) -> list[R]:
        return self.later(*_, **values)()

    def later(self, *_: P.args, **values: P.kwargs) -> Callable[[], list[R]]:
        """Ask now, and read the rows when they are wanted: for several within `together`."""
        query = self._written.get(DEFAULT_DB_ALIAS)
        if query is None:
            slots: dict[str, Any] = {name: Slot(name, kind) for name, kind in self._fields.items()}
            query = self._written[DEFAULT_DB_ALIAS] = _Written.of(self._build(*_, **slots))
        return query.sent(values)


def prepared(**fields: AnyField) -> Callable[[Callable[P, QuerySet[Any, R]]], Prepared[P, R]]:
    """Decorate a function that makes a query set of its keyword arguments, of these kinds.

    What it returns then are the rows of that one query, read anew at each call, with what
    `select_related` brings and without what `prefetch_related` would. The function itself runs
    once, and is given a `Slot` for each argument: something to compare with, not to look at. A
    comparison with None holds for no row, as in SQL.
    """
    return lambda build: Prepared(build, fields)


@contextmanager
def together() -> Iterator[None]:
    """Let PostgreSQL have one query after the other without waiting for what it answers.

    An error of one is raised where the first of them is read.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.connection.pipeline():
        yield


@dataclass(frozen=True)
class _Written(Generic[R]):
    queryset: QuerySet[Any, R]
    compiler: SQLCompiler  # it remembers which column belongs where
    sql: str
    parameters: tuple[Any, ...]

    @classmethod
    def of(cls, queryset: QuerySet[Any, R]) -> "_Written[R]":
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, parameters = compiler.as_sql()
        if compiler.connection.vendor == "postgresql":
            sql, parameters = _with_constants(sql, parameters, compiler.connection)
        return cls(queryset, compiler, sql, tuple(parameters))

    def sent(self, values: dict[str, Any]) -> Callable[[], list[R]]:
        """Run it, and give what reads its rows as Django would."""
        connection = connections[self.queryset.db]
        cursor = _cursor(connection)
        cursor.execute(self.sql, [_given(one, values, connection) for one in self.parameters])

        def read() -> list[R]:
            with cursor:
                fetched = cursor.fetchall()
            compiler, query = copy(self.compiler), copy(self.queryset.query)
            compiler.connection = connection
            compiler.execute_sql = lambda *_, **__: [fetched]  # type: ignore[assignment,method-assign]
            query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
            asked: Any = QuerySet(self.queryset.model, query=query, using=self.queryset.db)
            as_rows: Any = self.queryset  # whole records, or only some of their values
            asked._iterable_class, asked._fields = as_rows._iterable_class, as_rows._fields  # noqa: SLF001
            return list(asked)

        return read


def _given(one: Any, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(one, Slot):
        return one
    return one.output_field.get_db_prep_value(values[one.name], connection)


def _with_constants(
    sql: str, parameters: Iterable[Any], connection: BaseDatabaseWrapper
) -> tuple[str, list[Slot]]:
    """With what is the same each time written into the SQL, and only the slots left to be given.

    A plan that is kept can use an index over some rows only where it is told which are asked for.
    """
    from psycopg.sql import quote  # noqa: PLC0415 SQLite needs none

    connection.ensure_connection()
    parameters = list(parameters)
    written = tuple(
        "%s" if isinstance(one, Slot) else quote(one, connection.connection).replace("%", "%%")
        for one in parameters
    )
    return sql.replace("%%", "%%%%") % written, [one for one in parameters if isinstance(one, Slot)]


def _cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """On PostgreSQL, one that leaves the values to the server, for only so is a plan kept."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415 it needs psycopg

    connection.ensure_connection()
    usual = connection.connection.cursor_factory
    connection.connection.cursor_factory = ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        connection.connection.cursor_factory = usual
