"""Whether a change may land in a release at some instant, who decided so, and until when.

The answer comes from the ledger and the clock: it is the same whether or not a worker has run, and
for a past instant it is what was known then. At most four queries.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateTimeField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from governance.lifecycle import Scope, Status, Verb, status_by
from governance.meant import choose, how_many
from governance.models import Claim, Condition, Decision, ExceptionRequest
from releases.addressing import site_url
from releases.models import ChangeKind, MergeProposal, Milestone, Release
from releases.moments import moment
from releases.prepared import prepared
from releases.rows import z

Calendar = dict[int, Milestone]  # by key, in order, each with `known_at`


class Code(StrEnum):
    NO_FREEZE = "no_freeze"
    NOT_BLOCKED = "not_blocked"
    STANDS = "exception_stands"
    EXPIRED = "exception_expired"
    MISSING = "exception_missing"
    UNDECIDED = "exception_undecided"
    DENIED = "exception_denied"
    UNKNOWN = "unknown_reference"


ALLOWS = frozenset([Code.NO_FREEZE, Code.NOT_BLOCKED, Code.STANDS])


@dataclass(frozen=True)
class Found:
    """An exception as the ledger has it at the instant asked about."""

    exception: ExceptionRequest
    decision: Decision  # the last one by then
    granted: Decision | None  # the one that it stands by
    source_url: str  # where the last of them was said that says where
    status: Status
    expires_at: datetime | None  # with its milestone, where it is bound to one
    unmet: int  # conditions that nobody had confirmed
    freeze_at: datetime  # of the freeze that it is from, as then known


@dataclass(frozen=True)
class Verdict:
    """The gate's answer; `reason` is a sentence for a person, instants are in UTC."""

    code: Code
    reason: str
    at: datetime
    release: Release | None = None
    proposal: MergeProposal | None = None
    freezes: tuple[Milestone, ...] = ()
    found: Found | None = None
    changes_at: datetime | None = None  # the next instant known at which it may change
    which: str = ""  # the end of `reason`, where the reference fits others too
    asking: str = ""  # the end of `reason` that says where to ask; a page has a link instead

    @property
    def allowed(self) -> bool:
        return self.code in ALLOWS

    def as_json(self) -> dict[str, Any]:
        """The shape that scripts rely on."""
        return {
            "allowed": self.allowed,
            "code": self.code.value,
            "reason": self.reason,
            "at": z(self.at),
            "release": self.release.slug if self.release else None,
            "freezes": [{"name": freeze.name, "at": z(freeze.known_at)} for freeze in self.freezes],
            "exception": _exception_as_json(self.found) if self.found else None,
            "proposal": _proposal_as_json(self.proposal) if self.proposal else None,
        }


def verdict(reference: str, *, at: datetime, release: Release | None = None) -> Verdict:
    """Whether what the reference names may land at that instant.

    `reference` is an address in any of its spellings, a number, `FFE-12`, or a branch. Without a
    release it is the proposal's own, else that of the exception asked for it last, if it has not
    shipped, or else the one being made at that instant.
    """
    proposal, others = choose(reference, at=at, release=release)
    if proposal is None:
        into = release or Release.objects.current(at)
        calendar = _calendar(into, at) if into else {}
        return unknown(reference, into, calendar, at=at, release=release)
    return one_of_several(verdict_on(proposal, at=at, release=release), reference, others)


def verdict_on(proposal: MergeProposal, *, at: datetime, release: Release | None = None) -> Verdict:
    """The same for a proposal at hand, read by `as_known` at that instant."""
    release = release or proposal.release
    if release is None:
        release = next(iter(_meant_for(proposal=proposal.pk, at=at)), None)
    calendar = _calendar(release, at) if release else {}
    return judge(
        proposal,
        release,
        calendar,
        at=at,
        exceptions=lambda: _exceptions(proposal, calendar, release, at) if release else [],
    )


