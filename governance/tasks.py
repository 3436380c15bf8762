from celery import shared_task
from django.utils import timezone

from governance.models import Heartbeat


@shared_task
def heartbeat() -> None:
    """Show that beat, broker, worker and database work together (`/readyz` reads it)."""
    Heartbeat.record("beat", at=timezone.now())
