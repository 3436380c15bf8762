"""An import as scripts read it: one JSON object, instants as ISO 8601 in UTC with Z."""

from datetime import datetime
from typing import Any

from governance.deadlines import Reading
from meetings.importing import ImportedLog, ImportedMeeting
from meetings.linting import Lint
from meetings.minutes import Item
from meetings.verdicts import Suggested
from releases.rows import z


def meeting_as_json(log: ImportedLog, meeting: ImportedMeeting) -> dict[str, Any]:
    minutes = meeting.minutes
    due = {given.line: given.due.at for given in meeting.about.given if given.due}
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
        "items": [item_as_json(item, due.get(item.line)) for item in minutes.items],
        "links": [link._asdict() for link in meeting.about.links],
        "suggestions": [suggestion_as_json(one) for one in meeting.about.suggested],
    }


def item_as_json(item: Item, due: datetime | None) -> dict[str, Any]:
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
        "due": z(due),
    }


def suggestion_as_json(one: Suggested) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "target": one.target,
        "line": one.line,
        "lines": list(one.lines),
        "words": one.words,
        "explicit": one.explicit,
        "deadline": deadline_as_json(one.deadline) if one.deadline else None,
        "bound_to": one.bound_to,
        "moved_to": z(one.moved_to),
        "conditions": list(one.conditions),
    }


def deadline_as_json(reading: Reading) -> dict[str, Any]:
    """A deadline as it was read; `spread` is what it could be while something is missing."""
    return {
        "words": reading.words,
        "expires_at": z(reading.at),
        "zone": reading.zone,
        "zone_source": reading.zone_source,
        "warnings": list(reading.warnings),
        "missing": reading.missing,
        "spread": [z(reading.earliest), z(reading.latest)]
        if reading.earliest and reading.latest
        else None,
    }


def lint_as_json(path: str, log: ImportedLog) -> list[dict[str, Any]]:
    """All that a person who wrote the log might mend, in the order of the lines."""
    found = [lint for meeting in log.meetings for lint in meeting.lint]
    found += [Lint(unread.line, unread.reason) for unread in (*log.left_out, *log.undated)]
    found = [Lint(1, f"read as {log.format.title}: {log.why}"), *sorted(found)]
    return [{"path": path, "line": lint.line, "reason": lint.reason} for lint in found]
