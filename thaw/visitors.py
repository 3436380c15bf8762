"""From where a visitor comes, behind proxies that are ours."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

LONGEST_NAME = 150  # as long as a login can be


def address(request: HttpRequest) -> str:
    """Who connects, or whom our outermost proxy saw; what stands before that anybody can write.

    An IP address, where the proxy says one: databases keep nothing else.
    """
    header: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = [part.strip() for part in header.split(",") if part.strip()]
    if 0 < settings.PROXY_COUNT <= len(seen):
        with suppress(ValueError):
            return str(ip_address(seen[-settings.PROXY_COUNT]))
    return str(request.META["REMOTE_ADDR"])


def name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name that somebody tries to sign in with, as much of it as is kept of failures."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(given)[:LONGEST_NAME]
