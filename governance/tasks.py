import logging
from collections import Counter
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance import outbox, reminders, statuses, webhooks
from governance.models import Heartbeat
from governance.syncing import due
from governance.syncing import sync_proposals as sync
from releases.forge_settings import access
from releases.models import MergeProposal

logger = logging.getLogger(__name__)


@shared_task
def heartbeat() -> None:
    """Show that beat, broker, worker and database work together (`/readyz` reads it)."""
    Heartbeat.record("beat", at=timezone.now())


@shared_task
def sweep() -> None:
    """Write down what is due, then deliver for about as long as it is to the next sweep."""
    began = timezone.now()
    reminders.sweep(at=began)
    until = began + timedelta(seconds=settings.SWEEP_SECONDS)
    _tell("Notices", outbox.deliver(clock=timezone.now, until=until))


@shared_task
def deliver_notices() -> None:
    """What a decision nudges: deliver what is written down already."""
    until = timezone.now() + timedelta(seconds=settings.SWEEP_SECONDS)
    _tell("Notices", outbox.deliver(clock=timezone.now, until=until))


@shared_task
def sync_proposals() -> None:
    """Ask the forges about proposals that are due, and land what has merged.

    A worker that does one thing at a time has others to do, so what is left is a task of its own.
    """
    at = timezone.now()
    round_ = sync(due(at), at=at, access=access(), seconds=settings.SYNC_ROUND_SECONDS)
    if round_.is_cut:
        sync_proposals.apply_async(expires=settings.SYNC_SECONDS)


@shared_task
def fill_in(proposals: list[int]) -> None:
    """Ask the forges about proposals that somebody has just named."""
    wanted = MergeProposal.objects.filter(pk__in=proposals)
    seconds = settings.SYNC_ROUND_SECONDS
    sync(wanted, at=timezone.now(), access=access(), is_forced=True, seconds=seconds)


@shared_task
def deliver_webhooks() -> None:
    """Write down what receivers are to be told, and tell it for about as long as a round lasts."""
    began = timezone.now()
    webhooks.plan(at=began)
    until = began + timedelta(seconds=settings.WEBHOOK_SECONDS)
    _tell("Webhooks", webhooks.deliver(clock=timezone.now, until=until))
    _tell("Statuses of commits", statuses.report(clock=timezone.now))


def _tell(what: str, ended: Counter[str]) -> None:
    """A line in the log where there was anything to do."""
    if ended:
        logger.info(
            "%s: %s", what, ", ".join(f"{count} {how}" for how, count in sorted(ended.items()))
        )
