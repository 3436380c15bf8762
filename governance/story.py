"""One exception with all that its page tells: five queries, however much there is to tell."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Self

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.models import Condition, Decision, ExceptionRequest
from governance.numbering import key_of
from releases.models import MergeProposal, MilestoneMove, Review
from releases.prepared import prepared


@dataclass(frozen=True)
class Story:
    """The exception, the ledger in its order, and what it was asked for."""

    exception: ExceptionRequest
    decisions: list[Decision]  # each with `known_until`: the deadline as it was known then
    proposals: list[tuple[MergeProposal, list[Review]]]
    conditions: list[Condition]

    @classmethod
    def of(cls, reference: str) -> Self | None:
        """That of `FFE-12`; None where there is none of this name."""
        key = key_of(reference)
        found = [] if key is None else _exception(key=key)
        if key is None or not found:
            return None
        reviews = defaultdict(list)
        for review in _reviews(exception=key):
            reviews[review.proposal_id].append(review)
        return cls(
            found[0],
            _decisions(exception=key),
            [(one, reviews[one.pk]) for one in _proposals(exception=key)],
            _conditions(exception=key),
        )


def decisions_of(exception: ExceptionRequest) -> list[Decision]:
    """Its ledger in order, as a story tells it; one query."""
    return _decisions(exception=exception.pk)


@prepared(key=BigIntegerField())
def _exception(*, key: int) -> QuerySet[ExceptionRequest]:
    related = "release freeze requester expires_with project".split()
    return ExceptionRequest.objects.filter(pk=key).select_related(*related)


@prepared(exception=BigIntegerField())
def _decisions(*, exception: int) -> QuerySet[Decision]:
    later = MilestoneMove.objects.filter(
        milestone=OuterRef("new_expires_with"), at__gt=OuterRef("at")
    )
    before_it: Subquery = Subquery(later.order_by("at", "pk").values("from_at")[:1])
    told = "verb by__name at rationale quote over_budget source_url new_expires_with__name".split()
    return (
        Decision.objects.filter(exception=exception)
        .annotate(known_until=Coalesce(before_it, "new_expires_with__at", "new_expires_at"))
        .select_related("by", "new_expires_with")
        .only(*told)
        .order_by("sequence")
    )


@prepared(exception=BigIntegerField())
def _proposals(*, exception: int) -> QuerySet[MergeProposal]:
    told = "forge key url title state asked_at synced_at".split()
    return MergeProposal.objects.filter(claims__exception=exception).only(*told).order_by("-pk")


@prepared(exception=BigIntegerField())
def _reviews(*, exception: int) -> QuerySet[Review]:
    reviews = Review.objects.filter(proposal__claims__exception=exception)
    told = "proposal_id verdict comment reviewer__name".split()
    return reviews.select_related("reviewer").only(*told).order_by("at", "pk")


@prepared(exception=BigIntegerField())
def _conditions(*, exception: int) -> QuerySet[Condition]:
    conditions = Condition.objects.filter(exception=exception).select_related("met_by")
    return conditions.only("text", "met_at", "met_by__name").order_by("pk")
