"""Addresses of the pages of records: each kind is looked up once, and then filled in.

Django looks through its patterns for each address, and a list tells a hundred.
"""

from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.http import RFC3986_SUBDELIMS

_STAND_IN = "907060504"  # digits, which fit wherever a key or a name does
_SAFE = RFC3986_SUBDELIMS + "/~:@"  # as Django has it in `reverse`


def address_of(page: str, key: object) -> str:
    """The address of the page of one record, below the prefix that the server mounts us at."""
    before, behind = _around(page, get_script_prefix())
    return f"{before}{quote(str(key), safe=_SAFE)}{behind}"


def site_url(path: str) -> str:
    """The whole address of one of our paths. Never by the host that was asked for: that is what a
    visitor says, and what we answer may be kept and read by others.
    """
    return f"{settings.SITE_URL}{path}"


@lru_cache(maxsize=64)
def _around(page: str, prefix: str) -> tuple[str, str]:
    before, _, behind = reverse(page, args=[_STAND_IN]).rpartition(_STAND_IN)
    return before, behind
