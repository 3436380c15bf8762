"""What is forgotten of what has run its course, on all floors."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session

from governance.models import Heartbeat
from governance.pruning import PRUNED, prune


def forget(*, days: int, at: datetime) -> dict[str, int]:
    """Forget what ended more than so many days ago, and sessions that are over; how many rows.

    0 days keep all but the sessions. Raises ValueError for too few days.
    """
    pruned = prune(days=days, at=at)
    sessions = Session.objects.filter(expire_date__lt=at)
    gone = {
        "notices": pruned.notices,
        "messages to webhooks": pruned.bodies,
        "sessions": sessions.delete()[0],
    }
    if days:
        before = at - timedelta(days=days)
        attempts = AccessAttempt.objects.filter(attempt_time__lt=before)
        visits = AccessLog.objects.filter(attempt_time__lt=before)
        gone["sign-ins"] = attempts.delete()[0] + visits.delete()[0]
    Heartbeat.record(PRUNED, at=at)
    return gone


def told(gone: dict[str, int]) -> str:
    """What was forgotten, in one sentence."""
    words = ", ".join(f"{what} {count}" for what, count in gone.items() if count)
    return f"Forgotten: {words or 'nothing'}."
