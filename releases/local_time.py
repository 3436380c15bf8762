"""From a time on somebody's wall to an instant: pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


class NoSuchTime(ValueError):
    """The clocks of that zone jump over this time; the message names its neighbours."""


class AmbiguousTime(ValueError):
    """The clocks of that zone show this time twice; the message says how to tell which."""


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant in UTC at which the clocks of a zone show this (naive) time.

    Raises NoSuchTime in the gap of a spring night and AmbiguousTime in the fold of an autumn one.
    """
    try:
        return _instant_of(local, zone)
    except OverflowError:
        raise NoSuchTime(f"The year {local.year} is beyond the calendar.") from None


def _instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        before, after = (at.astimezone(UTC).astimezone(zone) for at in (second, first))
        raise NoSuchTime(
            f"There is no {local:%H:%M} on {local:%-d %B %Y} in {zone.key}: the clocks are put"
            f" forward. Did you mean {_on(before, local)} or {_on(after, local)}?"
        )
    raise AmbiguousTime(
        f"{local:%H:%M} on {local:%-d %B %Y} comes twice in {zone.key}: the clocks are put back."
        f" Give it in UTC: {_on(first.astimezone(UTC), local)} or"
        f" {_on(second.astimezone(UTC), local)}."
    )


def _on(at: datetime, asked: datetime) -> str:
    """A time of day, with its day where that is another than the one asked about."""
    return f"{at:%H:%M}" if at.date() == asked.date() else f"{at:%H:%M on %-d %B}"
