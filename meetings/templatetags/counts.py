"""The weekly counts that meetings were told, as a strip on a release's page."""

from typing import Any

from django import template

from meetings.models import WeekCount
from releases.models import Release

register = template.Library()

MOST_WEEKS = 30
TALLEST = 48  # pixels of the strip's highest bar


@register.inclusion_tag("meetings/_week_counts.html")
def week_counts(release: Release) -> dict[str, Any]:
    """Bugs opened and fixes committed week by week, the newest last; one query."""
    told = WeekCount.objects.filter(release=release).select_related("meeting").order_by("-week")
    # Of two meetings that tell of one week, the later knows better.
    weeks = {count.week: count for count in sorted(told[: 4 * MOST_WEEKS], key=_told_at)}
    shown = [weeks[week] for week in sorted(weeks)][-MOST_WEEKS:]
    most = max((max(count.opened, count.fixed) for count in shown), default=1) or 1
    bars = [
        (count, _height(count.opened, most), _height(count.fixed, most), index * 24)
        for index, count in enumerate(shown)
    ]
    return {"bars": bars, "width": max(24, 24 * len(bars)), "height": TALLEST}


def _told_at(count: WeekCount) -> Any:
    return count.meeting.started_at


def _height(number: int, most: int) -> tuple[int, int]:
    """The height of a bar and where its top is."""
    height = round(TALLEST * number / most)
    return height, TALLEST - height
