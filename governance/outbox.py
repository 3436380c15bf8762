"""Claim, send, record: each notice once, whatever dies in between.

    pending -> claimed -> handing -> sent | failed | uncertain;  or cancelled, or missed

Every step is a conditional UPDATE of one row, committed by itself; nothing is held open while
somebody else's server takes its time. A claim that ran out was surely not sent. What ran out
while it was handed over nobody can know: REMINDER_UNCERTAIN says what becomes of it.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from governance.composing import NoLongerTrue, TooLate, compose
from governance.models.notices import Channel, Notice, Preference, State, channel_of
from governance.retrying import wait_after
from governance.sinks import NotSent, Sink, Unknown, Unreachable, configured_sink, in_short

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

LEASE = timedelta(seconds=120)  # far above all time-outs of one message together
MOST_TRIES = 150  # about six days


class LostClaim(Exception):
    """Somebody else has it by now: whoever was too slow leaves it alone."""


def deliver(
    *, clock: Clock, sink: Sink | None = None, until: datetime | None = None
) -> Counter[str]:
    """Send what is due, one by one, until nothing is or `until` has come; how each ended."""
    sink = sink or configured_sink()
    owner = token_hex(16)
    ended: Counter[str] = Counter()
    recover(at=clock(), honours_key=sink.honours_key)
    try:
        while until is None or clock() < until:
            notice = claim(at=clock(), owner=owner)
            if notice is None:
                break
            failpoint("after_claim")
            try:
                ended[_deliver(notice, sink, clock=clock)] += 1
            except LostClaim:
                continue
            except Unreachable as error:
                # Nor would the others get through: they stay as they are until the next sweep.
                with suppress(LostClaim):
                    ended[_not_sent(notice, error, at=clock())] += 1
                break
            if ended[State.UNCERTAIN]:
                break  # before the same becomes of the others
    finally:
        sink.close()
    return ended


def claim(*, at: datetime, owner: str) -> Notice | None:
    """Take one that is due; nobody else has it until its lease runs out."""
    with transaction.atomic():
        _need_not_outlive_the_server()
        due = Notice.objects.due(at).order_by("next_try_at", "pk")
        first = due.select_related("recipient__preference").select_for_update(
            skip_locked=True, of=("self",)
        )
        for notice in first[:1]:
            claimed = {"state": State.CLAIMED, "owner": owner, "lease_until": at + LEASE}
            if Notice.objects.due(at).filter(pk=notice.pk).update(**claimed):
                vars(notice).update(claimed)
                return notice
    return None


def _need_not_outlive_the_server() -> None:
    """Let this commit not wait for the disk: a claim that is lost was surely not sent.

    The next step's does wait, and takes this one with it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")


def recover(*, at: datetime, honours_key: bool) -> None:
    """Take up what somebody left who died, or was too slow."""
    ran_out = Notice.objects.filter(lease_until__lte=at)
    # Behind the others, so that one that kills whoever takes it holds nobody else up.
    ran_out.filter(state=State.CLAIMED).update(
        state=State.PENDING,
        owner="",
        lease_until=None,
        attempts=F("attempts") + 1,
        next_try_at=at,
        detail="Whoever was to send it died.",
    )
    in_doubt = ran_out.filter(state=State.HANDING)
    in_doubt.update(
        state=State.UNCERTAIN,
        uncertain_at=F("lease_until"),
        attempts=F("attempts") + 1,
        next_try_at=at,
        detail="Whoever was sending it died before there was an answer.",
    )
    if honours_key or settings.REMINDER_UNCERTAIN == "resend":
        Notice.objects.filter(state=State.UNCERTAIN, next_try_at__lte=at).update(
            state=State.PENDING, owner="", lease_until=None
        )


def _deliver(notice: Notice, sink: Sink, *, clock: Clock) -> State:
    """One notice, to its end. Raises LostClaim, or Unreachable with the claim still held."""
    preference: Preference | None = getattr(notice.recipient, "preference", None)
    channel = channel_of(preference, notice.kind)
    if channel == Channel.NONE:
        return _settle(notice, State.CANCELLED, "They want to hear nothing of this kind.")
    try:
        mail = compose(notice, at=clock())
    except NoLongerTrue as reason:
        return _settle(notice, State.CANCELLED, str(reason))
    except TooLate as reason:
        return _settle(notice, State.MISSED, str(reason))
    except Exception as error:
        logger.exception("Notice %s cannot be put in words", notice.pk)
        return _failed(notice, f"It cannot be put in words: {type(error).__name__}", at=clock())
    if channel == Channel.IN_APP or mail.to == [""]:
        detail = "" if channel == Channel.IN_APP else "No mail address is known."
        return _settle(notice, State.SENT, detail, sent_at=clock(), channel=Channel.IN_APP)
    return _send(notice, mail, sink, clock=clock)


