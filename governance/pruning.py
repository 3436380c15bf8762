"""What has run its course long ago is forgotten; what keeps a promise is not.

A notice's row is what keeps it from being told twice, so it goes only when its key can never come
up again. What is due is derived from the deadlines: a reminder or a digest is sent for a day after
its deadline at most, and a decision is told once, with the decision. So both are safe to forget
once their deadline is long past, and no sweep looks back beyond (`reminders.Forgotten`). The
notices of an expiry stay: a milestone can be moved back to any instant, and an exception that is
bound to it would end there once more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from governance.composing import NEWS_FOR
from governance.models import Delivery, DeliveryState, Heartbeat, Notice, NoticeState
from governance.models.notices import Kind
from governance.reminders import KEPT_SINCE, SWEPT

PRUNED = "prune"  # the job's name among the heartbeats
FEWEST_DAYS = NEWS_FOR.days + 1  # for so long a notice may still be sent
AT_ONCE = 2000  # rows of one transaction
ENDED = (NoticeState.SENT, NoticeState.CANCELLED, NoticeState.MISSED)
FORGETTABLE = (Kind.REMINDER, Kind.DECISION, Kind.DIGEST)


@dataclass(frozen=True)
class Pruned:
    notices: int
    bodies: int  # of messages to webhooks


def prune(*, days: int, at: datetime) -> Pruned:
    """Forget what ended more than so many days before the last sweep; 0 days forget nothing.

    Raises ValueError for so few days that what was forgotten could be sent anew.
    """
    if days and days < FEWEST_DAYS:
        raise ValueError(f"{days} days are too few: it is 0 (keep all) or {FEWEST_DAYS} and more.")
    swept = Heartbeat.last(SWEPT)
    if not days or swept is None:
        return Pruned(0, 0)
    before = min(at, swept) - timedelta(days=days)
    Heartbeat.advance(KEPT_SINCE, at=before)  # first: from here on nobody looks back beyond
    return Pruned(_notices(before), _bodies(before))


def _notices(before: datetime) -> int:
    over = Notice.objects.filter(
        Q(sent_at=None) | Q(sent_at__lt=before),
        kind__in=FORGETTABLE,
        state__in=ENDED,
        deadline_at__lt=before,
        due_at__lt=before,
    ).order_by("pk")
    gone = 0
    while some := list(over.values_list("pk", flat=True)[:AT_ONCE]):
        gone += over.model.objects.filter(pk__in=some).delete()[0]
    return gone


def _bodies(before: datetime) -> int:
    """What was said to webhooks; that it was said stays, for news is found by looking back."""
    said = Delivery.objects.filter(state=DeliveryState.SENT, sent_at__lt=before).exclude(body="")
    return said.update(body="")
