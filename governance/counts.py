"""How a release stands, in counts that lead to what was counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from releases.models import MergeProposal, Release
from releases.models.proposals import IN_REVIEW
from releases.prepared import prepared

ENOUGH = 100  # beyond this a count is “99+”: counting a hundred thousand takes long and tells less
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class _Counted(Subquery):
    """How many rows a query has, up to `ENOUGH`, as a column of another query.

    Its order says through which index they are to be found, where that is in doubt.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any]) -> None:
        super().__init__(queryset.values("pk")[:ENOUGH])


@dataclass(frozen=True)
class Count:
    """A number, what it counts, and where that is listed."""

    number: int
    words: str
    url: str

    def __str__(self) -> str:
        return str(self.number) if self.number < ENOUGH else f"{ENOUGH - 1}+"


def counts(release: Release, at: datetime) -> list[Count]:
    """What stands, ends soon, waits, is open and was entered lately; one query."""
    [found] = _found(release=release.pk, at=at, soon=at + DAY, lately=at - WEEK)
    own, bound, own_soon, bound_soon, undecided, meant, excepted, entered = found
    in_review = meant + excepted
    told = (
        (own + bound, "exception stands", "exceptions stand", "standing"),
        (
            own_soon + bound_soon,
            "ends within a day",
            "end within a day",
            "expiring",
        ),
        (undecided, "waits for a decision", "wait for a decision", Status.REQUESTED),
    )
    return [
        *(
            _count(number, one if number == 1 else many, "exceptions", release, status)
            for number, one, many, status in told
        ),
        _count(
            in_review,
            "open proposal" if in_review == 1 else "open proposals",
            "proposals",
            release,
            "in-review",
        ),
        _count(
            entered,
            "entry in the ledger this week" if entered == 1 else "entries in the ledger this week",
            "decisions",
            release,
        ),
    ]


@prepared(
    release=BigIntegerField(), at=DateTimeField(), soon=DateTimeField(), lately=DateTimeField()
)
def _found(
    *, release: int, at: datetime, soon: datetime, lately: datetime
) -> QuerySet[Release, tuple[int, ...]]:
    exceptions = ExceptionRequest.objects.filter(release=release).order_by()
    granted = exceptions.filter(status=Status.GRANTED)
    in_review = MergeProposal.objects.filter(state__in=IN_REVIEW).order_by()
    meant, excepted = in_review.of_release_in_two(release)
    # A deadline of one's own and one that is a milestone's are told apart: each has its index.
    own, bound = granted.filter(expires_at__gt=at), granted.filter(expires_with__at__gt=at)
    counted: list[QuerySet[Any]] = [
        own,
        bound,
        own.filter(expires_at__lte=soon),
        bound.filter(expires_with__at__lte=soon),
        exceptions.undecided(),
        meant,
        excepted,
        Decision.objects.filter(exception__release=release, at__gt=lately).order_by("-at", "-pk"),
    ]
    return Release.objects.filter(pk=release).values_list(*map(_Counted, counted))


def _count(number: int, words: str, name: str, release: Release, status: str = "") -> Count:
    """With the address of the list that shows what was counted."""
    query = ({"status": status} if status else {}) | {"release": release.slug}
    return Count(min(number, ENOUGH), words, f"{reverse(name)}?{urlencode(query)}")