@prepared(proposal=BigIntegerField(), at=DateTimeField())
def _meant_for(*, proposal: int, at: datetime) -> QuerySet[Release]:
    """Of a proposal that came by its address alone: nobody has said for which release it is.

    Once a release has shipped, what was asked of it says nothing of the next.
    """
    asked = Claim.objects.filter(
        proposal=proposal, exception__release=OuterRef("pk"), exception__requested_at__lte=at
    )
    last = Subquery(asked.order_by("-exception_id").values("exception_id")[:1])
    nearest = Release.objects.nearest_first(at)
    unshipped = Case(When(Q(ships_at__isnull=True) | Q(ships_at__gt=at), then=last))
    return nearest.order_by(unshipped.desc(nulls_last=True), *nearest.query.order_by)[:1]


def unknown(
    reference: str,
    into: Release | None,
    calendar: Calendar,
    *,
    at: datetime,
    release: Release | None,
) -> Verdict:
    """What to say of a reference that fits nothing; `into` is what it would land in."""
    reason, asking = f"Nothing here is known as {_shown(reference)}.", ""
    if into is not None:
        holds, asking = _what_holds(into, calendar, at)
        reason = f"{reason} {holds}{asking}"
    changes_at = min(_ahead(calendar, at), default=None)
    return Verdict(Code.UNKNOWN, reason, at, release, changes_at=changes_at, asking=asking)


def _shown(reference: str) -> str:
    words = reference.strip()[:200]
    return "“{}”".format(
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
    )


def _what_holds(release: Release, calendar: Calendar, at: datetime) -> tuple[str, str]:
    """For a change of which neither project nor kind are known: it counts as a feature.

    And where an exception is asked for, where something holds it.
    """
    freezes = _in_force(calendar, {None}, at)
    blocking = [freeze for freeze in freezes if ChangeKind.FEATURE in freeze.blocks] or freezes
    if not blocking:
        return f"No freeze of {release.name} is in force, but only what is known here may land.", ""
    freeze = blocking[-1]
    holds = f"{freeze.name} of {release.name} has held since {moment(freeze.known_at)}"
    return (
        f"{holds}: what is not known here may not land.",
        f" Ask for an exception at {site_url(reverse('ask'))}.",
    )


def one_of_several(told: Verdict, reference: str, others: int) -> Verdict:
    """The same answer, with which change it is about where the reference fits others too."""
    if not others or told.proposal is None:
        return told
    fits = how_many(others)
    which = (
        f"This is about {told.proposal.url}; {_shown(reference)} also names {fits}."
        " Ask for one of them by its address."
    )
    return replace(told, reason=f"{told.reason} {which}", which=which)


def judge(
    proposal: MergeProposal,
    release: Release | None,
    calendar: Calendar,
    *,
    at: datetime,
    exceptions: Callable[[], list[Found]],
) -> Verdict:
    """The answer for a known proposal; `exceptions` are asked for where a freeze blocks it."""
    freezes = freezes_at(calendar, proposal, at)
    ahead = _ahead(calendar, at)
    say = partial(
        Verdict,
        at=at,
        release=release,
        proposal=proposal,
        freezes=freezes,
        changes_at=min(ahead, default=None),
    )
    if release is None or not freezes:
        where = release.name if release else "any release"
        return say(Code.NO_FREEZE, f"No freeze of {where} is in force.")
    kind = ChangeKind(proposal.known_kind).counts_as
    blocking = [freeze for freeze in freezes if kind in freeze.blocks]
    if not blocking:
        does = "does" if len(freezes) == 1 else "do"
        reason = f"{_names(freezes)} {does} not block this kind of change ({kind.label})."
        return say(Code.NOT_BLOCKED, reason)
    strictest = blocking[-1]
    found, code, reason = answer(exceptions(), strictest)
    if found is not None and found.expires_at is not None and found.expires_at > at:
        ahead.append(found.expires_at)
    return say(code, reason, found=found, changes_at=min(ahead, default=None))


def _calendar(release: Release, at: datetime) -> Calendar:
    """The release's milestones by key, in the order in which they were then planned."""
    return {milestone.pk: milestone for milestone in _planned(release=release.pk, at=at)}


