from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError

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

    @classmethod
    def of(cls, expires: "datetime | Milestone | Until | None") -> "Self | Until":
        """A deadline from whatever names one."""
        if isinstance(expires, Until):
            return expires
        if isinstance(expires, Milestone):
            return cls(milestone=expires)
        return cls(at=expires)

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
        if self.zone:
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
