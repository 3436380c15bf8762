"""The one line of each process that has started as it should: what runs, and what it stands on."""

import logging
import shlex
from urllib.parse import urlsplit

from django.conf import settings

from thaw.environment import ROOT

VERSION = "0.1.0"  # as in pyproject.toml, which is not everywhere that Thaw is
logger = logging.getLogger(__name__)


def tell(program: str, **more: object) -> None:
    told = {
        "version": VERSION,
        "code": ROOT,  # not the link to it: an upgrade turns that
        "database": stands_on(settings.DATABASE_URL or settings.SQLITE),
        "broker": stands_on(settings.CELERY_BROKER_URL),
        **more,
    }
    words = [f"{name}={shlex.quote(str(said))}" for name, said in told.items()]
    logger.info("%s is ready: %s", program, " ".join(words))


def stands_on(url: str) -> str:
    """Where that is. Who we are there, and how we prove it, is left out, wherever it is written."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
