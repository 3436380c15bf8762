"""Numbers said in meetings: bugs opened and fixes committed in a week. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from meetings.linking import Said

_OPENED = re.compile(
    r"\b(\d{1,5}) (?:new )?(?:bugs?|issues?|tickets?)(?: were| are| got)?"
    r" (?:opened|filed|reported|new)\b",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(\d{1,5}) (?:bug ?)?(?:fix(?:es)?|bugs?|issues?|tickets?)(?: were| are| got)?"
    r" (?:committed|merged|landed|closed|released|fixed)\b",
    re.IGNORECASE,
)
_LAST_WEEK = re.compile(r"\blast week\b", re.IGNORECASE)
WEEK = timedelta(days=7)


class WeekCount(NamedTuple):
    """How many bugs were opened and fixed in the week that begins on this Monday."""

    line: int
    week: date
    opened: int
    fixed: int
    words: str


def week_counts(said: Iterable[Said]) -> Iterator[WeekCount]:
    """The counts in what was said: this week's, unless the words say last week."""
    for line in said:
        opened, fixed = _OPENED.search(line.text), _FIXED.search(line.text)
        if opened and fixed:
            monday = line.at.date() - timedelta(days=line.at.weekday())
            if _LAST_WEEK.search(line.text):
                monday -= WEEK
            start = min(opened.start(), fixed.start())
            end = max(opened.end(), fixed.end())
            yield WeekCount(
                line.number, monday, int(opened[1]), int(fixed[1]), line.text[start:end]
            )
