"""Words of others, with what is invisible in them made visible: pure."""

import unicodedata

# Joiners are part of how some scripts and emoji are written; they hide nothing.
_JOINERS = "\u200c\u200d"


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
