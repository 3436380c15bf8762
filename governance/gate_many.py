"""The gate for many references at once: the same answers, by a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from governance.gate import (
    Calendar,
    Found,
    Verdict,
    decided_by,
    found_at,
    judge,
    one_of_several,
    unknown,
)
from governance.lifecycle import Scope
from governance.meant import Choice, choose_each
from governance.models import Claim, Decision, ExceptionRequest
from releases.models import MergeProposal, Milestone, Release

MOST = 200  # references


def verdicts(
    references: Sequence[str], *, at: datetime, release: Release | None = None
) -> list[Verdict]:
    """What `gate.verdict` says of each, in their order; at most ten queries for all."""
    choices = choose_each(references, at=at, release=release)
    known = [choice.proposal for choice in choices if choice.proposal is not None]
    asked = _asked_for([one for one in known if one.release_id is None], at) if not release else {}
    meant = {one.pk: release or one.release or asked.get(one.pk) for one in known}
    ask = release is None and any(
        one.proposal is None or meant[one.proposal.pk] is None for one in choices
    )
    unsaid = release or (Release.objects.current(at) if ask else None)
    meant = {key: into or unsaid for key, into in meant.items()}
    calendars = _calendars({found for found in (unsaid, *meant.values()) if found is not None}, at)
    ledgers = _Ledgers(known, at)
    answers: dict[int, Verdict] = {}
    for proposal in known:
        into = meant[proposal.pk]
        calendar = calendars[into.pk] if into else {}
        exceptions = partial(ledgers.found, proposal, into, calendar)
        answers[proposal.pk] = judge(proposal, into, calendar, at=at, exceptions=exceptions)

    def answer(words: str, choice: Choice) -> Verdict:
        if choice.proposal is None:
            calendar = calendars[unsaid.pk] if unsaid else {}
            return unknown(words, unsaid, calendar, at=at, release=release)
        return one_of_several(answers[choice.proposal.pk], words, choice.others)

    return [answer(words, choice) for words, choice in zip(references, choices, strict=True)]


def _asked_for(proposals: list[MergeProposal], at: datetime) -> dict[int, Release]:
    """For each, the release of the exception that was asked for it last, if it has not shipped."""
    if not proposals:
        return {}
    claims = Claim.objects.filter(proposal__in=proposals, exception__requested_at__lte=at)
    asked = list(
        claims.order_by("exception_id").values_list("proposal_id", "exception__release_id")
    )
    if not asked:
        return {}
    known = Release.objects.nearest_first(at).filter(pk__in={into for _, into in asked})
    made = {one.pk: one for one in known if one.ships_at is None or one.ships_at > at}
    return {proposal: made[into] for proposal, into in asked if into in made}


def _calendars(releases: Iterable[Release], at: datetime) -> dict[int, Calendar]:
    calendars: dict[int, Calendar] = {release.pk: {} for release in releases}
    if calendars:
        planned = Milestone.objects.as_known(at).filter(release__in=calendars)
        for milestone in planned.order_by("known_at", "pk"):  # type: ignore[misc] # known_at is annotated
            calendars[milestone.release_id][milestone.pk] = milestone
    return calendars


class _Ledgers:
    """What had been decided by then of everything that could be meant; read when first needed."""

    def __init__(self, proposals: list[MergeProposal], at: datetime) -> None:
        self._proposals, self._at = proposals, at
        self._read: dict[int, list[Decision]] | None = None

    def found(
        self, proposal: MergeProposal, release: Release | None, calendar: Calendar
    ) -> list[Found]:
        if release is None:
            return []
        if self._read is None:
            self._read = self._ledgers()
        keys = self._of_proposal[proposal.pk] | self._of_project[proposal.project_id or 0]
        ledgers = [self._read[key] for key in sorted(keys) if key in self._read]
        return [
            found_at(ledger, calendar, self._at)
            for ledger in ledgers
            if ledger[0].exception.release_id == release.pk
        ]

    def _ledgers(self) -> dict[int, list[Decision]]:
        self._of_proposal: dict[int, set[int]] = defaultdict(set)
        self._of_project: dict[int, set[int]] = defaultdict(set)
        held = Claim.objects.filter(proposal__in=[one.pk for one in self._proposals])
        for proposal, exception in held.values_list("proposal_id", "exception_id"):
            self._of_proposal[proposal].add(exception)
        projects = {one.project_id for one in self._proposals if one.project_id is not None}
        whole = ExceptionRequest.objects.filter(scope=Scope.PROJECT, project__in=projects)
        for project, exception in whole.values_list("project_id", "pk"):
            self._of_project[project].add(exception)
        keys = set().union(*self._of_proposal.values(), *self._of_project.values())
        decisions = decided_by(self._at).filter(exception__in=keys)
        return {key: list(rows) for key, rows in groupby(decisions, attrgetter("exception_id"))}
