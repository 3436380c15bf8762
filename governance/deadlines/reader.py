"""A deadline in words becomes an instant, or says what is missing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise

from governance.deadlines.days import DAY, Unclear
from governance.deadlines.phrase import CONTENT, DAYS, NO_TIME, Found, Phrase, Said, midnight
from governance.deadlines.places import INHABITED, ZoneFound, name_of, offset_there
from governance.deadlines.reading import Anchor, Reading, Sure
from governance.deadlines.words import Part, joined, parts_of, unread

TOLERANCE = timedelta(seconds=60)  # two notations of one deadline may differ by 11:59:59 and 12:00
LONGEST = 2000  # characters of a line that are searched
_ALTERNATIVE = re.compile(r"\s/\s|\bi\.?e\b|\bor\b|\baka\b|=", re.IGNORECASE)
_AGO = re.compile(r"\W{0,3}ago\b", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|yesterday)\W{0,3}\Z", re.IGNORECASE)
_YESTERDAY = re.compile(r"\byesterday\b", re.IGNORECASE)
PAST = "That tells of what is past: say when it ends."
_LATE = re.compile(r"late(?: on| in)?", re.IGNORECASE)

Zone = tzinfo | ZoneFound | None


@dataclass(frozen=True)
class _Scene:
    """What a phrase is read against."""

    said: Said
    zone: ZoneFound | None
    zone_source: str


def read_deadline(
    words: str,
    *,
    said_at: datetime,
    zone: Zone = None,
    zone_source: str = "",
    milestones: Sequence[Anchor] = (),
    next_meeting: datetime | None = None,
) -> Reading:
    """Read words that are meant as a deadline, such as what is typed into a form.

    `said_at` is aware; days are counted from it, in the zone of the words or else in `zone`, which
    comes from `zone_source` ("release" unless told). A zone in the words wins. Never raises.
    """
    text = words[:LONGEST]
    scene = _scene(said_at, zone, zone_source, milestones, next_meeting)
    groups = _groups(text, parts_of(text, milestones), strict=False)
    if not groups:
        return _nothing(words)
    first, *others = groups
    reading = _read(text, first, scene)
    left = [] if others else unread(_without(text, first))
    warnings = [
        f"There is a second time in it, which is left out: “{_words(text, one)}”." for one in others
    ]
    if not warnings and not left:
        return reading
    return replace(
        reading,
        warnings=(*reading.warnings, *warnings),
        unread=" ".join(left),
        sure="doubtful" if warnings else reading.sure,
    )


def find_deadlines(
    text: str,
    *,
    said_at: datetime,
    zone: Zone = None,
    zone_source: str = "",
    milestones: Sequence[Anchor] = (),
    next_meeting: datetime | None = None,
) -> list[Reading]:
    """The deadlines inside a line of talk, in its order; mere dates of events are none.

    A phrase counts where a word makes it a deadline ("until", "by", "expires"), where it is a kind
    of deadline itself ("EOD", "EOW", "in the next 48 hours"), or where it says "late on" a day.
    """
    line = text[:LONGEST]
    scene = _scene(said_at, zone, zone_source, milestones, next_meeting)
    groups = _groups(line, parts_of(line, milestones), strict=True)
    readings = [_read(line, group, scene) for group in groups if _is_deadline(group)]
    return [reading for reading in readings if reading.missing != "not-a-deadline"]


def _scene(
    said_at: datetime,
    zone: Zone,
    zone_source: str,
    milestones: Sequence[Anchor],
    next_meeting: datetime | None,
) -> _Scene:
    if isinstance(zone, tzinfo):
        zone = ZoneFound("", (0, 0), name_of(zone), zone)
    release = next((anchor for anchor in milestones if anchor.kind == "release"), None)
    said = Said(said_at.astimezone(UTC), next_meeting, release)
    return _Scene(said, zone, zone_source or "release")


# --- Which parts belong together ------------------------------------------------------------------


def _groups(text: str, parts: Sequence[Part], *, strict: bool) -> list[list[Part]]:
    """The parts of each deadline. A second "until" begins a second deadline.

    `strict`: so does every word that is no filling.
    """
    groups: list[list[Part]] = []
    for part in parts:
        if groups and _goes_on(groups[-1], part, text, strict=strict):
            groups[-1].append(part)
        else:
            groups.append([part])
    kept = (_trimmed(group) for group in groups)
    return [group for group in kept if any(part.kind in CONTENT for part in group)]


def _goes_on(group: Sequence[Part], part: Part, text: str, *, strict: bool) -> bool:
    if strict and not joined(text, group[-1], part):
        return False
    return not (_begins(part, group, text) and _is_whole(group))


def _begins(part: Part, group: Sequence[Part], text: str) -> bool:
    """Whether a part begins another deadline than the one before it."""
    if part.kind != "lead" or part.value in {"with", "after", "before"}:
        return False
    if group[-1].kind == "moved":  # "slipped by one day to"
        return False
    return not _ALTERNATIVE.search(text[max(0, part.start - 5) : part.start])


def _is_whole(group: Sequence[Part]) -> bool:
    return any(part.kind in CONTENT and part.kind != "vague" for part in group) and any(
        part.kind == "lead" for part in group
    )


def _trimmed(group: list[Part]) -> list[Part]:
    """Without words at its ends that lead nowhere."""
    while group and group[-1].kind in {"lead", "fuzzy", "moved"}:
        group = group[:-1]
    return group


def _is_deadline(group: Sequence[Part]) -> bool:
    phrase = Phrase(tuple(group))
    if phrase.has("eod", "midnight", "or-out"):
        return True
    if any(part.words.lower() == "eow" or "end of" in part.words for part in phrase.all("week")):
        return True
    if any(part.value[2] for part in phrase.all("span")):
        return True
    if any(_LATE.fullmatch(part.words) for part in phrase.all("fuzzy")):
        return phrase.has(*DAYS)
    is_due = phrase.lead not in {"", "with", "after"}
    return is_due and any(part.kind in CONTENT - {"span", "vague"} for part in group)


# --- One deadline ---------------------------------------------------------------------------------


def _read(text: str, group: Sequence[Part], scene: _Scene) -> Reading:
    """One deadline, in one notation or several that must agree."""
    if _is_past(text, group):
        return replace(_nothing(_words(text, group)), span=_span(group), warnings=(PAST,))
    before = _before_a_move(text, group)
    if before:
        old = _read_one(text, before, scene)
        new = _read_one(text, [part for part in group[len(before) :] if part.kind != "span"], scene)
        return replace(
            new, words=_words(text, group), span=_span(group), lead=old.lead, moved_from=old.at
        )
    first, *others = (_read_one(text, parts, scene) for parts in _alternatives(text, group))
    reading = replace(first, words=_words(text, group), span=_span(group))
    for other in others:
        reading = _agreed(reading, other)
    return reading


def _is_past(text: str, group: Sequence[Part]) -> bool:
    """`2 days ago`, `last Friday`, `EOD yesterday`: the words of a deadline, and none."""
    start, end = _span(group)
    return bool(
        _AGO.match(text, end)
        or _LAST.search(text[max(0, start - 12) : start])
        or _YESTERDAY.search(text, start, end)
        or _YESTERDAY.match(text[end:].lstrip())
    )


def _before_a_move(text: str, group: Sequence[Part]) -> Sequence[Part]:
    """The parts before "slipped to": where it was."""
    for index, part in enumerate(group):
        is_move = part.kind == "moved" and any(one.kind in DAYS for one in group[:index])
        if is_move and any(one.kind in DAYS for one in group[index:]):
            return group[:index]
    return ()


def _alternatives(text: str, group: Sequence[Part]) -> Iterator[list[Part]]:
    """The same deadline in other words, each with the zone of the whole where it has none."""
    ways: list[list[Part]] = [[group[0]]]
    for last, part in pairwise(group):
        gap = text[last.end : part.start]
        if _ALTERNATIVE.search(gap) and any(one.kind in CONTENT for one in ways[-1]):
            ways.append([])
        ways[-1].append(part)
    if len(ways) > 1 and not any(part.kind in CONTENT for part in ways[-1]):
        ways[-2:] = [ways[-2] + ways[-1]]  # "EOD Hawaii or UTC": two zones of one time
    zones = [part for part in group if part.kind == "zone"]
    # "Tomorrow morning Europe time" is too vague to hold against another way of saying it.
    precise = [way for way in ways if all(part.kind != "daypart" for part in way)]
    for way in precise or ways[:1]:
        has_own = any(part.kind == "zone" for part in way)
        yield way if has_own else [*way, *zones[:1]]


def _agreed(first: Reading, other: Reading) -> Reading:
    if first.at is None or other.at is None or abs(first.at - other.at) <= TOLERANCE:
        return first
    instants = sorted([first.at, other.at])
    return replace(
        first,
        at=None,
        missing="contradiction",
        sure="doubtful",
        warnings=(
            *first.warnings,
            (
                f"It is said twice and the two differ: {instants[0]:%Y-%m-%d %H:%M} UTC and"
                f" {instants[1]:%Y-%m-%d %H:%M} UTC."
            ),
        ),
        earliest=instants[0],
        latest=instants[1],
    )


def _read_one(text: str, group: Sequence[Part], scene: _Scene) -> Reading:
    phrase = Phrase(tuple(group))
    blank = Reading(_words(text, group), _span(group), lead=phrase.lead)
    try:
        if not phrase.needs_zone:
            return _told(blank, phrase, phrase.instant(scene.said, UTC), scene)
        zone, source = _zone_of(phrase, scene)
        blank = replace(blank, zone=zone.name if zone else None, zone_source=source)
        if zone is None:
            return _spread(blank, phrase, INHABITED, "No zone was said.", scene)
        if zone.tz is None:
            names = ", ".join(name_of(one) for one in zone.candidates)
            why = f"“{zone.words}” is the time of several places: {names}. Name one of them."
            return _spread(blank, phrase, zone.candidates, why, scene)
        reading = _told(blank, phrase, phrase.instant(scene.said, zone.tz), scene)
        return _checked_against_region(reading, phrase, zone, scene)
    except Unclear as unclear:
        return _unclear(blank, unclear, scene)
    except (OverflowError, ValueError):
        return _unclear(blank, Unclear("day", "That is beyond the calendar."), scene)


def _zone_of(phrase: Phrase, scene: _Scene) -> tuple[ZoneFound | None, str]:
    """The zone meant, and where it came from. Raises Unclear where the words name two."""
    said: list[ZoneFound] = [part.value for part in phrase.all("zone")]
    named = {zone.name or zone.words.upper(): zone for zone in said}
    if len(named) > 1:
        raise Unclear("contradiction", f"It names two zones: {' and '.join(named)}.")
    if said:
        return said[0], "words"
    return scene.zone, scene.zone_source if scene.zone else "none"


def _told(blank: Reading, phrase: Phrase, found: Found, scene: _Scene) -> Reading:
    warnings = list(found.warnings)
    if found.at <= scene.said.at:
        warnings.append(f"{found.at:%Y-%m-%d %H:%M} UTC was past already when this was said.")
    if phrase.has("meeting") and not found.with_meeting:
        meeting = scene.said.next_meeting
        if meeting is not None and found.at - DAY >= meeting:
            warnings.append(f"The next meeting is before that, at {meeting:%Y-%m-%d %H:%M} UTC.")
    fuzzy = phrase.has("fuzzy", "daypart") or phrase.lead == "after"
    sure: Sure = "doubtful" if warnings else "fuzzy" if fuzzy else "sure"
    instants = (found.at, *found.could_be)
    return replace(
        blank,
        at=found.at,
        sure=sure,
        warnings=tuple(warnings),
        bound_to=found.bound_to,
        with_meeting=found.with_meeting,
        earliest=min(instants) if found.could_be else None,
        latest=max(instants) if found.could_be else None,
    )


def _checked_against_region(
    reading: Reading, phrase: Phrase, zone: ZoneFound, scene: _Scene
) -> Reading:
    """An abbreviation is read literally; a warning where the clocks of its region show another."""
    if zone.region is None or zone.tz is None or reading.at is None:
        return reading
    there = offset_there(zone.region, reading.at)
    if there.utcoffset(None) == zone.tz.utcoffset(None):
        return reading
    by_clocks = phrase.instant(scene.said, there).at
    instants = sorted([reading.at, by_clocks])
    warning = (
        f"{zone.words} is {name_of(zone.tz)}, but then the clocks of {zone.region.key} show"
        f" {name_of(there)}: by them it is {by_clocks:%Y-%m-%d %H:%M} UTC."
    )
    return replace(
        reading,
        sure="doubtful",
        warnings=(*reading.warnings, warning),
        earliest=instants[0],
        latest=instants[1],
    )


def _spread(
    blank: Reading, phrase: Phrase, zones: Sequence[tzinfo], why: str, scene: _Scene
) -> Reading:
    """What it could mean, zone by zone, for those in which it lies ahead.

    A day named from the day of saying it ("today") is the day that the record shows, in UTC; who
    had begun the next one already would not have called it so, and is not counted.
    """
    said = scene.said
    shown = said.at.date()
    instants, told = [], Found(said.at)
    for tz in zones:
        ahead = said.at.astimezone(tz).date() > shown
        if ahead and phrase.is_relative and zones is INHABITED:
            continue
        found = phrase.instant(said, tz)
        instants += [at for at in (found.at, *found.could_be) if at > said.at]
        told = found
    if not instants:
        why = f"{why} It was past already wherever it was meant."
    return replace(
        blank,
        missing="zone",
        sure="doubtful",
        warnings=(why, *told.warnings),
        earliest=min(instants, default=None),
        latest=max(instants, default=None),
    )


def _unclear(blank: Reading, unclear: Unclear, scene: _Scene) -> Reading:
    zone = scene.zone.tz if scene.zone and scene.zone.tz else UTC
    instants = [_instant(one, zone) for one in unclear.could_be]
    return replace(
        blank,
        missing=unclear.missing,
        sure="doubtful",
        warnings=(str(unclear),),
        earliest=min(instants, default=None),
        latest=max(instants, default=None),
    )


def _instant(one: date, zone: tzinfo) -> datetime:
    return one if isinstance(one, datetime) else midnight(one + DAY, zone)


def _nothing(words: str) -> Reading:
    return Reading(
        words.strip(),
        (0, len(words)),
        missing="not-a-deadline",
        sure="doubtful",
        warnings=(NO_TIME,),
    )


def _span(group: Sequence[Part]) -> tuple[int, int]:
    return min(part.start for part in group), max(part.end for part in group)


def _words(text: str, group: Sequence[Part]) -> str:
    start, end = _span(group)
    return text[start:end]


def _without(text: str, group: Sequence[Part]) -> str:
    pieces, at = [], 0
    for part in sorted(group, key=lambda part: part.start):
        pieces.append(text[at : part.start])
        at = part.end
    return " ".join([*pieces, text[at:]])