@prepared(release=BigIntegerField(), at=DateTimeField())
def _planned(*, release: int, at: datetime) -> QuerySet[Milestone]:
    planned = Milestone.objects.as_known(at).filter(release=release)
    return planned.order_by("known_at", "pk")  # type: ignore[misc] # known_at is annotated


def freezes_at(calendar: Calendar, proposal: MergeProposal, at: datetime) -> tuple[Milestone, ...]:
    """The freezes in force then, for every project or this one; the oldest first."""
    return tuple(_in_force(calendar, {None, proposal.project_id}, at))


def _in_force(calendar: Calendar, projects: set[int | None], at: datetime) -> list[Milestone]:
    return [
        milestone
        for milestone in calendar.values()
        if milestone.blocks and milestone.known_at <= at and milestone.project_id in projects
    ]


def _ahead(calendar: Calendar, at: datetime) -> list[datetime]:
    return [milestone.known_at for milestone in calendar.values() if milestone.known_at > at]


# What the answer is made of: a ledger's rows are wide, and building the query is the cost.
_READ = (
    "sequence verb at new_status new_expires_at new_expires_with deadline_zone rationale"
    " source_url exception__title exception__freeze exception__status by__name"
).split()


def _exceptions(
    proposal: MergeProposal, calendar: Calendar, release: Release, at: datetime
) -> list[Found]:
    """Every exception that could be meant, as the ledger had it then; one query."""
    rows = _decided(proposal=proposal.pk, project=proposal.project_id, release=release.pk, at=at)
    ledgers = groupby(rows, attrgetter("exception_id"))
    return [found_at(list(ledger), calendar, at) for _, ledger in ledgers]


@prepared(
    proposal=BigIntegerField(),
    project=BigIntegerField(),
    release=BigIntegerField(),
    at=DateTimeField(),
)
def _decided(
    *, proposal: int, project: int | None, release: int, at: datetime
) -> QuerySet[Decision]:
    """What was decided of those that name the proposal and of those for its whole project."""
    named = Claim.objects.filter(proposal=proposal).order_by().values("exception")
    whole = ExceptionRequest.objects.filter(scope=Scope.PROJECT, project=project).order_by()
    return (
        decided_by(at)
        .filter(exception__release=release, exception__in=named.union(whole.values("pk")))
        .only(*_READ)
    )


def decided_by(at: datetime) -> QuerySet[Decision]:
    """What had been decided by then, a ledger after another; each with its `unmet` conditions."""
    unmet = Condition.objects.filter(
        Q(met_at__isnull=True) | Q(met_at__gt=at), exception=OuterRef("exception")
    )
    counted = unmet.order_by().values("exception").annotate(n=Count("pk")).values("n")
    return (
        Decision.objects.filter(at__lte=at)
        .select_related("exception", "by")
        .annotate(unmet=Coalesce(Subquery(counted), 0))
        .order_by("exception_id", "sequence")
    )


def found_at(ledger: list[Any], calendar: Calendar, at: datetime) -> Found:
    """The exception of a ledger, which holds what was decided by then, in order."""
    decision, exception = ledger[-1], ledger[-1].exception
    exception.freeze = calendar[exception.freeze_id]
    last = next(one for one in reversed(ledger) if one.verb != Verb.EXPIRE)
    grants = [one for one in ledger if one.verb in {Verb.GRANT, Verb.EXTEND}]
    sources = [one.source_url for one in ledger if one.source_url]
    bound = calendar.get(decision.new_expires_with_id)
    expires_at = bound.known_at if bound is not None else decision.new_expires_at
    return Found(
        exception=exception,
        decision=last,
        granted=grants[-1] if grants else None,
        source_url=sources[-1] if sources else "",
        status=status_by(decision.new_status, expires_at, at),
        expires_at=expires_at,
        unmet=getattr(decision, "unmet", 0),
        freeze_at=exception.freeze.known_at,
    )


