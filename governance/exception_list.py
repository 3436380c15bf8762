"""Exceptions out of a Kubernetes list, by the verbs that people use, and into one.

The list says when each was asked for and decided, and where. It names neither who decided nor until
when: the first is recorded as the release's team unless somebody is named, the second is bound to a
milestone. An exception from the enhancements freeze lets an enhancement join until the code freeze;
one from a later freeze holds until the release.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.db import transaction

from governance.lifecycle import Status, Verb
from governance.models import Decision, ExceptionRequest
from governance.models.queries import LONGEST_TITLE
from governance.refusals import Refused
from releases.models import (
    MergeProposal,
    Milestone,
    MilestoneKind,
    Person,
    Release,
    Role,
)
from releases.references import Reference, parse_reference
from releases.schedules.kubernetes_exceptions import Entry, ExceptionList, Problem

TRACKER = "https://github.com/kubernetes/enhancements/issues/{}"
_STORY = re.compile(r"^Enhancement #(?P<issue>\S{0,40}), asked from the (?P<freeze>\w+) freeze\.")
_KINDS = {
    "enhancement": MilestoneKind.FEATURE_FREEZE,
    "code": MilestoneKind.FEATURE_FREEZE,
    "docs": MilestoneKind.DOCS_FREEZE,
}


class NoFreeze(ValueError):
    """The release has no freeze that exceptions could be from; the message says what to do."""


@dataclass(slots=True)
class Listed:
    """What became of a list."""

    created: list[ExceptionRequest] = field(default_factory=list)
    decided: list[ExceptionRequest] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def team_of(release: Release) -> Person:
    """Who decided, where a list does not say: the release's team, who has no login here."""
    name = f"Release team of {release.name}"[:120]
    person, _ = Person.objects.get_or_create(name=name, user=None)
    person.memberships.get_or_create(role=Role.RELEASE_MANAGER, project=None)
    return person


def import_list(exceptions: ExceptionList, *, release: Release, by: Person, source: str) -> Listed:
    """Enter what is new and decide what has been decided since. Raises NoFreeze."""
    listed = Listed(problems=list(exceptions.problems))
    calendar = list(release.milestones.order_by("at", "pk"))
    known = _known(release)
    for entry in exceptions.entries:
        title = _title(entry)
        exception = known.get((title, entry.requested_on, entry.thread))
        try:
            with transaction.atomic():
                _enter(entry, title, exception, release, calendar, by, source, listed)
        except Refused as refusal:
            listed.problems.append(Problem(entry.line, f"“{entry.name}”: {refusal}", is_lost=True))
    listed.problems.sort(key=lambda problem: problem.line)
    return listed


def _title(entry: Entry) -> str:
    name = entry.name
    return name if len(name) <= LONGEST_TITLE else name[: LONGEST_TITLE - 1] + "…"


def _known(release: Release) -> dict[tuple[str, date, str], ExceptionRequest]:
    """What was entered before, by what a list says of it."""
    asked = Decision.objects.filter(exception__release=release, verb=Verb.REQUEST, sequence=1)
    return {
        (one.exception.title, one.exception.requested_at.date(), one.source_url): one.exception
        for one in asked.select_related("exception__release", "exception__freeze")
    }


def _enter(
    entry: Entry,
    title: str,
    exception: ExceptionRequest | None,
    release: Release,
    calendar: list[Milestone],
    by: Person,
    source: str,
    listed: Listed,
) -> None:
    is_new = exception is None
    if exception is None:
        references = _references(entry, listed.problems)
        exception = ExceptionRequest.objects.ask(
            release=release,
            freeze=freeze_of(entry.freeze, calendar, release),
            title=title,
            by=by,
            at=_instant(entry.requested_on),
            why_now=f"Enhancement #{entry.issue}, asked from the {entry.freeze} freeze."
            f" Imported from {source}, line {entry.line}.",
            proposals=[MergeProposal.objects.from_reference(one) for one in references],
            source_url=entry.thread,
        )
    if exception.status != Status.REQUESTED or not entry.status or entry.reviewed_on is None:
        listed.unchanged += not is_new
    else:
        try:
            with transaction.atomic():
                _decide(exception, entry, calendar, by, source)
        except Refused as refusal:
            words = f"“{entry.name}” is undecided: {refusal}"
            listed.problems.append(Problem(entry.line, words))
            listed.unchanged += not is_new
        else:
            if not is_new:
                listed.decided.append(exception)
    if is_new:
        listed.created.append(exception)


