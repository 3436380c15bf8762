"""Which proposals are asked for first, and what follows from what their forges say."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from governance.lifecycle import Status
from governance.models import Claim, ExceptionRequest
from governance.refusals import Refused
from releases.forges import Access
from releases.models import UNFINISHED, MergeProposal, Milestone, ProposalState
from releases.sync import Round, sync

log = logging.getLogger(__name__)

URGENT_EVERY, OTHERS_EVERY = timedelta(minutes=4), timedelta(minutes=55)


def due(at: datetime) -> "QuerySet[MergeProposal]":
    """What is to be asked for now: what an exception waits for, then what a freeze holds, then
    the rest; within each the longest unasked first.
    """
    held = Exists(Claim.objects.filter(proposal=OuterRef("pk"), open=True))
    freezes = Milestone.objects.filter(release=OuterRef("release"), at__lte=at).exclude(blocks=[])
    urgency = Case(
        When(held, then=Value(0)),
        When(Exists(freezes), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    often = MergeProposal.objects.due(at, every=URGENT_EVERY).filter(
        Q(held) | Q(asked_at__isnull=True) | Q(asked_at__lte=at - OTHERS_EVERY)
    )
    return often.annotate(urgency=urgency).order_by(
        "urgency", F("asked_at").asc(nulls_first=True), "-pk"
    )


def sync_proposals(
    proposals: "QuerySet[MergeProposal]",
    *,
    at: datetime,
    access: Access,
    is_forced: bool = False,
    seconds: float | None = None,
    advance: Callable[[int], object] = lambda count: None,
) -> Round:
    """Ask the forges for these, in this order, and land what has merged."""
    rows = proposals.values_list("pk", "forge", "url").iterator(chunk_size=2000)
    round_ = sync(
        rows,
        at=at,
        access=access,
        stored=lambda changed: land_merged(changed, at=at),
        is_forced=is_forced,
        seconds=seconds,
        advance=advance,
    )
    land_merged(None, at=at)  # what an interrupted round left
    return round_


def land_merged(changed: Iterable[MergeProposal] | None, *, at: datetime) -> int:
    """Land every exception whose proposals have all ended in time; how many there were.

    One query where there is nothing to do. `changed` narrows it to exceptions for those.
    """
    deadline = OuterRef("deadline")
    too_late = Claim.objects.filter(
        Q(proposal__approved_at__isnull=True) | Q(proposal__approved_at__gte=deadline),
        exception=OuterRef("pk"),
        proposal__merged_at__gte=deadline,
    )
    unfinished = Claim.objects.filter(exception=OuterRef("pk"), proposal__state__in=UNFINISHED)
    merged = Claim.objects.filter(
        exception=OuterRef("pk"),
        proposal__state=ProposalState.MERGED,
        proposal__merged_at__isnull=False,
    )
    if changed is not None:
        merged = merged.filter(proposal__in=[proposal.pk for proposal in changed])
    landed = 0
    waiting = ExceptionRequest.objects.with_deadline().filter(
        Exists(merged), ~Exists(unfinished), ~Exists(too_late),
        status__in=[Status.GRANTED, Status.EXPIRED],
    )  # fmt: skip
    for exception in waiting:
        try:
            landed += exception.land_as_merged(at=at) is not None
        except Refused as refusal:
            log.warning("%s has merged and was not landed: %s", exception.reference, refusal)
    return landed
