from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError

from governance.deadlines import zone_named
from governance.refusals import InvalidInput
from governance.texts import aware, plain
from releases.models import Milestone
from releases.zones import validate_zone


@dataclass(frozen=True)
class Until:
    """A deadline: an instant in UTC, or the milestone it moves with; and how it was said.

    It is exclusive: what it bounds stands while `at < instant`.
    """

    at: datetime | None = None
    milestone: Milestone | None = None
    words: str = ""
    zone: str = ""
    known_at: datetime | None = None  # where the milestone was planned to be at a past instant
    zone_source: str = ""  # words | later line | release; of a deadline read from words
    warnings: tuple[str, ...] = ()  # what made its words doubtful, before somebody confirmed them

    @classmethod
    def of(cls, expires: "datetime | Milestone | Until | None") -> "Self | Until":
        """A deadline from whatever names one."""
        if isinstance(expires, Until):
            return expires
        if isinstance(expires, Milestone):
            return cls(milestone=expires)
        return cls(at=expires)

    @classmethod
    def stored(
        cls,
        at: datetime | None,
        milestone: Milestone | None,
        words: str,
        zone: str,
        reading: Mapping[str, Any] | None,
    ) -> "Self":
        """From the columns of an exception or a decision."""
        read = reading or {}
        return cls(
            at,
            milestone,
            words,
            zone,
            zone_source=read.get("zone_source", ""),
            warnings=tuple(read.get("warnings", ())),
        )

    @property
    def reading(self) -> dict[str, Any] | None:
        """How the words were read, as it is stored; None where there was nothing to read."""
        if not self.zone_source and not self.warnings:
            return None
        return {"zone_source": self.zone_source, "warnings": list(self.warnings)}

    @property
    def instant(self) -> datetime | None:
        if self.milestone is None:
            return self.at
        return self.known_at or self.milestone.at

    def as_of(self, at: datetime) -> "Until":
        """The same deadline with its milestone where it was planned to be then."""
        if self.milestone is None:
            return self
        return replace(self, known_at=self.milestone.instant_as_of(at))

    def checked(self) -> "Until":
        """With the milestone where it now is. Raises InvalidInput for what is no deadline."""
        if self.milestone is not None and self.at is not None:
            raise InvalidInput("Give an instant or a milestone, not both.", field="expires")
        if self.at is not None:
            aware(self.at, field="expires")
        if self.zone and zone_named(self.zone) is None:
            try:
                validate_zone(self.zone)
            except ValidationError as error:
                raise InvalidInput(error.messages[0], field="expires") from error
        words = plain(self.words, field="expires", longest=200)
        milestone = self.milestone and Milestone.objects.get(pk=self.milestone.pk)
        return replace(self, words=words, milestone=milestone)

    def __bool__(self) -> bool:
        return self.instant is not None

    def __str__(self) -> str:
        if self.instant is None:
            return "no deadline"
        with_milestone = f", with {self.milestone.name}" if self.milestone else ""
        return f"{self.instant:%Y-%m-%d %H:%M} UTC{with_milestone}"