def _send(notice: Notice, mail: EmailMultiAlternatives, sink: Sink, *, clock: Clock) -> State:
    try:
        sink.offer(mail)
    except Unreachable:
        raise
    except NotSent as error:
        return _not_sent(notice, error, at=clock())
    failpoint("after_rcpt")
    try:
        _advance(notice, State.HANDING, lease_until=clock() + LEASE)
    except LostClaim:
        sink.withdraw()
        raise
    failpoint("before_data")
    try:
        sink.hand_over(mail, notice.key)
    except NotSent as error:
        return _not_sent(notice, error, at=clock())
    except Unknown as error:
        return _uncertain(notice, error, at=clock())
    failpoint("after_data")
    state = _surely(lambda: _settle(notice, State.SENT, "", sent_at=clock()))
    failpoint("after_commit")
    return state


def _advance(notice: Notice, state: State, **fields: Any) -> None:
    """The next step, if the claim is still ours. Raises LostClaim."""
    held = Notice.objects.filter(pk=notice.pk, owner=notice.owner, state=notice.state)
    if not held.update(state=state, **fields):
        raise LostClaim
    notice.state = state


def _settle(notice: Notice, state: State, detail: str, **fields: Any) -> State:
    """An end. What was accepted is sent, also where its lease ran out while the answer came."""
    states = [notice.state, State.UNCERTAIN] if notice.state == State.HANDING else [notice.state]
    held = Notice.objects.filter(pk=notice.pk, owner=notice.owner, state__in=states)
    if not held.update(state=state, detail=detail[:500], owner="", lease_until=None, **fields):
        raise LostClaim
    return state


def _failed(notice: Notice, why: str, *, at: datetime) -> State:
    """Surely not sent: tried again after a while that grows, until it is no use any more."""
    attempts = notice.attempts + 1
    given_up = attempts >= MOST_TRIES
    return _settle(
        notice,
        State.FAILED,
        why,
        attempts=attempts,
        next_try_at=at + (timedelta(days=36500) if given_up else wait_after(attempts)),
    )


def _not_sent(notice: Notice, error: NotSent, *, at: datetime) -> State:
    logger.warning("Notice %s was not sent: %s", notice.pk, in_short(error))
    return _failed(notice, str(error), at=at)


def _uncertain(notice: Notice, error: Unknown, *, at: datetime) -> State:
    """No answer came. A next try, where the setting wants one, waits as for a failure."""
    logger.warning("Notice %s may not have been sent: %s", notice.pk, in_short(error))
    attempts = notice.attempts + 1
    _advance(
        notice,
        State.UNCERTAIN,
        uncertain_at=at,
        attempts=attempts,
        detail=str(error),
        owner="",
        lease_until=None,
        next_try_at=at + wait_after(attempts),
    )
    return State.UNCERTAIN


def _surely(record: Callable[[], State]) -> State:
    """Record what has been accepted, also where the database is just being restarted."""
    for pause in (0.2, 1, 3):
        try:
            return record()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return record()


def send_again(notice: Notice, *, at: datetime) -> bool:
    """Somebody looked, and it did not arrive; False where it is not for a person to say."""
    return bool(
        _for_a_person(notice).update(
            state=State.PENDING, next_try_at=at, detail="Sent again by hand."
        )
    )


def arrived(notice: Notice, *, at: datetime) -> bool:
    """Somebody looked, and it did arrive; False where it is not for a person to say."""
    return bool(
        _for_a_person(notice).update(
            state=State.SENT, sent_at=at, detail="Somebody saw that it arrived."
        )
    )


def _for_a_person(notice: Notice) -> QuerySet[Notice]:
    return Notice.objects.filter(pk=notice.pk, state__in=[State.UNCERTAIN, State.FAILED])


def failpoint(name: str) -> None:
    """Die here where a test says so; there is no such setting in production."""
    if name == settings.FAILPOINT:
        os._exit(137)
