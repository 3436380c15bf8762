"""What somebody searches for, read from what was typed: pure but for the kinds that it names.

`freeze "one more day" from:ttx in:cactus kind:agreed before:2011-04 after:2011-03-15`
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from governance.lifecycle import Verb
from meetings.models import ItemKind
from meetings.wording import words_of
from thaw.matching import part_of, whole

MOST_PHRASES = 8

_TERM = re.compile(
    r'(?:(?P<operator>from|in|kind|before|after):)?(?:"(?P<quoted>[^"]{1,200})"|(?P<bare>\S{1,200}))',
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?")


class Phrase(NamedTuple):
    """Words that stand together, in each way in which they are looked for.

    What is prepared for any phrase has a place in each of them instead of a text.
    """

    said: str  # as somebody typed it
    whole: str  # a pattern of what is that
    part: str  # a pattern of what has it in it
    words: str  # with blanks between
    letters: str  # its longest word, in lower case

    @classmethod
    def of(cls, said: str) -> "Phrase":
        words = words_of(said)
        return cls(said, whole(said), part_of(said), " ".join(words), max(words, key=len).lower())


@dataclass
class Question:
    """What somebody searches for; `problems` says what of it was not understood."""

    phrases: list[Phrase] = field(default_factory=list)
    sender: str = ""
    place: str = ""
    kind: str = ""
    before: datetime | None = None
    after: datetime | None = None
    titled: list[str] | None = None  # see `finding.titles`
    problems: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.phrases or self.narrows)

    @property
    def narrows(self) -> bool:
        """Whether more is asked for than words."""
        return bool(self.sender or self.place or self.kind or self.before or self.after)

    @cached_property
    def finds(self) -> re.Pattern[str] | None:
        """What of a text is marked: its phrases, whatever little stands between their words."""
        phrases = (r"[\W_]{1,20}".join(map(re.escape, words_of(one.said))) for one in self.phrases)
        wanted = "|".join(phrases)
        return re.compile(f"({wanted})", re.IGNORECASE) if wanted else None

    @property
    def in_words(self) -> str:
        said = [f"“{phrase.said}”" for phrase in self.phrases]
        parts = [" and ".join(said)] if said else []
        parts += [f"from {self.sender}"] if self.sender else []
        parts += [f"in {self.place}"] if self.place else []
        parts += [f"of the kind “{self.kind}”"] if self.kind else []
        parts += [f"since {_day(self.after)}"] if self.after else []
        parts += [f"before {_day(self.before)}"] if self.before else []
        return ", ".join(parts)


def read(text: str) -> Question:
    """A question out of what was typed; what is odd in it is said, never refused."""
    asked = Question()
    for term in _TERM.finditer(text):
        operator = (term["operator"] or "").lower()
        value = term["quoted"] or term["bare"]
        if operator in {"before", "after"}:
            at = _instant(value)
            setattr(asked, operator, at or getattr(asked, operator))
            if at is None:
                asked.problems.append(
                    f"“{value}” is no date: write {operator}:2011, {operator}:2011-04 or"
                    f" {operator}:2011-04-05."
                )
        elif operator == "kind":
            asked.kind = value.lower()
        elif operator == "from":
            asked.sender = value
        elif operator == "in":
            asked.place = value.lstrip("#")
        elif words_of(value):
            asked.phrases.append(Phrase.of(value))
    if asked.kind and asked.kind not in {*ItemKind.values, *Verb.values}:
        known = ", ".join([*ItemKind.values, *Verb.values])
        asked.problems.append(f"“{asked.kind}” is no kind that is known here: {known}.")
        asked.kind = ""
    if len(asked.phrases) > MOST_PHRASES:
        asked.problems.append(f"Only the first {MOST_PHRASES} words are searched for.")
        del asked.phrases[MOST_PHRASES:]
    return asked


def _instant(text: str) -> datetime | None:
    """The beginning of a year, a month or a day."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        return None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
