"""Instants on pages: always in UTC, machine-readable, the reader's zone added in the browser."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def instant(at: datetime, form: str = "full") -> str:
    """A `<time>` element; `form` is full, minute (without the day) or clock (with seconds)."""
    utc = at.astimezone(UTC)
    words = {
        "full": f"{utc:%a} {utc.day} {utc:%B %Y %H:%M} UTC",
        "day": f"{utc.day} {utc:%B %Y}",
        "minute": f"{utc:%H:%M} UTC",
        "clock": f"{utc:%H:%M:%S}",
    }[form]
    return format_html('<time datetime="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", words)


@register.filter
def from_now(at: datetime, now: datetime) -> str:
    """`in 3 days`, `2 hours ago`: how far an instant is from another, in its largest unit."""
    away = abs(at - now)
    for unit, length in (
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        count = away // length
        if count:
            words = f"{count} {unit}" + ("s" if count > 1 else "")
            return f"in {words}" if at > now else f"{words} ago"
    return "now"
