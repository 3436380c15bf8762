"""Lists that are filtered by the address: what was chosen, in words, and the page that follows.

An address that asks for what does not exist shows the whole list and says nothing of it; junk in
one never fails.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from releases.rows import instant

PAGE = 50  # rows
LONGEST_KEY = 18  # digits that fit a primary key
LONGEST_WORDS = 200  # characters searched for
NAME = "name"  # what people are listed by


@dataclass(frozen=True)
class Choice:
    """A value of a filter, and how a form and a sentence name it."""

    value: str
    label: str
    words: str


@dataclass(frozen=True)
class Filter:
    """One thing to filter by: its name in the address, its label, its choices."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    is_linked: bool = False  # chosen by following a link, not in the form


@dataclass(frozen=True)
class Shown:
    """A filter in force: what a sentence says of it, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Filters:
    """What an address asks of a list."""

    filters: tuple[Filter, ...]
    asked: dict[str, str]
    words: str  # searched for

    @classmethod
    def of(cls, query: QueryDict, filters: Iterable[Filter]) -> "Filters":
        filters = tuple(filters)
        asked = {one.name: query.get(one.name, "") for one in filters}
        known = {one.name: {choice.value for choice in one.choices} for one in filters}
        words = "".join(c for c in query.get("q", "") if c.isprintable()).strip()
        return cls(
            filters=filters,
            asked={name: value for name, value in asked.items() if value in known[name]},
            words=words[:LONGEST_WORDS],
        )

    def value(self, name: str) -> str:
        """What was chosen of a filter, or nothing."""
        return self.asked.get(name, "")

    @property
    def shown(self) -> list[Shown]:
        """What is in force, in the order of the filters."""
        said = {one.name: self._choice(one) for one in self.filters if one.name in self.asked}
        words = [(name, choice.words) for name, choice in said.items()]
        if self.words:
            words.append(("q", f"with “{self.words}”"))
        return [Shown(text, self._address(without=name)) for name, text in words]

    @property
    def fields(self) -> list[tuple[Filter, str]]:
        """Each filter with what is chosen of it, for a form."""
        return [(one, self.value(one.name)) for one in self.filters]

    def following(self, key: str, value: object) -> str:
        """The address of the page after this one."""
        return self._address(**{key: str(value)})

    def _choice(self, one: Filter) -> Choice:
        return next(choice for choice in one.choices if choice.value == self.asked[one.name])

    def _address(self, *, without: str = "", **more: str) -> str:
        query = QueryDict(mutable=True)
        asked = self.asked | ({"q": self.words} if self.words else {}) | more
        query.update({name: value for name, value in asked.items() if name != without})
        return f"?{query.urlencode()}"


def choices(named: Iterable[tuple[str, str]], words: str) -> tuple[Choice, ...]:
    """Choices out of values and labels; `words` is the sentence's part, such as `of {}`."""
    return tuple(Choice(value, label, words.format(label)) for value, label in named)


@dataclass(frozen=True)
class Page:
    """One page of a list, and the address of the one that follows."""

    rows: list[Any]
    next: str  # nothing at the end
    is_first: bool


def page_of(
    queryset: QuerySet[Any],
    query: QueryDict,
    filters: Filters,
    *,
    order: str = "-pk",
    size: int = PAGE,
    told: QuerySet[Any] | None = None,
    first: Callable[..., QuerySet[Any]] | None = None,
) -> Page:
    """The rows after those that were shown, found by their key and not by counting.

    `order` is the primary key, a name or an instant, falling where it begins with a minus; among
    equals the key decides. `told` says what is read of the rows with what they belong to, so that
    no more is than the page has; where it is absent, `queryset` does. `first` finds the `most` rows
    of a queryset in this order, where there is a shorter way to them.
    """
    falls = order.startswith("-")
    last = _last(query.get(_beyond(order), ""), queryset, order)
    if last is not None:
        at, key = last
        beyond = "lt" if falls else "gt"
        further = Q(**{f"pk__{beyond}": key})
        if at is not None:
            column = order.lstrip("-")
            further = Q(**{f"{column}__{beyond}": at}) | Q(**{column: at}) & further
            further &= Q(**{f"{column}__{beyond}e": at})  # what an index can serve
        queryset = queryset.filter(further)
    if first is None:
        rows = list(first_rows(queryset, order=order, size=size, told=told))
    else:
        rows = list(first(queryset, most=size + 1))
    return page_with(rows, filters, order=order, size=size, is_first=last is None)


def first_rows(
    queryset: QuerySet[Any], *, order: str, size: int, told: QuerySet[Any] | None = None
) -> QuerySet[Any]:
    """The rows of a page as `page_of` orders and reads them, and one more if there is one."""
    tie = "-pk" if order.startswith("-") else "pk"
    ordering = [order] if order == tie else [order, tie]
    found = queryset.order_by(*ordering)[: size + 1]
    if told is not None:
        found = told.filter(pk__in=found.values("pk")).order_by(*ordering)
    return found


def page_with(
    rows: list[Any], filters: Filters, *, order: str, size: int, is_first: bool = True
) -> Page:
    """A page out of its rows, and one more if there is one."""
    following = ""
    if len(rows) > size:
        end = rows[size - 1]
        at = getattr(end, order.lstrip("-"))
        stamp = f"{at.astimezone(UTC).isoformat()}_" if isinstance(at, datetime) else ""
        following = filters.following(_beyond(order), f"{stamp}{end.pk}")
    return Page(rows[:size], following, is_first=is_first)


def _beyond(order: str) -> str:
    """What the address calls the last row that was shown."""
    return "before" if order.startswith("-") else "after"


def _last(
    text: str, queryset: QuerySet[Any], order: str
) -> tuple[datetime | str | None, int] | None:
    """What the last row that was shown is ordered by; None for junk, and where it is no more.

    An address gives an instant beside the key. A name it does not: that may be long, and is read.
    """
    column = order.lstrip("-")
    if column != NAME:
        return _cursor(text, timed=column != "pk")
    found = _cursor(text, timed=False)
    rows = queryset.model._default_manager.filter(pk=found[1]) if found else None  # noqa: SLF001 Django's way to name it
    named = rows.values_list(NAME, "pk").first() if rows is not None else None
    return named and (named[0], named[1])


def _cursor(text: str, *, timed: bool) -> tuple[datetime | None, int] | None:
    """The instant and key that an address names; None for junk."""
    stamp, _, key = text.rpartition("_")
    if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY):
        return None
    if not timed:
        return None if stamp else (None, int(key))
    try:
        return instant(stamp), int(key)
    except ValueError:
        return None
