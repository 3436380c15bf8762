"""Rows as scripts read them, and the instants in them, read and written."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from releases.models import MilestoneMove

_LOST_PLUS = re.compile(r"T[\d:.]{4,20} \d\d:?\d\d\Z")  # `10:00:00+02:00` of a query, decoded

Row = dict[str, Any]


def z(at: datetime | None) -> str | None:
    """`2011-03-30T10:00:00Z`; microseconds only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def move_row(move: "MilestoneMove") -> Row:
    """From where to where a milestone was moved, by whom, when and why."""
    return {
        "from_at": z(move.from_at),
        "to_at": z(move.to_at),
        "by": move.by.name,
        "at": z(move.at),
        "why": move.why,
        "source_url": move.source_url,
    }


def instant(words: str) -> datetime:
    """An instant that says its zone, as ISO 8601. Raises ValueError with a sentence."""
    try:
        at = datetime.fromisoformat(words.strip())
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    told = f"“{words[:60]}” is no instant; write it as 2011-03-30T10:00:00Z."
    lost = " In an address, a + is written %2B." if _LOST_PLUS.search(words) else ""
    raise ValueError(told + lost)
