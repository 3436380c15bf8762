"""To whom an action was given, among the people of the meeting."""

import re

# A nick may hold these beside letters and digits; a slash or comma between nicks separates them.
_WORD = re.compile(r"[\w\[\]\\`^{}|.-]{1,64}")
_JOINS = frozenset(["and", "or", "with", "to", "@", "&"])


def assignees(text: str, known: dict[str, str]) -> tuple[str, ...]:
    """The people whom an action's text addresses at its beginning, or else all whom it names.

    `known` maps each nick in lower case to how its owner spells it, which is how it is given.
    """
    words = [_known_form(word, known) for word in _WORD.findall(text.lower())]
    addressed = []
    for word in words:
        if word in known:
            addressed.append(known[word])
        elif word not in _JOINS:
            break
    named = addressed or [known[word] for word in words if word in known]
    return tuple(dict.fromkeys(named))


def _known_form(word: str, known: dict[str, str]) -> str:
    """A nick may end a sentence; some nicks end in a dot or dash themselves."""
    return word if word in known else word.rstrip(".-")
