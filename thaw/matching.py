"""Comparisons whose other side may be given later, in a query that is composed once.

Django's own lookups look at their value while they write the SQL.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func

from releases.prepared import as_expression


class Like(Func):
    """Whether a column fits a pattern, in any case: what `icontains` asks of the same column."""

    output_field = BooleanField()

    def __init__(self, column: str, pattern: Any) -> None:
        super().__init__(F(column), as_expression(pattern))

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="UPPER(%(expressions)s)",
            arg_joiner="::text) LIKE UPPER(",
        )

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        template = r"%(expressions)s ESCAPE '\'"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" LIKE ")


class IsOneOf(Func):
    """Whether a key is one of some, which travel as one value: see `as_keys`."""

    output_field = BooleanField()

    def __init__(self, column: str, keys: Any) -> None:
        super().__init__(F(column), as_expression(keys))

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        template = "%(expressions)s::text::bigint[])"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" = ANY(")

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        template = "%(expressions)s))"
        joiner = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)


def as_keys(keys: Iterable[int]) -> str:
    """Some keys as the text that this database reads as many."""
    listed = json.dumps(list(keys))
    return listed.translate({91: "{", 93: "}"}) if connection.vendor == "postgresql" else listed


def whole(text: str) -> str:
    """The pattern of this text alone."""
    return str(connection.ops.prep_for_like_query(text))


def part_of(text: str) -> str:
    """The pattern of whatever has this text in it."""
    return f"%{whole(text)}%"
