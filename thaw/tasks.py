import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from thaw.forgetting import forget

logger = logging.getLogger(__name__)


@shared_task
def prune() -> None:
    """Forget what has run its course; a day on which nobody did so is made up for by the next."""
    gone = forget(days=settings.KEPT_DAYS, at=timezone.now())
    logger.info("Forgotten: %s", ", ".join(f"{what} {count}" for what, count in gone.items()))
