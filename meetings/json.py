"""An import as scripts read it: one JSON object, instants as ISO 8601 in UTC with Z."""

from datetime import UTC, datetime
from typing import Any

from meetings.importing import Found, ImportedLog, ImportedMeeting
from meetings.minutes import Item


def z(at: datetime) -> str:
    """`2011-03-29T21:00:49Z`; microseconds only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def meeting_as_json(log: ImportedLog, meeting: ImportedMeeting) -> dict[str, Any]:
    minutes = meeting.minutes
    return {
        "slug": meeting.slug,
        "title": meeting.title,
        "channel": meeting.channel,
        "started_at": z(minutes.started_at),
        "ended_at": z(minutes.ended_at),
        "chairs": list(minutes.chairs),
        "people": minutes.people,
        "bots": list(minutes.bots),
        "lines": meeting.lines,
        "created": meeting.created,
        "format": log.format.name,
        "format_why": log.why,
        "profile": minutes.profile,
        "dated_by": minutes.dating.source,
        "clock_correction_seconds": int(minutes.dating.correction.total_seconds()),
        "warnings": list(minutes.warnings),
        "items": [item_as_json(item) for item in minutes.items],
        "links": [link_as_json(found) for found in meeting.found],
        "suggestions": [],
    }


def item_as_json(item: Item) -> dict[str, Any]:
    return {
        "line": item.line,
        "at": z(item.at),
        "nick": item.nick,
        "kind": item.kind,
        "text": item.text,
        "topic": item.topic,
        "url": item.url,
        "by_chair": item.by_chair,
        "counted": item.counted,
        "undone": item.undone,
        "assignees": list(item.assignees),
        "mentioned": list(item.mentioned),
        "carried": item.carried,
        "due": None,
    }


def link_as_json(found: Found) -> dict[str, Any]:
    how = "url" if "://" in found.words else "number"
    return {
        "line": found.line,
        "target": found.reference.target,
        "how": how,
        "words": found.words,
    }
