"""An instant in a sentence. Pure."""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """`Wed 30 March 2011 10:00 UTC`."""
    at = at.astimezone(UTC)
    return f"{at:%a} {at.day} {at:%B %Y %H:%M} UTC"
