"""Words that go on record: plain, bounded, and showing what they are."""

import unicodedata
from datetime import datetime

from governance.refusals import InvalidInput
from releases import sources

LONGEST = 4000  # characters of a rationale; a decision is said in a paragraph
_ALLOWED_CONTROLS = "\n\t"
_JOINERS = "\u200c\u200d"  # part of how some scripts and emoji are written


def plain(
    text: str, *, field: str, needed: str = "", longest: int = LONGEST, one_line: bool = False
) -> str:
    """The text without blanks around it. Raises InvalidInput when it cannot go on record.

    `needed` is the sentence for an empty text; without it, an empty text is fine.
    """
    text = text.replace("\r\n", "\n").strip()
    if needed and not text.strip(f" \n\t{_JOINERS}"):
        raise InvalidInput(needed, field=field)
    if len(text) > longest:
        raise InvalidInput(
            f"This is {len(text):,} characters long; {longest:,} fit. Say the reason here and"
            " link to the rest.",
            field=field,
        )
    for place, character in enumerate(text):
        if (
            unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
            and (one_line or character not in _ALLOWED_CONTROLS)
            and character not in _JOINERS
        ):
            raise InvalidInput(
                f"Character {place + 1} is an invisible control character"
                f" (U+{ord(character):04X}), which can make words read differently. Remove it.",
                field=field,
            )
    return text


def aware(at: datetime, *, field: str) -> datetime:
    """An instant that says its zone. Raises InvalidInput for a bare time on some wall."""
    if at.tzinfo is None:
        raise InvalidInput(f"{at} says no zone, so it is no instant.", field=field)
    return at


def plain_url(url: str, *, field: str) -> str:
    """An http or https address, a path on this site, or nothing. Raises InvalidInput."""
    url = plain(url, field=field, longest=sources.LONGEST)
    if not sources.is_source(url):
        raise InvalidInput(sources.NO_SOURCE, field=field)
    return url


def visible(text: str) -> str:
    """The text with a visible mark for each control character, so that it reads as it is.

    For words that others wrote and nobody checked, such as titles that a forge gave.
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and character not in _JOINERS
        else character
        for character in text
    )