# What tells most about a proposal comes first.
_ORDER = (
    Status.GRANTED,
    Status.REQUESTED,
    Status.EXPIRED,
    Status.REVOKED,
    Status.DENIED,
    Status.DEFERRED,
    Status.LANDED,
    Status.REVERTED,
    Status.WITHDRAWN,
)
_CODES = {
    Status.GRANTED: Code.STANDS,
    Status.REQUESTED: Code.UNDECIDED,
    Status.EXPIRED: Code.EXPIRED,
    Status.REVOKED: Code.DENIED,
    Status.DENIED: Code.DENIED,
    Status.DEFERRED: Code.DENIED,
    Status.LANDED: Code.EXPIRED,  # used up: it covers no second merge
    Status.REVERTED: Code.EXPIRED,
    Status.WITHDRAWN: Code.MISSING,
}


def _weight(found: Found) -> tuple[int, int]:
    return _ORDER.index(found.status), -found.exception.pk


def answer(found: list[Found], freeze: Milestone) -> tuple[Found | None, Code, str]:
    """The exception that decides, the code, and the sentence.

    An exception from a freeze covers the freezes before it, never a later one.
    """
    since = f"{freeze.name} has blocked this kind of change since {moment(freeze.known_at)}"
    covering = [one for one in found if one.freeze_at >= freeze.known_at]
    if not covering:
        if not found:
            ask = "no exception was asked for. Ask for one, or wait for the next release."
            return None, Code.MISSING, f"{since}, and {ask}"
        earlier = min(found, key=_weight)
        reason = (
            f"{since}; {earlier.exception.reference} is only from"
            f" {earlier.exception.freeze.name}. Ask for one from {freeze.name}."
        )
        return earlier, Code.MISSING, reason
    best = min(covering, key=_weight)
    return best, _CODES[best.status], _sentence(best)


def _sentence(found: Found) -> str:
    decision, granted = found.decision, found.granted or found.decision
    name, who = found.exception.reference, _who(decision)
    refused = ""
    if decision.verb == Verb.REFUSE_EXTENSION:
        refused = f" An extension was refused {who}."
    until = moment(found.expires_at) if found.expires_at else ""
    unmet = {0: "", 1: " One condition is not confirmed yet."}.get(
        found.unmet, f" {found.unmet} conditions are not confirmed yet."
    )
    sentences = {
        Status.GRANTED: (
            f"{name} stands until {until}; {granted.verb_in_words} {_who(granted)}.{refused}{unmet}"
        ),
        Status.REQUESTED: f"{name} is undecided; {decision.verb_in_words} {who}.",
        Status.EXPIRED: f"{name} expired {until}.{refused} Ask for an extension, with a reason.",
        Status.REVOKED: f"{name} was revoked {who}: {decision.rationale}",
        Status.DENIED: f"{name} was denied {who}: {decision.rationale}",
        Status.DEFERRED: f"{name} was deferred to a later release {who}: {decision.rationale}",
        Status.LANDED: f"{name} was used: it landed {who}. Another merge needs another exception.",
        Status.REVERTED: f"{name} landed and was reverted {who}. Ask for another exception.",
        Status.WITHDRAWN: f"{name} was withdrawn {who}. Ask for another exception.",
    }
    return sentences[found.status]


def _who(decision: Decision) -> str:
    return f"by {decision.by.name}, {moment(decision.at)}" if decision.by else moment(decision.at)


def _names(freezes: Iterable[Milestone]) -> str:
    return " and ".join(freeze.name for freeze in freezes)


def _exception_as_json(found: Found) -> dict[str, Any]:
    return {
        "ref": found.exception.reference,
        "status": found.status.value,
        "expires_at": z(found.expires_at),
        "source_url": found.source_url,
    }


def _proposal_as_json(proposal: MergeProposal) -> dict[str, Any]:
    return {
        "target": proposal.target,
        "url": proposal.url,
        "title": proposal.title,
        "state": proposal.state,
        "change_kind": proposal.known_kind,
    }
