"""Which actions are the same one, said again in a later meeting. Pure."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

ALIKE = 0.86  # share of letters in common
LONGEST = 400  # characters compared; the cost grows with their square

_AGAIN = re.compile(
    r"\(?\b(?:carr(?:y|ied)[- ]?(?:over|forward)|still|again|continues?|ongoing)\b\)?[:,]?",
    re.IGNORECASE,
)
_NOT_LETTERS = re.compile(r"[\W_]+")


def essence(text: str, *, owners: Iterable[str] = ()) -> str:
    """What an action is about: without whose it is, that it is carried, or how it is spelled."""
    words = _AGAIN.sub(" ", text[:LONGEST]).lower()
    names = {owner.lower() for owner in owners}
    kept = [word for word in _NOT_LETTERS.split(words) if word and word not in names]
    while kept and kept[0] in {"to", "will", "and"}:
        kept = kept[1:]
    return " ".join(kept)


def same(one: str, other: str) -> bool:
    """Whether two essences are of one action: equal, or alike in nearly all their letters.

    A number makes a difference by itself: of bugs 12 and 13 each has its own action.
    """
    if one == other:
        return bool(one)
    words, others = set(one.split()), set(other.split())
    if 2 * len(words & others) < max(len(words), len(others)) or _numbers(words ^ others):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _numbers(words: set[str]) -> bool:
    return any(not word.isalpha() for word in words)
