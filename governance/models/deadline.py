from dataclasses import dataclass
from datetime import datetime
from typing import Self

from releases.models import Milestone


@dataclass(frozen=True)
class Until:
    """A deadline: an instant in UTC, or the milestone it moves with; and how it was said.

    It is exclusive: what it bounds stands while `at < instant`.
    """

    at: datetime | None = None
    milestone: Milestone | None = None
    words: str = ""
    zone: str = ""

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
        return self.milestone.at if self.milestone else self.at

    def __bool__(self) -> bool:
        return self.instant is not None

    def __str__(self) -> str:
        if self.instant is None:
            return "no deadline"
        with_milestone = f", with {self.milestone.name}" if self.milestone else ""
        return f"{self.instant:%Y-%m-%d %H:%M} UTC{with_milestone}"
