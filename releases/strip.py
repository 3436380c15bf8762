"""Where a release is between its milestones: those about now, and what is blocked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from releases.models import ChangeKind, Milestone

PASSED, AHEAD = 2, 4  # milestones that are shown


@dataclass(frozen=True)
class Strip:
    passed: list[Milestone]
    ahead: list[Milestone]
    earlier: int  # milestones that are not shown, before and after
    later: int
    blocked: list[str]  # kinds of change, for every project
    blocking: list[Milestone]

    @classmethod
    def of(cls, milestones: Iterable[Milestone], at: datetime) -> "Strip":
        """`milestones` are those of one release, in order."""
        milestones = list(milestones)
        passed = [one for one in milestones if one.at <= at]
        ahead = [one for one in milestones if one.at > at]
        blocking = [one for one in passed if one.blocks and one.project_id is None]
        kinds = {kind for one in blocking for kind in one.blocks}
        return cls(
            passed=passed[-PASSED:],
            ahead=ahead[:AHEAD],
            earlier=max(len(passed) - PASSED, 0),
            later=max(len(ahead) - AHEAD, 0),
            blocked=[str(kind.label) for kind in ChangeKind if kind in kinds],
            blocking=blocking,
        )

    @property
    def next(self) -> Milestone | None:
        return self.ahead[0] if self.ahead else None
