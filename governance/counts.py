"""How a release stands, in counts that lead to what was counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from releases.models import MergeProposal, Release
from releases.models.proposals import IN_REVIEW

ENOUGH = 100  # beyond this a count is “99+”: counting a hundred thousand takes long and tells less
DAY = timedelta(days=1)


class _Counted(Subquery):
    """How many rows a query has, up to `ENOUGH`, as a column of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any]) -> None:
        super().__init__(queryset.order_by().values("pk")[:ENOUGH])


@dataclass(frozen=True)
class Count:
    """A number, what it counts, and where that is listed."""

    number: int
    words: str
    url: str

    def __str__(self) -> str:
        return str(self.number) if self.number < ENOUGH else f"{ENOUGH - 1}+"


def counts(release: Release, at: datetime) -> list[Count]:
    """What stands, ends soon, waits, is in review and was decided lately; one query."""
    granted = ExceptionRequest.objects.filter(release=release, status=Status.GRANTED)
    # A deadline of one's own and one that is a milestone's are told apart: each has its index.
    own, bound = granted.filter(expires_at__gt=at), granted.filter(expires_with__at__gt=at)
    soon = at + DAY
    counted: dict[str, QuerySet[Any]] = {
        "own": own,
        "bound": bound,
        "own_soon": own.filter(expires_at__lte=soon),
        "bound_soon": bound.filter(expires_with__at__lte=soon),
        "undecided": ExceptionRequest.objects.undecided().filter(release=release),
        "in_review": MergeProposal.objects.filter(release=release, state__in=IN_REVIEW),
        "decided": Decision.objects.filter(exception__release=release, at__gt=at - 7 * DAY),
    }
    columns = map(_Counted, counted.values())
    row = Release.objects.filter(pk=release.pk).values_list(*columns).get()
    found: dict[str, int] = dict(zip(counted, row, strict=True))
    told = (
        (found["own"] + found["bound"], "exception stands", "exceptions stand", "standing"),
        (
            found["own_soon"] + found["bound_soon"],
            "ends within a day",
            "end within a day",
            "expiring",
        ),
        (found["undecided"], "waits for a decision", "wait for a decision", Status.REQUESTED),
    )
    return [
        *(
            _count(number, one if number == 1 else many, "exceptions", release, status)
            for number, one, many, status in told
        ),
        _count(
            found["in_review"],
            "proposal in review" if found["in_review"] == 1 else "proposals in review",
            "proposals",
            release,
            "in-review",
        ),
        _count(found["decided"], "decided this week", "decisions", release),
    ]


def _count(number: int, words: str, name: str, release: Release, status: str = "") -> Count:
    """With the address of the list that shows what was counted."""
    query = ({"status": status} if status else {}) | {"release": release.slug}
    return Count(min(number, ENOUGH), words, f"{reverse(name)}?{urlencode(query)}")
