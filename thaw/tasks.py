import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from thaw.forgetting import forget, told

logger = logging.getLogger(__name__)


@shared_task
def prune() -> None:
    """Forget what has run its course; a round that nobody took is made up for by the next."""
    logger.info("%s", told(forget(days=settings.KEPT_DAYS, at=timezone.now())))
