"""The gate for many references at once: the same answers, by a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Upper

from governance.gate import (
    LONGEST_REFERENCE,
    Calendar,
    Found,
    Verdict,
    found_at,
    judge,
    unknown,
)
from governance.lifecycle import Scope
from governance.models import Claim, Condition, Decision, ExceptionRequest
from governance.models.queries import key_of
from releases.models import MergeProposal, Milestone, Release
from releases.references import parse_reference

MOST = 200  # references


def verdicts(
    references: Sequence[str], *, at: datetime, release: Release | None = None
) -> list[Verdict]:
    """What `gate.verdict` says of each, in their order; at most seven queries for all."""
    proposals = _proposals(references, at=at, release=release)
    known = [proposal for proposal in proposals if proposal is not None]
    current = Release.objects.current(at) if any(_has_none(p, release) for p in known) else None
    meant = {proposal.pk: release or proposal.release or current for proposal in known}
    calendars = _calendars({found for found in meant.values() if found is not None}, at)
    ledgers = _Ledgers(known, at)
    answers: dict[int, Verdict] = {}
    for proposal in known:
        into = meant[proposal.pk]
        calendar = calendars[into.pk] if into else {}
        answers[proposal.pk] = judge(
            proposal,
            into,
            calendar,
            at=at,
            exceptions=lambda proposal=proposal, into=into, calendar=calendar: ledgers.found(  # type: ignore[misc] # bound here and now
                proposal, into, calendar
            ),
        )
    return [
        answers[proposal.pk] if proposal else unknown(words, at=at, release=release)
        for words, proposal in zip(references, proposals, strict=True)
    ]


def _has_none(proposal: MergeProposal, release: Release | None) -> bool:
    return release is None and proposal.release_id is None


class _Sought:
    """What the references name: addresses, exceptions, and keys or branches; by their words."""

    def __init__(self, references: Iterable[str]) -> None:
        self.addresses: dict[str, tuple[str, str]] = {}
        self.exceptions: dict[str, int] = {}
        self.names: dict[str, tuple[str, str]] = {}
        for words in set(references):
            self._add(words)

    def _add(self, words: str) -> None:
        meant = words.strip()
        parsed = parse_reference(meant)
        name = meant.removeprefix("lp:").lstrip("#!")
        if parsed is not None and (parsed.kind == "proposal" or parsed.forge == "github"):
            self.addresses[words] = parsed.forge, parsed.key.upper()
        elif not name or not meant.isprintable() or len(meant) > LONGEST_REFERENCE:
            return
        elif meant[:4].upper() == "FFE-" and meant[4:].isdecimal():
            if (key := key_of(meant)) is not None:
                self.exceptions[words] = key
        else:
            self.names[words] = meant.lstrip("#!"), meant.removeprefix("lp:")

    def claims(self) -> dict[int, set[int]]:
        """The proposals of the exceptions named."""
        claims: dict[int, set[int]] = defaultdict(set)
        if self.exceptions:
            held = Claim.objects.filter(exception__in=self.exceptions.values())
            for exception, proposal in held.values_list("exception_id", "proposal_id"):
                claims[exception].add(proposal)
        return claims

    def fits(self, claims: dict[int, set[int]]) -> Q:
        fits = Q(pk__in=set().union(*claims.values()))
        if self.addresses:
            forges, keys = map(set, zip(*self.addresses.values(), strict=True))
            fits |= Q(forge__in=forges, upper_key__in=keys)
        if self.names:
            keys, branches = map(set, zip(*self.names.values(), strict=True))
            fits |= Q(key__in=keys) | Q(branch__in=branches) | Q(branch_name__in=branches)
        return fits


def _proposals(
    references: Sequence[str], *, at: datetime, release: Release | None
) -> list[MergeProposal | None]:
    """As `gate.find_proposal` finds each."""
    sought = _Sought(references)
    claims = sought.claims()
    known = MergeProposal.objects.as_known(at).annotate(upper_key=Upper("key"))
    fitting = known.filter(sought.fits(claims)).select_related("release", "project")
    candidates: list[MergeProposal] = list(fitting.order_by("-pk"))
    found: dict[tuple[str, str], list[MergeProposal]] = defaultdict(list)
    for one in candidates:
        names = ("key", one.key), ("branch", one.branch), ("branch", one.branch_name)
        for name in {(one.forge, one.key.upper()), *names}:
            found[name].append(one)

    def find(words: str) -> MergeProposal | None:
        if words in sought.addresses:
            return next(iter(found[sought.addresses[words]]), None)
        meant: list[MergeProposal] = []
        if words in sought.exceptions:
            held = claims[sought.exceptions[words]]
            meant = [one for one in candidates if one.pk in held]
        elif words in sought.names:
            key, branch = sought.names[words]
            meant = [*found["key", key], *found["branch", branch]]
        return min(
            meant,
            key=lambda one: (release is None or one.release_id != release.pk, -one.pk),
            default=None,
        )

    return [find(words) for words in references]


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
        unmet = Condition.objects.filter(
            Q(met_at__isnull=True) | Q(met_at__gt=self._at), exception=OuterRef("exception")
        )
        open_conditions = unmet.order_by().values("exception").annotate(n=Count("pk")).values("n")
        decisions = (
            Decision.objects.filter(at__lte=self._at, exception__in=keys)
            .select_related("exception", "by")
            .annotate(unmet=Coalesce(Subquery(open_conditions), 0))
            .order_by("exception_id", "sequence")
        )
        return {key: list(rows) for key, rows in groupby(decisions, attrgetter("exception_id"))}
