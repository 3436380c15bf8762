"""What people said, on a page: as text, harmless, with its addresses as links."""

import unicodedata

from django import template
from django.template.defaultfilters import urlize

register = template.Library()

# Joiners are part of how some scripts and emoji are written; they hide nothing.
_JOINERS = "\u200c\u200d"


@register.filter
def harmless(text: str) -> str:
    """Control and invisible formatting characters made visible; the rest as it is."""
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in {"Cc", "Cf"} or character in _JOINERS:
        return character
    if character < " ":
        return chr(0x2400 + ord(character))  # ␀ to ␟
    return f"⟨U+{ord(character):04X}⟩"


@register.filter
def said(text: str) -> str:
    """Harmless text, with its http and https addresses as links that pass on no credit."""
    text = harmless(text)
    return urlize(text) if "://" in text else text
