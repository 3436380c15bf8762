"""What merged in a freeze that blocks it, with no exception standing at that instant.

The question is the gate's, asked of the past: what was known when it merged. What the gate let pass
when it was approved, and which merged late because its gate was slow, is told apart. A constant
number of queries, however many proposals a release has.
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, prefetch_related_objects

from governance.gate import ALLOWS, Calendar, Code, Found, answer, found_at, freezes_at
from governance.lifecycle import Scope, Verb
from governance.models import Claim, Decision
from releases.models import (
    ChangeKind,
    MergeProposal,
    Milestone,
    ProposalState,
    Reclassification,
    Release,
)
from releases.moments import moment


@dataclass(frozen=True)
class Breach:
    """One proposal that merged without being allowed to, and why it was not allowed to.

    `waited` is when it was approved, where it might have landed then: it waited for a gate.
    """

    proposal: MergeProposal
    merged_at: datetime
    freeze: Milestone
    code: Code
    reason: str
    found: Found | None = None
    waited: datetime | None = None

    @property
    def is_late_gate(self) -> bool:
        return self.waited is not None


def breaches(release: Release) -> list[Breach]:
    """Those of a release, the newest first; approved in time and merged late included."""
    return _History(release).breaches()


class _History:
    """A release's calendar, its merged proposals and its exceptions' ledgers, all read at once."""

    def __init__(self, release: Release) -> None:
        prefetch_related_objects([release], "milestones__moves")  # unless a page has them already
        self._milestones = list(release.milestones.all())
        began = [move.from_at for one in self._milestones for move in one.moves.all()]
        began += [one.at for one in self._milestones]
        changes = Prefetch("reclassifications", Reclassification.objects.order_by("at", "pk"))
        # A proposal that nobody gave a release is meant for that of its exception.
        excepted = Claim.objects.filter(exception__release=release).values("proposal")
        meant = Q(release=release) | Q(release__isnull=True, pk__in=excepted)
        self._proposals = list(
            MergeProposal.objects.filter(meant)
            .filter(state=ProposalState.MERGED, merged_at__gte=min(began))
            .select_related("project", "author")
            .prefetch_related(changes)
            .order_by("-merged_at", "-pk")
            if began
            else []
        )
        self._ledgers: dict[int, list[Decision]] = defaultdict(list)
        self._of_proposal: dict[int, set[int]] = defaultdict(set)
        self._of_project: dict[int, set[int]] = defaultdict(set)
        if self._proposals:
            self._read_exceptions(release)

    def _read_exceptions(self, release: Release) -> None:
        decisions = Decision.objects.filter(exception__release=release)
        for decision in decisions.select_related("exception", "by").order_by("sequence"):
            exception = decision.exception
            self._ledgers[exception.pk].append(decision)
            if exception.scope == Scope.PROJECT and exception.project_id is not None:
                self._of_project[exception.project_id].add(exception.pk)
        claims = Claim.objects.filter(exception__release=release)
        for proposal_id, exception_id in claims.values_list("proposal_id", "exception_id"):
            self._of_proposal[proposal_id].add(exception_id)

    def breaches(self) -> list[Breach]:
        found = (self._breach(proposal) for proposal in self._proposals)
        return [breach for breach in found if breach is not None]

    def _breach(self, proposal: MergeProposal) -> Breach | None:
        merged_at, approved_at = proposal.merged_at, proposal.approved_at
        assert merged_at is not None  # noqa: S101 the query asks for it
        refused = self._refusal(proposal, merged_at)
        if refused is None:
            return None
        freeze, code, reason, found = refused
        was_in_time = (
            approved_at is not None
            and approved_at < merged_at
            and self._refusal(proposal, approved_at) is None
        )
        waited = approved_at if was_in_time else None
        return Breach(proposal, merged_at, freeze, code, reason, found, waited)

    def _refusal(
        self, proposal: MergeProposal, at: datetime
    ) -> tuple[Milestone, Code, str, Found | None] | None:
        """Why it might not land then; None where it might."""
        calendar: Calendar = {}
        for milestone in sorted(self._milestones, key=lambda one: (one.instant_as_of(at), one.pk)):
            milestone.known_at = milestone.instant_as_of(at)
            calendar[milestone.pk] = milestone
        kind = _kind_at(proposal, at)
        blocking = [one for one in freezes_at(calendar, proposal, at) if kind in one.blocks]
        if not blocking:
            return None
        freeze = blocking[-1]
        found, code, reason = answer(self._exceptions(proposal, calendar, at), freeze)
        return None if code in ALLOWS else (copy(freeze), code, reason, found)

    def _exceptions(self, proposal: MergeProposal, calendar: Calendar, at: datetime) -> list[Found]:
        """Every exception that could be meant, as its ledger was then.

        The merge that used an exception up is the one that is asked about.
        """
        keys = self._of_proposal[proposal.pk] | self._of_project[proposal.project_id or 0]
        ledgers = [
            [
                one
                for one in self._ledgers[key]
                if one.at <= at and not (one.verb == Verb.LAND and one.at == at)
            ]
            for key in sorted(keys)
        ]
        return [found_at(ledger, calendar, at) for ledger in ledgers if ledger]


def _kind_at(proposal: MergeProposal, at: datetime) -> str:
    """What it counted as then."""
    later = [change for change in proposal.reclassifications.all() if change.at > at]
    return ChangeKind(later[0].from_kind if later else proposal.change_kind).counts_as


def sentence(breach: Breach) -> str:
    """`Merged Wed 30 March 2011 12:00 UTC. FFE-3 expired ...`, for digests and feeds."""
    waited = (
        f" It was approved in time, {moment(breach.waited)}, and waited for its gate."
        if breach.waited
        else ""
    )
    return f"Merged {moment(breach.merged_at)}. {breach.reason}{waited}"
