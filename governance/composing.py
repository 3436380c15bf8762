"""A notice read again just before it is sent: the mail that it is now, or why it is none."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives

from governance import digests, mails
from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from governance.models.announcing import TO_BE_DECIDED
from governance.models.notices import Kind, Notice
from governance.reminders import USEFUL_FOR
from governance.subjects import sources

NEWS_FOR = timedelta(days=14)  # of what has happened


class NoLongerTrue(Exception):
    """What it was to say does not hold any more; the message says why."""


class TooLate(Exception):
    """Nobody is helped by it now; the message says why."""


def compose(notice: Notice, *, at: datetime) -> EmailMultiAlternatives:
    """The mail as it is to be sent now. Raises NoLongerTrue or TooLate."""
    return _BY_KIND[Kind(notice.kind)](notice, at)


def _reminder(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    source = sources().get(notice.subject_kind)
    if source is None:
        raise NoLongerTrue(f"Nothing here knows of a {notice.subject_kind} any more.")
    matter = source.reread(notice.subject_id, deadline_at=notice.deadline_at, at=at)
    if matter is None:
        raise NoLongerTrue("It was decided, or its deadline moved, before this was sent.")
    if at >= notice.deadline_at + (timedelta(0) if notice.lead else USEFUL_FOR):
        raise TooLate("The deadline passed before this could be sent.")
    later = Notice.objects.filter(
        subject_kind=notice.subject_kind,
        subject_id=notice.subject_id,
        deadline_at=notice.deadline_at,
        kind=Kind.REMINDER,
        recipient=notice.recipient_id,
        lead__lt=notice.lead,
    )
    if later.exists():
        raise TooLate("A later reminder of the same deadline says it.")
    return mails.reminder(notice, matter, at=at)


def _expired(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    exception = (
        ExceptionRequest.objects.filter(pk=notice.subject_id)
        .select_related("release", "freeze", "requester", "expires_with", "project")
        .prefetch_related("proposals", "conditions")
        .first()
    )
    if exception is None or exception.status != Status.EXPIRED:
        raise NoLongerTrue("It was decided on again before this was sent.")
    # Not the deadline itself: the milestone that it was bound to may have moved after its end.
    later = Notice.objects.filter(
        subject_kind=notice.subject_kind,
        subject_id=notice.subject_id,
        kind=notice.kind,
        recipient=notice.recipient_id,
        pk__gt=notice.pk,
    )
    if later.exists():
        raise NoLongerTrue("It has ended once more since then, which a later notice says.")
    _fresh(notice, at)
    return mails.expired(notice, exception, at=at)


def _decision(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    decision = (
        Decision.objects.filter(pk=notice.subject_id)
        .select_related("by", "new_expires_with", "exception__release")
        .prefetch_related("exception__conditions", "exception__proposals")
        .first()
    )
    if decision is None:
        raise NoLongerTrue("That decision is not in the ledger.")
    if decision.verb in TO_BE_DECIDED and decision.exception.status != Status.REQUESTED:
        raise NoLongerTrue("It was decided before this was sent.")
    _fresh(notice, at)
    return mails.decided(notice, decision)


def _fresh(notice: Notice, at: datetime) -> None:
    if at - notice.due_at > NEWS_FOR:
        raise TooLate("It is two weeks old: no news any more.")


def _digest(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    if at - notice.deadline_at >= digests.USEFUL_FOR:
        raise TooLate("The day was half over before this could be sent.")
    sections = digests.digest_sections(at=at)
    if not sections:
        raise NoLongerTrue("There was nothing to tell any more.")
    return mails.digest(notice, sections, at=at)


_BY_KIND: dict[Kind, Callable[[Notice, datetime], EmailMultiAlternatives]] = {
    Kind.REMINDER: _reminder,
    Kind.EXPIRED: _expired,
    Kind.DECISION: _decision,
    Kind.DIGEST: _digest,
}
