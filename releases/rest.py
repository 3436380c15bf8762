"""How every resource of the API answers: pages by cursor, conditional GETs, plain instants.

A resource reads columns, not objects, and makes its rows in one function, so that a page costs the
same few queries however long it is. What a caller names and we do not know is refused: a filter or
a field with a slip in it must not pass for one that was heeded.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import md5
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError as Invalid
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from django_filters import BooleanFilter, ChoiceFilter, Filter, FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from releases.addressing import site_url
from releases.rows import Row, instant

PAGE, LONGEST_PAGE = 50, 200  # rows
LONGEST_CURSOR = 300  # characters
LARGEST_KEY = 2**62
LONGEST_WORDS = 200  # characters of a filter
TRUE_OR_FALSE = {"true": True, "1": True, "false": False, "0": False}
NO_RECORD = "There is no such record."


class OneOf(ChoiceFilter):
    """One of a list, which is named to who asks for another."""

    def __init__(self, *, choices: Sequence[tuple[str, Any]], **options: Any) -> None:
        known = ", ".join(value for value, _ in choices)
        messages = {"invalid_choice": f"“%(value)s” is none of {known}."}
        super().__init__(choices=choices, error_messages=messages, **options)


class Cursor(BasePagination):
    """Pages as `{next, previous, results}`, in the order of one column and the key.

    A row that comes or goes between two pages neither repeats nor hides another.
    """

    page_parameter, size_parameter = "cursor", "page_size"

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self._request, self._by = request, view.paged_by
        size = self._size()
        backwards, place = self._place()
        newest_first = view.newest_first
        sign = "-" if newest_first != backwards else ""
        ordered = queryset.order_by(*(f"{sign}{name}" for name in dict.fromkeys([self._by, "pk"])))
        if place is not None:
            ordered = ordered.filter(self._beyond(place, "lt" if sign else "gt"))
        rows = list(ordered.values(*view.columns, *{"pk", self._by})[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        self._next = self._previous = None
        if rows:
            if more or backwards:
                self._next = self._link("next", rows[-1])
            if (place is not None and not backwards) or (backwards and more):
                self._previous = self._link("previous", rows[0])
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "previous": self._previous, "results": data})

    def get_paginated_response_schema(self, schema: Row) -> Row:
        link = {"type": "string", "format": "uri", "nullable": True, "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[Row]:
        return [
            {
                "name": self.page_parameter,
                "in": "query",
                "required": False,
                "description": "The place of a page: take it out of `next` or `previous`.",
                "schema": {"type": "string", "maxLength": LONGEST_CURSOR},
            },
            {
                "name": self.size_parameter,
                "in": "query",
                "required": False,
                "description": f"Rows of a page; at most {LONGEST_PAGE}.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LONGEST_PAGE,
                    "default": PAGE,
                },
            },
        ]

    def _size(self) -> int:
        words = self._request.query_params.get(self.size_parameter)
        if words is None:
            return PAGE
        if not (words.isascii() and words.isdecimal() and len(words) < len("1000")):
            raise exceptions.ValidationError(
                {self.size_parameter: [f"Give a number from 1 to {LONGEST_PAGE}."]}
            )
        if not 1 <= int(words) <= LONGEST_PAGE:
            raise exceptions.ValidationError(
                {self.size_parameter: [f"A page has 1 to {LONGEST_PAGE} rows."]}
            )
        return int(words)

    def _place(self) -> tuple[bool, tuple[Any, int] | None]:
        words = self._request.query_params.get(self.page_parameter)
        if words is None:
            return False, None
        try:
            return _place_in(words, is_by_instant=self._by != "pk")
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
            raise exceptions.ValidationError(
                {self.page_parameter: ["This is no cursor: take it out of `next` or `previous`."]}
            ) from error

    def _beyond(self, place: tuple[Any, int], way: str) -> Q:
        value, key = place
        if self._by == "pk":
            return Q((f"pk__{way}", key))
        return Q((f"{self._by}__{way}", value)) | Q((self._by, value), (f"pk__{way}", key))

    def _link(self, way: str, row: Row) -> str:
        value = None if self._by == "pk" else row[self._by].isoformat()
        cursor = urlsafe_b64encode(json.dumps([way, value, row["pk"]]).encode()).decode()
        asked = self._request.query_params.copy()
        asked[self.page_parameter] = cursor
        return site_url(f"{self._request.path}?{asked.urlencode()}")


def _place_in(cursor: str, *, is_by_instant: bool) -> tuple[bool, tuple[Any, int]]:
    """Whether it leads backwards, and the column's value and key from where. Raises ValueError."""
    if len(cursor) > LONGEST_CURSOR:
        raise ValueError("too long")
    way, value, key = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
    if way not in {"next", "previous"} or type(key) is not int or not 0 <= key < LARGEST_KEY:
        raise ValueError("not of ours")
    if not is_by_instant and value is not None:
        raise ValueError("of another list")
    return way == "previous", (instant(value) if is_by_instant else None, key)


class InstantField(forms.CharField):
    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        try:
            return instant(words)
        except ValueError as error:
            # Who answers it takes a bare message for a format, and a % in it for a directive.
            raise Invalid("%(why)s", params={"why": str(error)}) from error


class InstantFilter(Filter):
    """`?after=2011-03-30T10:00:00Z`."""

    field_class = InstantField


class TrueOrFalseField(forms.CharField):
    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        if words.lower() not in TRUE_OR_FALSE:
            raise Invalid("“%(words)s” is neither true nor false.", params={"words": words[:60]})
        return TRUE_OR_FALSE[words.lower()]


