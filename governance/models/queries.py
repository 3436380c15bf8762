"""Questions that are asked of exceptions, and how a new one is asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce

from governance import rights
from governance.lifecycle import Scope, Status, Verb
from governance.models.ledger import Decision
from governance.models.terms import Claim, Condition
from governance.numbering import key_of
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from governance.texts import aware, plain
from releases.models import MergeProposal, Milestone, Person, Project, Release, Review

if TYPE_CHECKING:
    from governance.models.exceptions import ExceptionRequest

LONGEST_TITLE = 200


class ExceptionQuerySet(models.QuerySet["ExceptionRequest"]):
    def with_deadline(self) -> Self:
        """Annotate `deadline`: the exception's own, or that of the milestone it is bound to."""
        return self.annotate(deadline=Coalesce("expires_with__at", "expires_at"))

    def standing(self, at: datetime) -> Self:
        return self.with_deadline().filter(status=Status.GRANTED, deadline__gt=at)

    def expiring(self, *, within: timedelta, at: datetime) -> Self:
        return self.standing(at).filter(deadline__lte=at + within)

    def lapsed(self, at: datetime) -> Self:
        """Granted, and past their deadline: what the ledger has yet to call expired."""
        return self.with_deadline().filter(status=Status.GRANTED, deadline__lte=at)

    def ended(self, *, after: datetime, by: datetime) -> Self:
        """Those whose time was over then, whether the ledger has it already or not."""
        return self.with_deadline().filter(
            status__in=[Status.GRANTED, Status.EXPIRED], deadline__gt=after, deadline__lte=by
        )

    def first_to_end_first(self) -> Self:
        return self.with_deadline().order_by("deadline", "pk")

    def with_story(self) -> Self:
        """With all that a page tells of one: a constant number of queries, however long it is."""
        ledger = Decision.objects.select_related("by", "new_expires_with")
        ledger = ledger.prefetch_related("new_expires_with__moves").order_by("sequence")
        return self.select_related(
            "release", "freeze", "requester", "expires_with", "project"
        ).prefetch_related(
            models.Prefetch("proposals", MergeProposal.objects.select_related("author")),
            models.Prefetch("proposals__reviews", Review.objects.select_related("reviewer")),
            models.Prefetch("conditions", Condition.objects.select_related("met_by")),
            models.Prefetch("decisions", ledger),
        )

    def undecided(self) -> Self:
        return self.filter(status=Status.REQUESTED)

    def referenced(self, reference: str) -> Self:
        """`FFE-12`, in any case; nothing for anything else."""
        key = key_of(reference)
        return self.none() if key is None else self.filter(pk=key)

    def ask(
        self,
        *,
        release: Release,
        freeze: Milestone,
        title: str,
        by: Person,
        at: datetime,
        why_now: str,
        proposals: Iterable[MergeProposal] = (),
        project: Project | None = None,
        risk_of_landing: str = "",
        risk_of_not_landing: str = "",
        testing: str = "",
        wanted_until: datetime | None = None,
        source_url: str = "",
        quote: str = "",
    ) -> "ExceptionRequest":
        """Ask for an exception for these proposals, or for a whole project if none is named.

        Raises Refused: no right to ask, a freeze or proposal of another release, or a proposal
        that has an undecided or standing exception against this freeze already.
        """
        proposals = sorted(set(proposals), key=lambda proposal: proposal.pk)
        aware(at, field="at")
        if wanted_until is not None:
            aware(wanted_until, field="wanted_until")
        exception = self.model(
            release=release,
            freeze=freeze,
            scope=Scope.PROPOSALS if proposals else Scope.PROJECT,
            project=None if proposals else project,
            requester=by,
            requested_at=at,
            title=plain(
                title,
                field="title",
                needed="Give it a title.",
                longest=LONGEST_TITLE,
                one_line=True,
            ),
            why_now=plain(why_now, field="why_now", needed="Say why it must be in this release."),
            risk_of_landing=plain(risk_of_landing, field="risk_of_landing"),
            risk_of_not_landing=plain(risk_of_not_landing, field="risk_of_not_landing"),
            testing=plain(testing, field="testing"),
            wanted_until=wanted_until,
        )
        if not rights.may_ask(by):
            raise NotAllowed(f"{by} has no role that may ask for an exception.")
        _check_request(exception, proposals)
        with transaction.atomic():
            for lapsed in self.holding(freeze, proposals).lapsed(at):
                lapsed.expire(at=at)
            exception.save(force_insert=True)
            try:
                with transaction.atomic():
                    Claim.objects.bulk_create(
                        Claim(exception=exception, proposal=proposal, freeze=freeze)
                        for proposal in proposals
                    )
            except IntegrityError:
                raise already_claimed(self.holding(freeze, proposals), freeze) from None
            exception.record(
                Verb.REQUEST,
                by=by,
                at=at,
                rationale=exception.why_now,
                source_url=source_url,
                quote=quote,
            )
        return exception

    def holding(self, freeze: Milestone, proposals: list[MergeProposal]) -> Self:
        """Those that hold one of the proposals against this freeze, undecided or standing."""
        return self.filter(
            claims__open=True, claims__freeze=freeze, claims__proposal__in=proposals
        ).distinct()


def _check_request(exception: "ExceptionRequest", proposals: list[MergeProposal]) -> None:
    release, freeze = exception.release, exception.freeze
    if freeze.release_id != release.pk:
        raise InvalidInput(f"{freeze} is a milestone of another release.", field="freeze")
    if not freeze.blocks:
        raise InvalidInput(
            f"{freeze.name} blocks nothing, so nothing needs an exception from it.", field="freeze"
        )
    if not proposals and exception.project is None:
        raise InvalidInput(
            "Name the merge proposals, or the project that is to have a standing exception.",
            field="proposals",
        )
    projects = {proposal.project_id for proposal in proposals} or {exception.project_id}
    if freeze.project_id is not None and projects != {freeze.project_id}:
        raise InvalidInput(f"{freeze.name} is a freeze of {freeze.project} alone.", field="freeze")
    for proposal in proposals:
        if proposal.release_id not in {None, release.pk}:
            raise InvalidInput(
                f"{proposal} is meant for {proposal.release}, not for {release}.",
                field="proposals",
            )
    if exception.wanted_until is not None and exception.wanted_until <= exception.requested_at:
        raise InvalidInput("The deadline asked for is past already.", field="wanted_until")


def already_claimed(holders: ExceptionQuerySet, freeze: Milestone) -> InvalidTransition:
    held = [(one.reference, Status(one.status)) for one in holders]
    names = ", ".join(f"{reference} ({status.label})" for reference, status in held)
    waits = any(status == Status.REQUESTED for _, status in held)
    return InvalidTransition(
        f"There is an exception from {freeze.name} for it already: {names or 'just decided'}."
        f" {'Wait for its decision, or withdraw it' if waits else 'Extend or withdraw that one'}."
    )
