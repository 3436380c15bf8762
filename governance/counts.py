"""How a release stands, in counts that lead to what was counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from releases.models import MergeProposal, ProposalState, Release

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
    exceptions = ExceptionRequest.objects.filter(release=release)
    reviewed = [ProposalState.OPEN, ProposalState.APPROVED]
    counted: dict[str, tuple[QuerySet[Any], tuple[str, str], str]] = {
        "standing": (
            exceptions.standing(at),
            ("exception stands", "exceptions stand"),
            _list("exceptions", "standing"),
        ),
        "expiring": (
            exceptions.expiring(within=DAY, at=at),
            ("ends within a day", "end within a day"),
            _list("exceptions", "expiring"),
        ),
        "undecided": (
            exceptions.undecided(),
            ("waits for a decision", "wait for a decision"),
            _list("exceptions", Status.REQUESTED),
        ),
        "in_review": (
            MergeProposal.objects.filter(release=release, state__in=reviewed),
            ("proposal in review", "proposals in review"),
            _list("proposals", "in-review"),
        ),
        "decided": (
            Decision.objects.filter(exception__release=release, at__gt=at - 7 * DAY),
            ("decided this week", "decided this week"),
            _list("decisions", ""),
        ),
    }
    numbers = (
        Release.objects.filter(pk=release.pk)
        .values_list(*[_Counted(queryset) for queryset, _, _ in counted.values()])
        .get()
    )
    return [
        Count(number, words[number != 1], f"{url}{urlencode({'release': release.slug})}")
        for number, (_, words, url) in zip(numbers, counted.values(), strict=True)
    ]


def _list(name: str, status: str) -> str:
    """The address of a list, ready to take the release's name."""
    return f"{reverse(name)}?" + (f"status={status}&" if status else "")
