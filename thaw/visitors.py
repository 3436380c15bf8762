"""From where a visitor comes, behind proxies that are ours."""

import logging
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

LONGEST_NAME = 150  # as long as a login can be
logger = logging.getLogger(__name__)


def address(request: HttpRequest) -> str:
    """Who connects, or whom our outermost proxy saw; what stands before that anybody can write.

    An IP address, where the proxy says one: databases keep nothing else.
    """
    header: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = [part.strip() for part in header.split(",") if part.strip()]
    if 0 < settings.PROXY_COUNT <= len(seen):
        with suppress(ValueError):
            return str(ip_address(seen[-settings.PROXY_COUNT]))
    if 0 < len(seen) < settings.PROXY_COUNT:
        tell_too_high(len(seen), settings.PROXY_COUNT)
    return str(request.META["REMOTE_ADDR"])


@cache
def tell_too_high(seen: int, count: int) -> None:
    """Once: whoever came through that many proxies would have been named by each. None named means
    nothing, since a supervisor asks from the host itself.
    """
    logger.warning(
        "PROXY_COUNT is %d, and a request came through %d: all visitors count as one, and who sends"
        " an X-Forwarded-For counts as whom they name. Set it to the number of your proxies.",
        count,
        seen,
    )


def name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name that somebody tries to sign in with, as much of it as is kept of failures."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(given)[:LONGEST_NAME]
