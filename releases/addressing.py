"""Addresses of the pages of records: each kind is looked up once, and then filled in.

Django looks through its patterns for each address, and a list tells a hundred.
"""

from functools import lru_cache
from urllib.parse import quote

from django.urls import get_script_prefix, reverse
from django.utils.http import RFC3986_SUBDELIMS

_STAND_IN = "907060504"  # digits, which fit wherever a key or a name does
_SAFE = RFC3986_SUBDELIMS + "/~:@"  # as Django has it in `reverse`


def address_of(page: str, key: object) -> str:
    """The address of the page of one record, below the prefix that the server mounts us at."""
    before, behind = _around(page, get_script_prefix())
    return f"{before}{quote(str(key), safe=_SAFE)}{behind}"


@lru_cache(maxsize=64)
def _around(page: str, prefix: str) -> tuple[str, str]:
    before, _, behind = reverse(page, args=[_STAND_IN]).rpartition(_STAND_IN)
    return before, behind
