"""What every format of schedule is read into, whatever it looked like."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LONGEST_SLUG, LONGEST_NAME = 64, 120  # what the records keep


class Unreadable(ValueError):
    """No schedule of that format; the message says what is wrong and where."""


class Code(StrEnum):
    """What a linter finds wrong with a date."""

    WEEKDAY = "weekday"  # no such weekday on that date
    DOUBLE_TIME = "double-time"  # one event, two times that are not one instant
    SEASON = "season"  # PDT in winter or PST in summer
    WEEK = "week"  # the date lies outside the week that the table gives
    YEAR = "year"  # ... and would lie inside it in another year
    ORDINAL = "ordinal"  # 26nd
    SUMMARY = "summary"  # two places of one document say two dates
    UNDATED = "undated"  # no date, or one that the calendar does not have
    YEARLESS = "yearless"  # a date without a year that nothing else gives


LEFT_OUT = frozenset([Code.UNDATED, Code.YEARLESS])  # there is no milestone to doubt


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, by the line of the file that shows it.

    `choices` names the sources that disagree and the instant that each gives: what to prefer.
    """

    code: Code
    line: int
    source: str  # the file
    message: str
    slug: str = ""  # of the milestone
    choices: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """A milestone as a schedule gives it; `at` is in UTC, None while `choices` are open."""

    slug: str
    name: str
    kind: str = "other"
    blocks: tuple[str, ...] = ()
    project: str = ""  # slug; empty for every project
    at: datetime | None = None
    choices: Mapping[str, datetime] = field(default_factory=dict)
    line: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A release's milestones, what contradicts itself, and what was left out and why."""

    milestones: tuple[Planned, ...]
    warnings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
    version: str = ""


def slug_of(text: str) -> str:
    """`Code Freeze (AoE)` -> `code-freeze-aoe`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "milestone"


def name_of(text: str) -> str:
    """On one line, short enough to keep, without what cannot be seen."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    name = " ".join(seen.split())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
