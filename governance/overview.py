"""What the first page tells of a release's exceptions: no more of each than it shows."""

from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateTimeField, QuerySet

from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from governance.numbering import reference_of
from releases.addressing import address_of
from releases.models import Release
from releases.prepared import prepared

SHOWN = 20  # exceptions of a kind
DECIDED = 6


class Standing(NamedTuple):
    """An exception that stands, until when, and the branches that may land by it."""

    reference: str
    title: str
    until: datetime
    milestone: str | None  # that it is bound to
    requester: str
    branches: list[str]

    def get_absolute_url(self) -> str:
        return address_of("exception", self.reference)


class _Row(NamedTuple):
    """One for each proposal of an exception, at least one for each exception."""

    until: datetime
    key: int
    title: str
    milestone: str | None
    requester: str
    branch: str | None


def standing(release: Release, at: datetime) -> list[Standing]:
    """The first to end first; two queries that an index answers.

    One order over both kinds of deadline would have to look at every one that stands.
    """
    rows = [_Row(*row) for row in _until_an_instant(release=release.pk, at=at)]
    rows += [_Row(*row) for row in _with_a_milestone(release=release.pk, at=at)]
    rows.sort(key=lambda row: (row.until, row.key))  # sorting leaves the proposals' order
    found = groupby(rows, attrgetter("key"))
    return [_standing(list(proposals)) for _, proposals in found][:SHOWN]


def _standing(rows: list[_Row]) -> Standing:
    first = rows[0]
    return Standing(
        reference_of(first.key),
        first.title,
        first.until,
        first.milestone,
        first.requester,
        [row.branch for row in rows if row.branch],
    )


@prepared(release=BigIntegerField(), at=DateTimeField())
def _until_an_instant(*, release: int, at: datetime) -> QuerySet[ExceptionRequest, Any]:
    ahead = ExceptionRequest.objects.filter(status=Status.GRANTED, expires_at__gt=at)
    return _told(ahead.filter(release=release), "expires_at")


@prepared(release=BigIntegerField(), at=DateTimeField())
def _with_a_milestone(*, release: int, at: datetime) -> QuerySet[ExceptionRequest, Any]:
    ahead = ExceptionRequest.objects.filter(status=Status.GRANTED, expires_with__at__gt=at)
    return _told(ahead.filter(release=release), "expires_with__at")


def _told(exceptions: QuerySet[ExceptionRequest], deadline: str) -> QuerySet[ExceptionRequest, Any]:
    first = exceptions.order_by(deadline, "pk")[:SHOWN]
    with_proposals = ExceptionRequest.objects.filter(pk__in=first.values("pk"))
    return with_proposals.order_by(deadline, "pk", "-proposals__pk").values_list(
        deadline, "pk", "title", "expires_with__name", "requester__name", "proposals__branch_name"
    )


@prepared(release=BigIntegerField())
def undecided(*, release: int) -> QuerySet[ExceptionRequest]:
    """Those that wait for a decision, the oldest first; a query of its own index."""
    waiting = ExceptionRequest.objects.undecided().filter(release=release)
    waiting = waiting.only("title", "requested_at", "requester__name").select_related("requester")
    return waiting.order_by("requested_at", "pk")[:SHOWN]


@prepared()
def decided_last() -> QuerySet[Decision]:
    """Of every release: what was decided, by whom, and where it was said."""
    told = Decision.objects.select_related("by").only(
        "exception", "verb", "by__name", "at", "source_url"
    )
    return told[:DECIDED]
