"""What people said, on a page: as text, harmless, with its addresses as links."""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from django import template
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString

from meetings.harmless import harmless
from meetings.minutes import first_url
from meetings.models import LineKind
from meetings.models.transcript import Line
from releases.templatetags.instants import instant

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


def told(line: Line, *, classes: str) -> SafeString:
    """A line of a log as an item of a list, but for the end of it.

    Not by a template: of a log of 2,000 lines that takes Django half a second.
    """
    nick = harmless(line.nick)
    if line.kind == LineKind.ACTION:
        text = format_html("<em>{} {}</em>", nick, said(line.text))
    elif line.kind == LineKind.RENAME:
        text = format_html("is now known as {}", harmless(line.text))
    else:
        text = conditional_escape(said(line.text))
    number, clock = line.number, instant(line.at, "clock")
    return SafeString(  # of what others wrote nothing stands here that is not escaped
        f'<li id="l-{number}" class="{escape(classes)}" value="{number}">'
        f'<a class="at" href="#l-{number}">{clock}</a>'
        f'<span class="nick voice-{voice(line.nick)}">{escape(nick)}</span>'
        f'<span class="text">{text}</span>'
    )


def _linked(part: str) -> str:
    """An address as a link, with the punctuation behind it left outside; other text as it is."""
    if not part.startswith(("http://", "https://")):
        return conditional_escape(part)
    url = first_url(part)
    return format_html('<a href="{0}" rel="nofollow">{0}</a>{1}', url, part[len(url) :])