def _references(entry: Entry, problems: list[Problem]) -> list[Reference]:
    """The pull requests named, or else the issue that tracks the enhancement."""
    found = []
    for url in entry.pull_requests:
        reference = parse_reference(url)
        if reference is not None and reference.kind == "proposal":
            found.append(reference)
        else:
            problems.append(Problem(entry.line, f"“{url[:100]}” is no pull request."))
    tracked = parse_reference(TRACKER.format(entry.issue)) if not found else None
    if tracked is not None:
        found.append(Reference("github", "proposal", tracked.key, tracked.url, tracked.span))
    return found


def freeze_of(name: str, calendar: list[Milestone], release: Release) -> Milestone:
    """The freeze that a list's word means: the first of its kind, or else of any that blocks."""
    blocking = [one for one in calendar if one.blocks and one.project_id is None]
    kinds = (_KINDS[name], MilestoneKind.FEATURE_FREEZE)
    fits = [one for kind in kinds for one in blocking if one.kind == kind] or blocking
    if not fits:
        raise NoFreeze(
            f"{release} has no freeze that exceptions could be from: import its schedule first"
            " (import_schedule), or enter its freezes."
        )
    return fits[0]


def _decide(
    exception: ExceptionRequest, entry: Entry, calendar: list[Milestone], by: Person, source: str
) -> None:
    assert entry.reviewed_on is not None  # noqa: S101 asked by the caller
    at = max(_instant(entry.reviewed_on), exception.requested_at)
    said = {
        "rationale": f"{entry.status.capitalize()} in {source}, line {entry.line}.",
        "source_url": entry.thread,
    }
    if entry.status == "denied":
        exception.deny(by=by, at=at, **said)
    elif entry.status == "removed":
        exception.withdraw(by=by, at=at, **said)
    else:
        exception.grant(by=by, at=at, expires=_until(exception, entry, calendar, at), **said)
        if entry.status == "reverted":
            exception.land(by=by, at=at, **said)
            exception.revert(by=by, at=at, **said)


def _until(
    exception: ExceptionRequest, entry: Entry, calendar: list[Milestone], at: datetime
) -> Milestone | None:
    """The milestone that ends it: the code freeze for an enhancement, else the release."""
    releases = [one for one in calendar if one.kind == MilestoneKind.RELEASE]
    first = [exception.freeze] if entry.freeze == "enhancement" else []
    return next((one for one in [*first, *releases] if one.at > at), None)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


# --- Out ----------------------------------------------------------------------------------------

_STATUS = {
    Status.GRANTED: "approved",
    Status.EXPIRED: "approved",
    Status.LANDED: "approved",
    Status.DENIED: "denied",
    Status.DEFERRED: "denied",
    Status.REVOKED: "denied",
    Status.WITHDRAWN: "removed",
    Status.REVERTED: "reverted",
}


def entries_of(exceptions: Iterable[ExceptionRequest]) -> list[Entry]:
    """Records as a list holds them; wants the story prefetched."""
    return [_entry(exception) for exception in exceptions]


def _entry(exception: ExceptionRequest) -> Entry:
    decisions = list(exception.decisions.all())
    decided = [one for one in decisions if one.verb not in {Verb.REQUEST, Verb.EXPIRE}]
    story = _STORY.match(exception.why_now)
    is_docs = exception.freeze.kind == MilestoneKind.DOCS_FREEZE
    return Entry(
        name=exception.title,
        issue=story["issue"] if story else "",
        requested_on=exception.requested_at.astimezone(UTC).date(),
        reviewed_on=decided[0].at.astimezone(UTC).date() if decided else None,
        thread=decisions[0].source_url if decisions else "",
        pull_requests=tuple(
            proposal.url for proposal in exception.proposals.all() if "/issues/" not in proposal.url
        ),
        status=_STATUS.get(Status(exception.status), ""),
        freeze=story["freeze"] if story else ("docs" if is_docs else "code"),
    )
