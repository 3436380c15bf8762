"""Time zones by their IANA name."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError


def validate_zone(name: str) -> None:
    """Refuse what is no IANA zone, abbreviations such as EST5EDT's short forms included."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            "“%(name)s” is not a time zone. Use an IANA name such as Europe/Paris or UTC.",
            params={"name": name},
            code="zone",
        ) from None
