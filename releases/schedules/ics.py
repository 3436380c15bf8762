"""iCalendar: each event a milestone, by its UID."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from icalendar import Calendar, Event

from releases.schedules.plan import (
    Code,
    Finding,
    Planned,
    Schedule,
    Unreadable,
    name_of,
    slug_of,
)
from releases.schedules.spoken import LAST_MINUTE, find_dates

LONGEST, MOST = 2 << 20, 5000  # characters, events
KIND, BLOCKS, PROJECT = "X-THAW-KIND", "X-THAW-BLOCKS", "X-THAW-PROJECT"
_OURS = "@thaw"
_KINDS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), kind, blocks)
    for words, kind, blocks in (
        (
            r"\b(?:call for|is coming|blog|production readiness|enhancements? freeze)\b",
            "other",
            (),
        ),
        (r"\b(?:code|feature)(?: (?:&|and) test)? ?freeze\b", "feature-freeze", ("feature",)),
        (r"\bstring ?freeze\b", "string-freeze", ("strings",)),
        (r"\brequirements freeze\b", "dependency-freeze", ("dependency",)),
        (r"\bdocs? freeze\b", "docs-freeze", ("docs",)),
        (r"\bhard freeze\b", "hard-freeze", ("feature",)),
        (r"-(?:alpha|beta)\.?[0-9]", "other", ()),
        (r"-rc\.?[0-9]|\brelease candidate\b|^rc[0-9]", "candidate", ()),
        (
            r"^(?:Kubernetes )?v?[0-9]+(?:\.[0-9]+){1,2} release[d]?!?$|\bfinal release$",
            "release",
            (),
        ),
    )
)


def read(text: str) -> Schedule:
    """Raises Unreadable. Times without a zone are UTC; a whole day ends with its last minute."""
    if len(text) > LONGEST:
        raise Unreadable(f"It is {len(text):,} characters long; {LONGEST:,} are read.")
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError) as error:
        raise Unreadable(f"This is no iCalendar file: {error}.") from None
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "BEGIN:VEVENT"]
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    if len(events) > MOST:
        raise Unreadable(f"It has {len(events):,} events; a schedule has at most {MOST:,}.")
    milestones: dict[str, Planned] = {}
    findings, notes = [], []
    for event, line in zip(events, [*lines, *[1] * len(events)], strict=False):
        planned = _planned(event, line)
        if isinstance(planned, str):
            notes.append(f"Line {line}: {planned}")
        elif planned.slug in milestones:
            notes.append(f"Line {line}: “{planned.name}” is there twice; the first was taken.")
        else:
            milestones[planned.slug] = planned
            findings += _weekdays(event, planned)
    return Schedule(tuple(milestones.values()), tuple(findings), tuple(notes), *_title(calendar))


def _planned(event: Event, line: int) -> Planned | str:
    """The milestone, or the sentence why there is none."""
    name = name_of(re.sub(r"^[^\w(\[“\"]+", "", str(event.get("SUMMARY", ""))))
    if not name:
        return "an event without a SUMMARY was left out."
    start = getattr(event.get("DTSTART"), "dt", None)
    at = _instant(start)
    if at is None:
        return f"“{name}” has no DTSTART that is a date or a time; it was left out."
    kind, blocks = next(
        ((kind, blocks) for words, kind, blocks in _KINDS if words.search(name)), ("other", ())
    )
    uid = str(event.get("UID", ""))
    if KIND in event:
        kind = str(event[KIND])
        blocks = tuple(str(event.get(BLOCKS, "")).split())
    slug = slug_of(uid.partition("@")[0] if uid else name)
    project = str(event.get(PROJECT, ""))
    return Planned(slug, name, kind, blocks, project, at, line=line, source="ics")


def _instant(start: object) -> datetime | None:
    if isinstance(start, datetime):
        return (start if start.tzinfo else start.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(start, date):
        return datetime.combine(start, LAST_MINUTE, UTC)
    return None


def _weekdays(event: Event, planned: Planned) -> list[Finding]:
    """Dates in the description that are not the weekday they say."""
    year = planned.at.year if planned.at else 1
    return [
        Finding(Code.WEEKDAY, planned.line, "ics", words, planned.slug)
        for one in find_dates(str(event.get("DESCRIPTION", ""))[:2000])
        if (day := one.on(year)) and (words := one.wrong_weekday(day))
    ]


def _title(calendar: Calendar) -> tuple[str, str]:
    """Name and version, of the calendar's own name or of who made it."""
    named = str(calendar.get("X-WR-CALNAME", "")) or str(calendar.get("PRODID", ""))
    match = re.search(r"Kubernetes v?([0-9]{1,3}\.[0-9]{1,3})", named)
    if match:
        return f"Kubernetes {match[1]}", match[1]
    name = re.sub(r"\bRelease Schedule\b", "", str(calendar.get("X-WR-CALNAME", "")))
    return name_of(name), ""


def write(milestones: Iterable[Planned], *, name: str, version: str = "") -> dict[str, str]:
    """A calendar that reads back as the same milestones, kinds and projects included."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Thaw//Release schedule//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", f"{name} Release Schedule")
    for one in milestones:
        if one.at is None:
            continue
        event = Event()
        event.add("UID", one.slug + _OURS)
        event.add("SUMMARY", one.name)
        event.add("DTSTAMP", one.at.astimezone(UTC))
        event.add("DTSTART", one.at.astimezone(UTC))
        event.add(KIND, one.kind)
        event.add(BLOCKS, " ".join(one.blocks))
        if one.project:
            event.add(PROJECT, one.project)
        calendar.add_component(event)
    return {"schedule.ics": calendar.to_ical().decode()}
