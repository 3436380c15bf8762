"""Time zones by their IANA name."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


@cache
def places() -> frozenset[str]:
    """Zones named for a place, and UTC. Abbreviations name none: EST is two zones in summer."""
    named = {name for name in available_timezones() if "/" in name}
    return frozenset(named | {"UTC"})


def validate_zone(name: str) -> None:
    """Refuse what is no IANA zone of a place."""
    if name not in places():
        raise ValidationError(
            "“%(name)s” is not a time zone. Use an IANA name such as %(near)s or UTC.",
            params={"name": name, "near": _near(name)},
            code="zone",
        )


def _near(name: str) -> str:
    """A zone that the words may mean, such as US/Hawaii for “hawaii”, or any."""
    words = name.strip().replace(" ", "_").casefold()
    like = (zone for zone in sorted(places()) if words and words in zone.casefold())
    return next(like, "Europe/Paris")
