"""What people said, on a page: as text, harmless, with its addresses as links."""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join

from meetings.harmless import harmless
from meetings.minutes import first_url

register = template.Library()
register.filter("harmless", harmless)

VOICES = 8  # as many as the style sheet has colours

_ADDRESS = re.compile(r"(https?://[^\s<>\"]{1,2000})")


@register.filter
def nicks(names: Iterable[str]) -> str:
    """Names of people, harmless, one after the other."""
    return ", ".join(map(harmless, names))


@register.filter
@lru_cache(maxsize=4096)
def voice(nick: str) -> int:
    """Which of the colours of speakers is this one's, the same in every meeting."""
    return crc32(nick.rstrip("_`^|").lower().encode("utf-8", "replace")) % VOICES


@register.filter
def said(text: str) -> str:
    """Harmless text, with its http and https addresses, and no others, as links."""
    text = harmless(text)
    if "://" not in text:
        return text
    return format_html_join("", "{}", ((_linked(part),) for part in _ADDRESS.split(text)))


def _linked(part: str) -> str:
    """An address as a link, with the punctuation behind it left outside; other text as it is."""
    if not part.startswith(("http://", "https://")):
        return conditional_escape(part)
    url = first_url(part)
    return format_html('<a href="{0}" rel="nofollow">{0}</a>{1}', url, part[len(url) :])
