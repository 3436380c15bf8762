"""A query compiled once and asked at other instants, for what is asked every half minute.

Where nothing is due, putting the queries of a sweep together takes Django fifty times as long as
the database takes to answer.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

_FIRST_STAND_IN = datetime(1901, 1, 1, tzinfo=UTC)


def stand_in(number: int) -> datetime:
    """An instant that nobody means, to build a query with."""
    return _FIRST_STAND_IN + timedelta(days=number)


class Probe:
    """Whether any of some queries finds something, with other instants for the stand-ins."""

    def __init__(self, queries: Sequence[QuerySet[Any]], names: Mapping[datetime, str]) -> None:
        first, *rest = (query.order_by().values_list("pk") for query in queries)
        together = first.union(*rest, all=True) if rest else first
        self._sql, params = together[:1].query.sql_with_params()
        adapted = {_adapted(instant): name for instant, name in names.items()}
        self._params = [
            (param, adapted.get(param) if isinstance(param, str | datetime) else None)
            for param in params
        ]

    def finds(self, **instants: datetime) -> bool:
        values = {name: _adapted(instant) for name, instant in instants.items()}
        params = [values[name] if name else param for param, name in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return cursor.fetchone() is not None


def _adapted(instant: datetime) -> Any:
    """As it is given to this database."""
    return connection.ops.adapt_datetimefield_value(instant)
