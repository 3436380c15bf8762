"""The actions of meetings, each once: what a later meeting says again joins the action it means."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Lower

from governance.deadlines import Reading, find_deadlines
from meetings.bulk import insert_objects
from meetings.carrying import essence, same
from meetings.linking import Entry
from meetings.models import Action, Meeting, Telling
from releases.models import Handle, HandleKind

MOST_OPEN = 300  # actions of a channel that a new one is compared with, the newest


class Given(NamedTuple):
    """An action as one meeting's minutes have it."""

    line: int
    at: datetime
    text: str
    owners: tuple[str, ...]
    due: Reading | None


def given_in(entries: Iterable[Entry]) -> Iterator[Given]:
    """The actions of a meeting that count."""
    for entry in entries:
        if entry.kind == "action" and entry.counted and not entry.undone:
            due = _due(entry.text, said_at=entry.at)
            yield Given(entry.line, entry.at, entry.text, tuple(entry.assignees), due)


def _due(text: str, *, said_at: datetime) -> Reading | None:
    """The deadline in an action's words, in the site's zone where they name none."""
    zone = ZoneInfo(settings.DEADLINE_ZONE)
    readings = find_deadlines(text, said_at=said_at, zone=zone, zone_source="none")
    return next((one for one in readings if one.at is not None and not one.missing), None)


def store_actions(meetings: Sequence[tuple[Meeting, Sequence[Given]]]) -> None:
    """Keep the actions of these meetings; told again, nothing changes. A few queries for all."""
    told = set(
        Telling.objects.filter(meeting__in=[meeting for meeting, _ in meetings]).values_list(
            "meeting_id", "line"
        )
    )
    known = _open_actions({meeting.channel for meeting, _ in meetings})
    fresh: list[Action] = []
    tellings: list[tuple[Action, Meeting, Given]] = []
    for meeting, several in sorted(meetings, key=lambda pair: pair[0].started_at):
        for given in several:
            if (meeting.pk, given.line) in told:
                continue
            action = _meant(given, known[meeting.channel])
            if action is None:
                action = _new(meeting, given)
                fresh.append(action)
                known[meeting.channel].append(action)
            tellings.append((action, meeting, given))
    insert_objects(Action, fresh)
    keys = {
        (meeting_id, line): pk
        for pk, meeting_id, line in Action.objects.filter(
            meeting__in=[meeting for meeting, _ in meetings]
        ).values_list("pk", "meeting_id", "line")
    }
    for action in fresh:
        action.pk = keys[action.meeting_id, action.line]
    insert_objects(
        Telling,
        (
            Telling(action_id=action.pk, meeting_id=meeting.pk, line=given.line, at=given.at)
            for action, meeting, given in tellings
        ),
    )
    _name_people(fresh)


def _open_actions(channels: set[str]) -> dict[str, list[Action]]:
    """The open actions of these channels, the newest last."""
    known: dict[str, list[Action]] = defaultdict(list)
    newest = Action.objects.open().filter(channel__in=channels).order_by("-given_at", "-pk")
    for action in list(newest[: MOST_OPEN * len(channels)])[::-1]:
        known[action.channel].append(action)
    return known


def _meant(given: Given, known: list[Action]) -> Action | None:
    """The open action of an earlier line that this one says again."""
    about = essence(given.text, owners=given.owners)
    return next(
        (action for action in reversed(known[-MOST_OPEN:]) if same(about, action.essence)), None
    )


def _new(meeting: Meeting, given: Given) -> Action:
    return Action(
        channel=meeting.channel,
        text=given.text,
        essence=essence(given.text, owners=given.owners)[:400],
        owners=list(given.owners),
        meeting=meeting,
        line=given.line,
        given_at=given.at,
        due_at=given.due.at if given.due else None,
        due_words=given.due.words[:200] if given.due else "",
    )


def _name_people(fresh: Sequence[Action]) -> None:
    """Give each new action the people whose nicks it names."""
    nicks = {owner.lower() for action in fresh for owner in action.owners}
    handles = Handle.objects.filter(kind=HandleKind.IRC).annotate(nick=Lower("value"))
    people = dict(handles.filter(nick__in=nicks).values_list("nick", "person_id"))
    through = Action.people.through
    insert_objects(
        through,
        (
            through(action_id=action.pk, person_id=person_id)
            for action in fresh
            for person_id in {people[o.lower()] for o in action.owners if o.lower() in people}
        ),
    )