class TrueOrFalse(BooleanFilter):
    """`?undone=true`; Django's own is off where it reads something else."""

    field_class = TrueOrFalseField


class KnownFilters(DjangoFilterBackend):
    """Filters by query string; a name that is no filter is an error, not a filter that is off."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filters: type[FilterSet] = view.filterset_class
        known = {*filters.base_filters, Cursor.page_parameter, Cursor.size_parameter}
        refuse_unknown(request.query_params, known, what="filter")
        refuse_repeated(request.query_params)
        for name, words in request.query_params.items():
            if name in filters.base_filters and len(words) > LONGEST_WORDS * 5:
                raise exceptions.ValidationError(
                    {name: [f"This is {len(words):,} characters long; it cannot fit anything."]}
                )
        return super().filter_queryset(request, queryset, view)


def refuse_unknown(given: Iterable[str], known: Iterable[str], *, what: str) -> None:
    """Raises ValidationError that names each slip, and what there is."""
    known = list(known)
    there = f"There are: {', '.join(sorted(known))}." if known else "There are none."
    slips = {
        name[:60]: [f"There is no such {what}. {there}"] for name in given if name not in known
    }
    if slips:
        raise exceptions.ValidationError(slips)


def refuse_repeated(given: QueryDict) -> None:
    """Raises ValidationError that names each that is said more than once: the last alone counts."""
    slips = {
        name: [f"It is said {len(values)} times. Say it once."]
        for name, values in given.lists()
        if len(values) > 1
    }
    if slips:
        raise exceptions.ValidationError(slips)


class Body(serializers.Serializer):
    """What a caller may say; whatever else the body holds is refused, and what is said twice."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, QueryDict):  # a form
            refuse_repeated(data)
        if isinstance(data, Mapping):
            writable = [name for name, field in self.fields.items() if not field.read_only]
            refuse_unknown(data, writable, what="field to give")
        return super().to_internal_value(data)


class OneNamed(serializers.ChoiceField):
    """One of a list, which is named to who says another."""

    def __init__(self, choices: Sequence[Any], **options: Any) -> None:
        super().__init__(choices, **options)
        known = ", ".join(map(str, self.choices))
        self.error_messages["invalid_choice"] = f"“{{input}}” is none of {known}."


class Words(serializers.CharField):
    """Text as it came; what may go on record, and how long, the verbs say."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 20_000, "trim_whitespace": False} | options)


class Conditional:
    """Answers to GET carry an ETag, and are 304 where the caller has them already."""

    def tag_of(self, response: Any) -> str:
        return quote_etag(_digest(response.content))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)  # type: ignore[misc] # a view
        if request.method in {"GET", "HEAD"} and response.status_code == status.HTTP_200_OK:
            response.add_post_render_callback(
                lambda made: _conditional(request, made, etag=self.tag_of(made))
            )
        return response


class ConditionalButForItsInstant(Conditional):
    """The same for an answer that says when it was given (`at`): that alone makes it no other.

    The tag is a weak one, for the bytes do differ.
    """

    def tag_of(self, response: Any) -> str:
        told = {name: value for name, value in response.data.items() if name != "at"}
        return f'W/"{_digest(json.dumps(told).encode())}"'


def _digest(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def _conditional(request: Request, response: Any, *, etag: str) -> Any:
    response["ETag"] = etag
    patch_vary_headers(response, ["Authorization"])
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, no_cache=True)
    return get_conditional_response(request._request, etag=etag, response=response)  # noqa: SLF001 DRF wraps it


class Resource(Conditional, viewsets.GenericViewSet):
    """A list and its details, as rows of named columns.

    `rows` makes out of columns what is answered; it may ask a constant number of queries more.
    """

    columns: ClassVar[list[str]]
    paged_by: ClassVar[str] = "pk"
    newest_first: ClassVar[bool] = True
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    pagination_class = Cursor
    filter_backends = [KnownFilters]
    at: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.at = timezone.now()
        super().initial(request, *args, **kwargs)

    def rows(self, found: list[Row]) -> list[Row]:
        raise NotImplementedError

    def details(self, row: Row) -> Row:
        """A row with what only its own page tells."""
        return row

    def named(self, name: str) -> Q:
        """Whose name it is, in the address."""
        return Q((self.lookup_field, name))

    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.rows(found or []))

    def retrieve(self, request: Request, **named: str) -> Response:
        refuse_unknown(request.query_params, (), what="filter of a single record")
        return Response(self.one(named[self.lookup_field]))

    def one(self, name: str) -> Row:
        found = self.get_queryset().filter(self.named(name)).values(*self.columns, "pk")[:1]
        for row in self.rows(list(found)):
            return self.details(row)
        raise Http404(NO_RECORD)

    def record(self, known: QuerySet[Any], name: str) -> Any:
        """What a verb is called on: the one of that name. Raises Http404."""
        for found in known.filter(self.named(name))[:1]:
            return found
        raise Http404(NO_RECORD)

    def said(self, request: Request, body: type[serializers.Serializer]) -> dict[str, Any]:
        """What the caller says, checked. Raises ValidationError."""
        if not isinstance(request.data, Mapping):
            raise exceptions.ParseError("The body is to be a JSON object.")
        given = body(data=request.data, context={"view": self, "request": request})
        given.is_valid(raise_exception=True)
        said: dict[str, Any] = given.validated_data
        return said
