from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance import statuses, webhooks
from governance.models import Heartbeat


@shared_task
def heartbeat() -> None:
    """Show that beat, broker, worker and database work together (`/readyz` reads it)."""
    Heartbeat.record("beat", at=timezone.now())


@shared_task
def deliver_webhooks() -> None:
    """Write down what receivers are to be told, and tell it for about as long as a round lasts."""
    began = timezone.now()
    webhooks.plan(at=began)
    webhooks.deliver(clock=timezone.now, until=began + timedelta(seconds=settings.WEBHOOK_SECONDS))
    statuses.report(clock=timezone.now)
