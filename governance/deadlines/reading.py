"""What a deadline in words was read as."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Sure = Literal["sure", "fuzzy", "doubtful"]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Anchor:
    """A milestone that words may name; `kind` is the milestone's, such as `release`."""

    slug: str
    name: str
    at: datetime
    kind: str = ""


@dataclass(frozen=True)
class Reading:
    """A deadline as it was read, or what is missing to read it.

    `at` is exclusive, in UTC: the first instant at which it has passed. `missing` is empty where
    there is such an instant, else one of `zone`, `day`, `time`, `milestone`, `meeting`,
    `contradiction` (two parts of the words exclude each other) and `not-a-deadline`; `earliest`
    and `latest` are then the instants between which it lies, where that can be told.
    """

    words: str
    span: tuple[int, int]
    at: datetime | None = None
    zone: str | None = None  # an IANA name, "UTC+hh:mm" or "AoE"
    zone_source: str = "none"  # words | later line | release | none
    bound_to: str | None = None  # slug of the milestone that it moves with
    sure: Sure = "sure"
    warnings: tuple[str, ...] = ()
    missing: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    lead: str = ""  # the word that makes it a deadline: until, by, before, due ...
    unread: str = ""  # words between its parts that say nothing to us
    moved_from: datetime | None = None  # "May 20 (slipped to May 23)": where it was
    with_meeting: bool = False  # it is the start of the next meeting, and moves with that

    @property
    def spread_words(self) -> str:
        """The last minute that is surely in time, and the first that is surely late."""
        if self.earliest is None or self.latest is None:
            return ""
        first, last = self.earliest - MINUTE, self.latest
        if first.date() == last.date():
            return f"{first:%H:%M} to {last:%H:%M} UTC ({last:%-d %B %Y})"
        year = "" if first.year == last.year else f" {first.year}"
        return f"{first:%-d %B}{year} {first:%H:%M} to {last:%-d %B} {last.year} {last:%H:%M} UTC"
