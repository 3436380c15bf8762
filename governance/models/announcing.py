"""Who hears of what: the notices that are written in the transaction of a decision."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextvars import copy_context
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from celery import current_app
from django.db import transaction
from django.db.models import prefetch_related_objects

from governance import rights
from governance.lifecycle import Status, Verb
from governance.models.ledger import Decision
from governance.models.notices import (
    LONGEST_ABOUT,
    Channel,
    Kind,
    Notice,
    Preference,
    State,
    Watch,
    channel_of,
)
from governance.models.terms import Claim
from releases.models import Membership, Person, Role

if TYPE_CHECKING:
    from governance.models import ExceptionRequest

logger = logging.getLogger(__name__)

TO_BE_DECIDED = frozenset([Verb.REQUEST, Verb.REOPEN])  # of these, who decides is told too
DELIVER = "governance.tasks.deliver_notices"
WAIT = 1.5  # seconds that a page waits for the broker at most
PATIENCE = 30  # seconds for which a broker that did not answer is left alone

Audience = dict[int, set[int]]  # people by what concerns them


def concerned(requesters: dict[int, int]) -> Audience:
    """Whose exceptions they are: requester (given by exception), authors and watchers."""
    people: Audience = defaultdict(set)
    for exception_id, requester_id in requesters.items():
        people[exception_id].add(requester_id)
    authors = Claim.objects.filter(exception__in=requesters, proposal__author__isnull=False)
    watchers = Watch.objects.filter(exception__in=requesters)
    for exception_id, person_id in (
        *authors.values_list("exception", "proposal__author"),
        *watchers.values_list("exception", "person"),
    ):
        people[exception_id].add(person_id)
    return people


def is_theirs(person: Person, exception: "ExceptionRequest") -> bool:
    """Whether it concerns somebody who does not watch it: they asked, or it is for their work."""
    authors = {proposal.author_id for proposal in exception.proposals.all()}
    return person.pk in {exception.requester_id, *authors}


def release_managers(projects: Iterable[int] = ()) -> set[int]:
    """The release managers of everything, and those of one of these projects."""
    held = Membership.objects.filter(role=Role.RELEASE_MANAGER)
    wanted = {None, *projects}
    return {
        person for person, project in held.values_list("person", "project") if project in wanted
    }


def deciders(exceptions: Sequence["ExceptionRequest"]) -> Audience:
    """Who may grant each, by the table of rights; as many queries for one as for a thousand."""
    prefetch_related_objects(exceptions, "release", "proposals")
    held = Membership.objects.filter(role__in=[Role.RELEASE_MANAGER, Role.PROJECT_LEAD])
    found = Person.objects.filter(pk__in=held.values("person")).prefetch_related("memberships")
    people = list(found)
    return {
        exception.pk: {
            person.pk
            for person in people
            if rights.may(person, Verb.GRANT, exception, Status.REQUESTED)
        }
        for exception in exceptions
    }


def announce(decision: Decision) -> None:
    """Tell whoever should hear of a decision or a request, in its transaction; not who made it."""
    exception = decision.exception
    people = concerned({exception.pk: exception.requester_id})[exception.pk]
    expired = decision.verb == Verb.EXPIRE
    if expired:
        people |= release_managers(exception.known_project_ids())
    if decision.verb in TO_BE_DECIDED:
        people |= deciders([exception])[exception.pk]
    people.discard(decision.by_id or 0)
    if not people:
        return
    kind = Kind.EXPIRED if expired else Kind.DECISION
    preferences = Preference.of(people)
    about = f"{exception}: {decision.verb_in_words}"
    deadline = exception.until.instant if expired else None
    Notice.objects.add(
        addressed(
            Notice(
                subject_kind="exception" if expired else "decision",
                subject_id=exception.pk if expired else decision.pk,
                kind=kind,
                deadline_at=deadline or decision.at,
                recipient_id=person,
                about=about[:LONGEST_ABOUT],
                path=exception.get_absolute_url(),
                due_at=decision.at,
                next_try_at=decision.at,
            ),
            channel_of(preferences.get(person), kind),
        )
        for person in sorted(people)
    )
    transaction.on_commit(nudge, robust=True)


def addressed(notice: Notice, channel: Channel) -> Notice:
    """With the channel that its recipient wants; without mail, it is told by being there."""
    notice.channel = channel
    if channel == Channel.IN_APP:
        notice.state, notice.sent_at = State.SENT, notice.due_at
    elif channel == Channel.NONE:
        notice.state, notice.detail = State.CANCELLED, "They want to hear nothing of this kind."
    return notice


class _Broker:
    """Remembers for a while that the broker did not answer: the next page need not wait too."""

    silent_until = 0.0


def nudge() -> None:
    """Ask a worker to deliver now. Without an answer the next sweep does: nothing is lost.

    In a thread, since each layer of a client has time-outs of its own, and together they are more
    than anybody waits for a page.
    """
    if monotonic() < _Broker.silent_until:
        return
    # In the context of the request, whose id goes along to the worker.
    asking = Thread(target=copy_context().run, args=[_ask], daemon=True)
    asking.start()
    asking.join(WAIT)
    if asking.is_alive():
        _give_up("no answer")


def _ask() -> None:
    try:
        current_app.send_task(DELIVER, retry=False, expires=PATIENCE, ignore_result=True)
    except Exception as error:  # noqa: BLE001 whatever the transport raises, a decision is made
        _give_up(type(error).__name__)


def _give_up(why: str) -> None:
    if monotonic() >= _Broker.silent_until:
        logger.warning("The broker is silent (%s): mail goes out with the next sweep.", why)
    _Broker.silent_until = monotonic() + PATIENCE
