"""Meetings that are stored, linked again by what is known today."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from meetings.agenda import rhythm
from meetings.commands import scribes_named
from meetings.keeping import store
from meetings.linking import Said
from meetings.minutes import SPOKEN
from meetings.models import Item, LogLine, Meeting, Mention, Suggestion, WeekCount
from meetings.profiles import PROFILES, Profile
from meetings.record import Speakers
from meetings.relating import Heard, read_meetings


@transaction.atomic
def link_again(meetings: Sequence[Meeting]) -> None:
    heard = heard_in(meetings)
    store(list(zip(meetings, read_meetings(heard), strict=True)))


@transaction.atomic
def changes_of_linking_again(meetings: Sequence[Meeting]) -> Counter[str]:
    """Link them again; how many rows became `new`, `changed` and `gone` by it."""
    before = _read_of(meetings)
    link_again(meetings)
    after = _read_of(meetings)
    both = before.keys() & after.keys()
    return Counter(
        new=len(after) - len(both),
        changed=sum(before[key] != after[key] for key in both),
        gone=len(before) - len(both),
    )


def _read_of(meetings: Sequence[Meeting]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """What is kept of what was read of them, by kind and key."""
    kinds: dict[str, QuerySet[Any]] = {
        "mention": Mention.objects.filter(meeting__in=meetings),
        "suggestion": Suggestion.objects.filter(meeting__in=meetings),
        "count": WeekCount.objects.filter(meeting__in=meetings),
    }
    return {(kind, row[0]): row for kind, found in kinds.items() for row in found.values_list()}


def heard_in(meetings: Sequence[Meeting]) -> list[Heard]:
    """Stored meetings as their links are read from them; two queries, and one for each channel."""
    said: dict[int, list[Said]] = {one.pk: [] for one in meetings}
    entries: dict[int, list[Item]] = {one.pk: [] for one in meetings}
    chairs = {one.pk: frozenset(one.chairs) for one in meetings}
    often = {channel: rhythm(channel) for channel in {one.channel for one in meetings}}
    lines = LogLine.objects.filter(meeting__in=meetings, kind__in=SPOKEN)
    for line in lines.order_by("meeting_id", "number").iterator(chunk_size=2000):
        by_chair = line.nick in chairs[line.meeting_id]
        said[line.meeting_id].append(Said(line.number, line.at, line.nick, line.text, by_chair))
    for item in Item.objects.filter(meeting__in=meetings).order_by("meeting_id", "line", "pk"):
        entries[item.meeting_id].append(item)
    heard = []
    for one in meetings:
        _tell_speakers(said[one.pk], PROFILES[one.profile], chairs[one.pk])
        gap = often[one.channel]
        next_at = one.started_at + gap if gap else None
        heard.append(Heard(said[one.pk], entries[one.pk], one.started_at, next_at))
    return heard


def _tell_speakers(said: list[Said], profile: Profile, chairs: Collection[str]) -> None:
    """Give what a scribe wrote down to whose words it is, as in minutes that are just taken."""
    if "scribe" not in profile.verbs:
        return
    scribes: set[str] = set()
    for line in said:
        command = profile.read(line.text)
        if command is not None and command[0] == "scribe":
            scribes.update(scribes_named(command[1], nick=line.nick))
    speakers = Speakers(profile, scribes)
    for index, line in enumerate(said):
        speaker = speakers.of(line.nick, line.text)
        said[index] = line._replace(nick=speaker, by_chair=speaker in chairs)
