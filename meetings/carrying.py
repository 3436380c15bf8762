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
    """Whether two essences are of one action: equal, or alike in nearly all their letters."""
    if not one or not other:
        return False
    if one == other:
        return True
    shorter, longer = sorted((len(one), len(other)))
    if shorter < ALIKE * longer / (2 - ALIKE):
        return False  # no comparison of letters could find them alike
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
