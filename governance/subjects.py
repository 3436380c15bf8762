"""What can be reminded of: sources of things with a deadline.

`REMINDER_SOURCES` lists them by dotted path; a floor above hangs its own in there. A source is a
class without arguments that has what `Source` says.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.module_loading import import_string

from governance.breaches import breaches
from governance.lifecycle import Status, Verb
from governance.models import Condition, Decision, ExceptionRequest
from governance.models.announcing import Audience, concerned, deciders, release_managers
from releases.models import Membership, Milestone, MilestoneMove, Release, Role

logger = logging.getLogger(__name__)

SHOWN = 20  # of one section of the digest
LONGEST_FACT = 300  # characters
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Link:
    words: str
    path: str
    at: datetime | None = None  # when it ends or begins, to be told on the reader's own clocks


@dataclass(frozen=True)
class Matter:
    """A subject as it is now, in words for a mail."""

    name: str  # `FFE-12`
    title: str
    path: str
    ahead: str  # what it does at its deadline: `expires`
    reached: str  # what it has then done: `has expired`
    sentence: str  # what there is to do about it
    facts: Sequence[str] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Section:
    """One heading of the digest, and what stands under it."""

    heading: str
    lines: list[Link] = field(default_factory=list)
    more: int = 0  # beyond those listed


class Source(Protocol):
    """Things of one kind that have deadlines. `kind` is their name in the notices' key.

    `tells_of_its_end`: its own verb tells people at the deadline, so no reminder does.
    """

    kind: str
    tells_of_its_end: bool

    def due(self, *, after: datetime, until: datetime) -> Sequence[QuerySet[Any]]:
        """The open ones with a deadline in (after, until]: a query for each index it takes.

        Annotated with `deadline`, `in_release` (id or None), `known_since` (when that deadline
        was set, or None) and ordered by nothing.
        """

    def about(self, subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
        """By id: the words that name it, and the path of its page."""

    def recipients(self, subjects: Sequence[int]) -> Audience:
        """By id: who is reminded of it."""

    def reread(self, subject: int, *, deadline_at: datetime, at: datetime) -> Matter | None:
        """The subject as it is now; None where that deadline no longer is its deadline."""

    def reached(self, subjects: Sequence[int], *, at: datetime) -> None:
        """Do what the deadline itself does, where it does something."""

    def digest(self, *, at: datetime) -> list[Section]:
        """What release managers should know of these today."""


@cache
def _sources(paths: tuple[str, ...]) -> dict[str, Source]:
    made: list[Source] = [import_string(path)() for path in paths]
    return {source.kind: source for source in made}


def sources() -> dict[str, Source]:
    """Every source that is listed, by its kind."""
    return _sources(tuple(settings.REMINDER_SOURCES))


class StandingExceptions:
    """Exceptions until they expire: with their own deadline, or with a milestone's."""

    kind = "exception"
    tells_of_its_end = True

    def due(self, *, after: datetime, until: datetime) -> Sequence[QuerySet[Any]]:
        granted = ExceptionRequest.objects.filter(status=Status.GRANTED).annotate(
            in_release=F("release_id")
        )
        told = _last_decided(Verb.GRANT, Verb.EXTEND)
        return [
            # However long past: whatever is still called granted is to be called expired.
            granted.filter(expires_at__lte=until).annotate(
                deadline=F("expires_at"), known_since=told
            ),
            granted.filter(expires_with__at__lte=until).annotate(
                deadline=F("expires_with__at"), known_since=_since_moved(told, "expires_with")
            ),
        ]

    def about(self, subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
        return _exceptions_by_id(subjects)

    def recipients(self, subjects: Sequence[int]) -> Audience:
        return concerned(_requesters(subjects))

    def reread(self, subject: int, *, deadline_at: datetime, at: datetime) -> Matter | None:
        found = ExceptionRequest.objects.select_related("expires_with", "project")
        exception = found.filter(pk=subject, status=Status.GRANTED).first()
        if exception is None or exception.until.instant != deadline_at:
            return None
        unmet = exception.conditions.filter(met_at=None).values_list("text", flat=True)
        conditions = [f"Not confirmed yet: {text}" for text in unmet]
        return Matter(
            name=exception.reference,
            title=exception.title,
            path=exception.get_absolute_url(),
            ahead="expires",
            reached="has expired",
            sentence="What has not landed by then may not land any more. Land it, ask who decides"
            " for more time, with a reason, or let it wait for the next release.",
            facts=[*_proposals_in_words(exception), *conditions],
        )

    def reached(self, subjects: Sequence[int], *, at: datetime) -> None:
        """Enter the expiry of each in the ledger, by its own verb and in its own transaction."""
        for exception in ExceptionRequest.objects.filter(pk__in=subjects).order_by("pk"):
            try:
                exception.expire(at=at)
            except (OperationalError, InterfaceError):
                raise  # the database is gone: not for this one alone
            except Exception:
                logger.exception("%s has lapsed and cannot expire", exception.reference)

    def digest(self, *, at: datetime) -> list[Section]:
        soon = ExceptionRequest.objects.expiring(within=A_DAY, at=at)
        unmet = Condition.objects.filter(met_at=None).values("exception")
        conditional = ExceptionRequest.objects.standing(at).filter(pk__in=unmet)
        return [
            _section("Expiring within a day", soon.first_to_end_first(), is_timed=True),
            _section("With conditions not confirmed", conditional.first_to_end_first()),
            _breaches(at),
        ]


class UndecidedRequests:
    """Requests that wait for a decision: until they were asked for, or until the freeze."""

    kind = "request"
    tells_of_its_end = False

    def due(self, *, after: datetime, until: datetime) -> Sequence[QuerySet[Any]]:
        waiting = ExceptionRequest.objects.filter(status=Status.REQUESTED).annotate(
            in_release=F("release_id")
        )
        asked = _last_decided(Verb.REQUEST, Verb.REOPEN)
        return [
            waiting.filter(wanted_until__gt=after, wanted_until__lte=until).annotate(
                deadline=F("wanted_until"), known_since=asked
            ),
            waiting.filter(
                wanted_until__isnull=True, freeze__at__gt=after, freeze__at__lte=until
            ).annotate(deadline=F("freeze__at"), known_since=_since_moved(asked, "freeze")),
        ]

    def about(self, subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
        return _exceptions_by_id(subjects)

    def recipients(self, subjects: Sequence[int]) -> Audience:
        """Those who may decide, as they were told of it when it was asked for."""
        return deciders(list(ExceptionRequest.objects.filter(pk__in=subjects)))

    def reread(self, subject: int, *, deadline_at: datetime, at: datetime) -> Matter | None:
        found = ExceptionRequest.objects.select_related("freeze", "requester", "project")
        exception = found.filter(pk=subject, status=Status.REQUESTED).first()
        if exception is None:
            return None
        if (exception.wanted_until or exception.freeze.at) != deadline_at:
            return None
        until = "it was asked for until then" if exception.wanted_until else "the freeze begins"
        return Matter(
            name=exception.reference,
            title=exception.title,
            path=exception.get_absolute_url(),
            ahead="waits for a decision",
            reached="was not decided in time",
            sentence=f"{exception.requester} asked for it, and {until}. Grant it with a deadline,"
            " deny it or defer it.",
            facts=[f"Why now: {_short(exception.why_now)}", *_proposals_in_words(exception)],
        )

    def reached(self, subjects: Sequence[int], *, at: datetime) -> None:
        """Nothing: that nobody decided decides nothing."""

    def digest(self, *, at: datetime) -> list[Section]:
        waiting = ExceptionRequest.objects.undecided().order_by("requested_at", "pk")
        return [_section("Waiting for a decision", waiting)]


class Milestones:
    """Freezes and other milestones, for those who run releases and lead their projects."""

    kind = "milestone"
    tells_of_its_end = False

    def due(self, *, after: datetime, until: datetime) -> Sequence[QuerySet[Any]]:
        return [
            Milestone.objects.filter(at__gt=after, at__lte=until).annotate(
                deadline=F("at"), in_release=F("release_id"), known_since=_last_moved("pk")
            )
        ]

    def about(self, subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
        found = Milestone.objects.filter(pk__in=subjects).select_related("release")
        return {
            milestone.pk: (str(milestone), milestone.release.get_absolute_url())
            for milestone in found
        }

    def recipients(self, subjects: Sequence[int]) -> Audience:
        """Release managers, and the leads of its project or of all that the release is made of."""
        milestones = Milestone.objects.filter(pk__in=subjects)
        projects: dict[int, set[int]] = {subject: set() for subject in subjects}
        for pk, own, part in milestones.values_list("pk", "project", "release__projects"):
            projects[pk] |= {own if own is not None else part} - {None}
        return _with_those_of(projects, Role.PROJECT_LEAD, release_managers())

    def reread(self, subject: int, *, deadline_at: datetime, at: datetime) -> Matter | None:
        milestone = Milestone.objects.select_related("release").filter(pk=subject).first()
        if milestone is None or milestone.at != deadline_at:
            return None
        blocked = ", ".join(milestone.blocks_in_words)
        return Matter(
            name=milestone.name,
            title=str(milestone.release),
            path=milestone.release.get_absolute_url(),
            ahead="begins" if blocked else "is reached",
            reached="is in force" if blocked else "is reached",
            sentence=f"From then on it blocks: {blocked}. What must land later needs an exception."
            if blocked
            else "It blocks nothing.",
        )

    def reached(self, subjects: Sequence[int], *, at: datetime) -> None:
        """Nothing: a freeze is in force from its instant on."""

    def digest(self, *, at: datetime) -> list[Section]:
        within_a_day = Milestone.objects.filter(at__gt=at, at__lte=at + A_DAY)
        found = list(within_a_day.select_related("release"))
        lines = [
            Link(str(milestone), milestone.release.get_absolute_url(), milestone.at)
            for milestone in found[:SHOWN]
        ]
        return [Section("Milestones within a day", lines, max(0, len(found) - SHOWN))]


def _last_decided(*verbs: Verb) -> Subquery:
    """When one of these was last decided of an exception."""
    decisions = Decision.objects.filter(exception=OuterRef("pk"), verb__in=verbs)
    return Subquery(decisions.order_by("-sequence").values("at")[:1])


def _last_moved(milestone: str) -> Subquery:
    """When it was last moved; null where it stands where it was first planned."""
    moves = MilestoneMove.objects.filter(milestone=OuterRef(milestone))
    return Subquery(moves.order_by("-at").values("at")[:1])


def _since_moved(since: Subquery, milestone: str) -> Greatest:
    """Since then, or since the milestone stands where it does: whichever came later."""
    return Greatest(since, Coalesce(_last_moved(milestone), since))


def _exceptions_by_id(subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = ExceptionRequest.objects.filter(pk__in=subjects).only("pk", "title")
    return {exception.pk: (str(exception), exception.get_absolute_url()) for exception in found}


def _requesters(subjects: Sequence[int]) -> dict[int, int]:
    found = ExceptionRequest.objects.filter(pk__in=subjects)
    return dict(found.values_list("pk", "requester"))


def _with_those_of(projects: dict[int, set[int]], role: Role, people: set[int]) -> Audience:
    """These people, and for each subject those who have the role in one of its projects."""
    held = Membership.objects.filter(role=role, project__in=set().union(*projects.values()))
    of_project: dict[int | None, set[int]] = defaultdict(set)
    for project, person in held.values_list("project", "person"):
        of_project[project].add(person)
    return {
        subject: people.union(*(of_project[project] for project in known))
        for subject, known in projects.items()
    }


def _proposals_in_words(exception: ExceptionRequest) -> list[str]:
    """`Volumes through the API: in review`, for each proposal that it is for."""
    if exception.project is not None:
        return [f"For everything of {exception.project}."]
    return [f"{proposal}: {proposal.get_state_display()}" for proposal in exception.proposals.all()]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_FACT else f"{line[:LONGEST_FACT].rstrip()}…"


def _breaches(at: datetime) -> Section:
    """What merged within the last day, in the release being made, without being allowed to."""
    release = Release.objects.current(at)
    lines = (
        [
            Link(f"{breach.proposal}: {breach.reason}", release.get_absolute_url())
            for breach in breaches(release)
            if at - A_DAY < breach.merged_at <= at and not breach.is_late_gate
        ]
        if release is not None
        else []
    )
    return Section("Merged without an exception", lines[:SHOWN], max(0, len(lines) - SHOWN))


def _section(
    heading: str, found: "QuerySet[ExceptionRequest]", *, is_timed: bool = False
) -> Section:
    """`is_timed`: they are annotated with their `deadline`, which is told of each."""
    shown = list(found.select_related("requester")[: SHOWN + 1])
    lines = [
        Link(
            f"{exception}, asked by {exception.requester}",
            exception.get_absolute_url(),
            exception.deadline if is_timed else None,  # type: ignore[attr-defined] # annotated
        )
        for exception in shown[:SHOWN]
    ]
    return Section(heading, lines, found.count() - SHOWN if len(shown) > SHOWN else 0)
