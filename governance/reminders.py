"""Which notices are due at an instant. Nothing is planned ahead: deadlines are asked each time.

A new deadline is a new key, so whatever is extended or moved is reminded of anew by itself; and
two sweeps at once derive the same keys, of which the database keeps one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from governance.digests import write_digests
from governance.models import Heartbeat
from governance.models.announcing import addressed
from governance.models.notices import (
    LONGEST_ABOUT,
    Channel,
    Kind,
    Notice,
    Preference,
    ReleaseReminders,
    State,
    channel_of,
    usual_offsets,
)
from governance.offsets import parse_offsets
from governance.probe import Probe, stand_in
from governance.subjects import Source, sources

SWEPT = "sweep"  # the job's name among the heartbeats
KEPT_SINCE = "kept since"  # among them too: what came to its end before may be forgotten
AT_ONCE = 1000  # subjects whose notices are written in one transaction
USEFUL_FOR = timedelta(days=1)  # after the deadline; later it is missed
WORTH_WRITING = timedelta(seconds=5)  # a second beat's sweep is no news


@dataclass(frozen=True)
class Due:
    """A subject with a deadline near enough that somebody is to be told, or past."""

    subject: int
    deadline_at: datetime
    release: int | None
    known_since: datetime | None
    lead: int  # the smallest offset, of all in use, that has come


class Forgotten(ValueError):
    """At that instant nobody knows any more what was sent; the message says since when."""


def sweep(*, at: datetime) -> None:
    """Write down every notice that is due, and let what has reached its deadline reach it.

    Raises Forgotten for an instant so long ago that what was told then may have been pruned.
    """
    known = dict(Heartbeat.objects.filter(job__in=[SWEPT, KEPT_SINCE]).values_list("job", "at"))
    last, kept_since = known.get(SWEPT), known.get(KEPT_SINCE)
    if kept_since is not None and at - USEFUL_FOR < kept_since:
        raise Forgotten(
            f"What was sent is known since {kept_since:%Y-%m-%d %H:%M} UTC: a sweep as of"
            f" {at:%Y-%m-%d %H:%M} UTC could send it twice."
        )
    offsets = Offsets.read()
    after = min(at, last or at) - USEFUL_FOR
    some_are_due = _anything_due(offsets.in_use, after=after, at=at)
    for source in sources().values() if some_are_due else ():
        for some in _due(source, offsets, after=after, at=at):
            _write_down(source, some, offsets, at=at)
            over = [due.subject for due in some if due.deadline_at <= at]
            if over:
                source.reached(over, at=at)
    write_digests(at=at)
    if last is None or at - last >= WORTH_WRITING:
        Heartbeat.advance(SWEPT, at=at)


@dataclass(frozen=True)
class Offsets:
    """How long before a deadline, in seconds: as the site, releases and people have it."""

    usual: tuple[int, ...]
    of_release: dict[int, tuple[int, ...]]
    of_person: dict[int, tuple[int, ...]]

    @classmethod
    def read(cls) -> "Offsets":
        own = ReleaseReminders.objects.values_list("release", "offsets", Value(True))
        personal = Preference.objects.exclude(offsets="")
        rows = own.union(personal.values_list("person", "offsets", Value(False)), all=True)
        of_release: dict[int, tuple[int, ...]] = {}
        of_person: dict[int, tuple[int, ...]] = {}
        for pk, offsets, is_release in rows:
            (of_release if is_release else of_person)[pk] = parse_offsets(offsets)
        return cls(usual_offsets(), of_release, of_person)

    @property
    def in_use(self) -> tuple[int, ...]:
        """Each that anybody has, and the deadline itself; the shortest first."""
        lists = [self.usual, *self.of_release.values(), *self.of_person.values()]
        return tuple(sorted({0}.union(*lists)))

    def of(self, person: int, release: int | None) -> tuple[int, ...]:
        return self.of_person.get(person) or self.of_release.get(release or 0) or self.usual


def _due(source: Source, offsets: Offsets, *, after: datetime, at: datetime) -> Iterator[list[Due]]:
    """What is not yet noticed for the offset that has come last: some at a time, by indexes.

    No cursor stays open between two of them, since each is written down before the next is read.
    """
    come = {offset: at + timedelta(seconds=offset) for offset in offsets.in_use}
    for found in source.due(after=after, until=come[offsets.in_use[-1]]):
        rows = _unnoticed(source, found, come)
        ordered = rows.order_by("deadline", "pk").values_list(
            "pk", "deadline", "in_release", "known_since", "lead"
        )
        some = [Due(*row) for row in ordered[:AT_ONCE]]
        while some:
            yield some
            last = some[-1]
            beyond = Q(deadline__gt=last.deadline_at) | Q(
                deadline=last.deadline_at, pk__gt=last.subject
            )
            more = len(some) == AT_ONCE
            some = [Due(*row) for row in ordered.filter(beyond)[:AT_ONCE]] if more else []


def _unnoticed(source: Source, found: QuerySet[Any], come: dict[int, datetime]) -> QuerySet[Any]:
    """Those of them without a notice for the offset that has come last.

    `come`: each offset, the shortest first, with the latest deadline for which it has come.
    """
    lead = Case(
        *(When(deadline__lte=latest, then=Value(offset)) for offset, latest in come.items()),
        output_field=IntegerField(),
    )
    noticed = Notice.objects.filter(
        subject_kind=source.kind,
        subject_id=OuterRef("pk"),
        deadline_at=OuterRef("deadline"),
        lead=OuterRef("lead"),
        kind=Kind.REMINDER,
    )
    unnoticed: QuerySet[Any] = found.order_by().annotate(lead=lead).filter(~Exists(noticed))
    return unnoticed


def _anything_due(offsets: tuple[int, ...], *, after: datetime, at: datetime) -> bool:
    """Whether any deadline is near enough, or past, that the sources need be asked in earnest."""
    probe = _probe(connection.vendor, tuple(settings.REMINDER_SOURCES))
    return probe.finds(after=after, until=at + timedelta(seconds=offsets[-1]))


@cache
def _probe(vendor: str, paths: tuple[str, ...]) -> Probe:
    after, until = stand_in(0), stand_in(1)
    queries = [
        found for source in sources().values() for found in source.due(after=after, until=until)
    ]
    return Probe(queries, {after: "after", until: "until"})


def _write_down(source: Source, some: Sequence[Due], offsets: Offsets, *, at: datetime) -> None:
    subjects = [due.subject for due in some]
    about, recipients = source.about(subjects), source.recipients(subjects)
    people = {person for due in some for person in recipients.get(due.subject, ())}
    preferences = Preference.of(people)
    Notice.objects.add(
        notice
        for due in some
        for person in sorted(recipients.get(due.subject, ()))
        for notice in _notices(
            source, due, person, offsets, preferences.get(person), about=about[due.subject], at=at
        )
    )


def _notices(
    source: Source,
    due: Due,
    person: int,
    offsets: Offsets,
    preference: Preference | None,
    *,
    about: tuple[str, str],
    at: datetime,
) -> Iterator[Notice]:
    """The one that has come last for this person, and those before it as missed.

    Whatever of them was written down before stays as it is.
    """
    ahead = (due.deadline_at - at).total_seconds()
    come = [lead for lead in offsets.of(person, due.release) if lead >= ahead]
    channel = channel_of(preference, Kind.REMINDER)
    for lead in come:
        if lead == 0 and source.tells_of_its_end:
            continue
        moment = due.deadline_at - timedelta(seconds=lead)
        notice = Notice(
            subject_kind=source.kind,
            subject_id=due.subject,
            kind=Kind.REMINDER,
            lead=lead,
            deadline_at=due.deadline_at,
            recipient_id=person,
            about=about[0][:LONGEST_ABOUT],
            path=about[1],
            due_at=at,
            next_try_at=at,
        )
        if lead != come[-1] or moment + _useful_for(lead) <= at:
            if due.known_since is None or due.known_since <= moment:
                yield _missed(notice, channel)
        else:
            yield addressed(notice, channel)


def _useful_for(lead: int) -> timedelta:
    """A reminder is of use until the deadline; one at the deadline, for a day."""
    return timedelta(seconds=lead) if lead else USEFUL_FOR


def _missed(notice: Notice, channel: Channel) -> Notice:
    notice.channel = channel
    notice.state, notice.detail = State.MISSED, "Nobody swept while it was of use."
    return notice
