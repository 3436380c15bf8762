"""Lists by channel."""

from meetings.harmless import harmless
from meetings.models import Meeting
from releases.listing import Choice, Filter

MOST_CHANNELS = 50


def channels() -> list[str]:
    """Those in which a meeting was held."""
    held = Meeting.objects.exclude(channel="").order_by("channel")
    return list(held.values_list("channel", flat=True).distinct()[:MOST_CHANNELS])


def channel_filter() -> Filter:
    named = [(name, f"#{harmless(name)}") for name in channels()]
    choices = tuple(Choice(name, label, f"in {label}") for name, label in named)
    return Filter("channel", "Channel", choices)
