"""Instants on pages: always in UTC, machine-readable, the reader's zone added in the browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

register = template.Library()

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SOON, PRESSING = DAY, 3 * HOUR  # when what is left begins to matter, and when it presses


# English whatever the locale of the machine; and pages tell hundreds of instants, for which
# strftime takes the time of a query.
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_IN_WORDS: dict[str, Callable[[datetime], str]] = {
    "full": lambda utc: f"{_weekday(utc)} {utc.day} {_month(utc)} {utc.year} {_minute(utc)} UTC",
    "brief": lambda utc: f"{utc.day} {_month(utc)[:3]} {utc.year} {_minute(utc)} UTC",
    "short": lambda utc: f"{_weekday(utc)} {utc.day} {_month(utc)[:3]} {_minute(utc)} UTC",
    "day": lambda utc: f"{utc.day} {_month(utc)} {utc.year}",
    "minute": lambda utc: f"{_minute(utc)} UTC",
    "clock": lambda utc: f"{_minute(utc)}:{utc.second:02}",
}


@register.simple_tag
def instant(at: datetime, form: str = "full") -> SafeString:
    """A `<time>` element; minute and clock tell no day, clock tells the seconds."""
    utc = at.astimezone(UTC)
    words = _IN_WORDS[form](utc)
    return SafeString(f'<time datetime="{_stamp(utc)}">{words}</time>')  # all of it is ours


@register.filter
def in_zone(at: datetime, zone: str) -> str:
    """`Wed 30 March 00:00`: on the clocks of that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{_weekday(local)} {local.day} {_month(local)} {_minute(local)}"


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
def countdown(at: datetime, now: datetime) -> SafeString:
    """What is left until an instant, kept true in the browser while the page is open."""
    left = at - now
    urgency = "pressing" if left < PRESSING else "soon" if left < SOON else "calm"
    stamp = _stamp(at.astimezone(UTC))
    return SafeString(  # all of it is ours
        f'<time class="left {urgency}" datetime="{stamp}" data-left>{_left(left)}</time>'
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


def _weekday(at: datetime) -> str:
    return WEEKDAYS[at.weekday()]


def _month(at: datetime) -> str:
    return MONTHS[at.month - 1]


def _minute(at: datetime) -> str:
    return f"{at.hour:02}:{at.minute:02}"


def _stamp(utc: datetime) -> str:
    return f"{utc.isoformat()[:19]}Z"
