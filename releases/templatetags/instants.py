"""Instants on pages: always in UTC, machine-readable, the reader's zone added in the browser."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html

register = template.Library()

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SOON, PRESSING = DAY, 3 * HOUR  # when what is left begins to matter, and when it presses


@register.simple_tag
def instant(at: datetime, form: str = "full") -> str:
    """A `<time>` element; minute and clock tell no day, clock tells the seconds."""
    utc = at.astimezone(UTC)
    words = {
        "full": f"{utc:%a} {utc.day} {utc:%B %Y %H:%M} UTC",
        "brief": f"{utc.day} {utc:%b %Y %H:%M} UTC",
        "short": f"{utc:%a} {utc.day} {utc:%b %H:%M} UTC",
        "day": f"{utc.day} {utc:%B %Y}",
        "minute": f"{utc:%H:%M} UTC",
        "clock": f"{utc:%H:%M:%S}",
    }[form]
    return format_html('<time datetime="{}">{}</time>', _stamp(utc), words)


@register.filter
def in_zone(at: datetime, zone: str) -> str:
    """`Wed 30 March 00:00`: on the clocks of that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%B %H:%M}"


@register.filter
def place(zone: str) -> str:
    """`Honolulu`: how people say the zone `Pacific/Honolulu`."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.filter
def from_now(at: datetime, now: datetime) -> str:
    """`in 3 days`, `2 hours ago`: how far an instant is from another, in its largest unit."""
    away = abs(at - now)
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        count = away // length
        if count:
            words = f"{count} {unit}" + ("s" if count > 1 else "")
            return f"in {words}" if at > now else f"{words} ago"
    return "now"


@register.simple_tag
def countdown(at: datetime, now: datetime) -> str:
    """What is left until an instant, kept true in the browser while the page is open."""
    left = at - now
    urgency = "pressing" if left < PRESSING else "soon" if left < SOON else "calm"
    return format_html(
        '<time class="left {}" datetime="{}" data-left>{}</time>', urgency, _stamp(at), _left(left)
    )


def _left(left: timedelta) -> str:
    """`2 d 4 h left`, `2 h 14 min left`; the browser says it in the same words."""
    if left <= timedelta():
        return "time is up"
    days, hours, minutes = left // DAY, left % DAY // HOUR, left % HOUR // MINUTE
    if days:
        return f"{days} d {hours} h left"
    if hours:
        return f"{hours} h {minutes:02} min left"
    return f"{minutes} min left" if minutes else "under a minute left"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
