"""Milestones that a meeting moves: which, to when, and the lines that say so. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from governance.deadlines import Anchor, Reading, find_deadlines, read_deadline
from meetings import cues
from meetings.linking import Linked, Said

NEAR = 4  # lines within which the date of a milestone belongs to the news that it moved
LATE = timedelta(minutes=1)  # a freeze "late on" a day is in force before that day is over
_END_OF_DATE = re.compile(r"[,;(]")
_COUNTS = "one two three four five six seven".split()


class Move(NamedTuple):
    target: str
    line: int  # that says it moves
    lines: tuple[int, ...]
    words: str
    to: datetime | None  # in UTC


class _Rules(Protocol):
    @property
    def zone(self) -> ZoneInfo | None: ...
    @property
    def milestones(self) -> Sequence[Anchor]: ...


def moves(said: Sequence[Said], linked: Linked, rules: _Rules) -> Iterator[Move]:
    """What chairs say of milestones that move; where the new date is in a line near by, with it."""
    for index, line in enumerate(said):
        if not line.by_chair or not cues.MOVED.search(line.text):
            continue
        for sentence in cues.sentences(line.text):
            target = _moved(line, sentence, linked)
            if target:
                near = said[max(0, index - NEAR) : index + NEAR + 1]
                yield _move(target, line, sentence.text, near, linked, rules)


def _moved(line: Said, sentence: cues.Sentence, linked: Linked) -> str:
    """The milestone that a sentence moves, if it moves one."""
    if sentence.asks or cues.HEDGE.search(sentence.text) or not cues.MOVED.search(sentence.text):
        return ""
    named = [link for link in linked.by_line.get(line.number, []) if _is_milestone(link.target)]
    named = [link for link in named if link.words in sentence.text]
    moves_by = cues.MOVED_BY.search(sentence.text)
    moves_to = " to " in sentence.text or " until " in sentence.text
    return named[0].target if named and (moves_by or moves_to) else ""


def _is_milestone(target: str) -> bool:
    return target.startswith("milestone:") and target.count(":") == 1


def _move(
    target: str,
    line: Said,
    words: str,
    near: Iterable[Said],
    linked: Linked,
    rules: _Rules,
) -> Move:
    known = {f"milestone:{one.slug}": one.at for one in rules.milestones}
    stands_at = known.get(f"milestone:{target.rpartition('/')[2]}")
    own = _date_after_to(words, line, rules)
    if own is not None:
        return Move(target, line.number, (line.number,), words, _at_its_hour(own, stands_at, rules))
    for other in near:
        if other.number == line.number or not other.by_chair:
            continue
        if target in {link.target for link in linked.by_line.get(other.number, [])}:
            told = _date(other.text, other, rules)
            if told is not None:
                lines = tuple(sorted((line.number, other.number)))
                return Move(target, line.number, lines, words, _at_its_hour(told, stands_at, rules))
    return Move(target, line.number, (line.number,), words, _by_how_much(words, stands_at))


def _date_after_to(words: str, line: Said, rules: _Rules) -> Reading | None:
    """Where a sentence moves it to: "from Friday to Sunday 29 November"."""
    _, to, date = words.rpartition(" to ")
    if not to:
        return None
    reading = read_deadline(
        _END_OF_DATE.split(date)[0], said_at=line.at, zone=rules.zone or ZoneInfo("UTC")
    )
    return reading if reading.at is not None and not reading.bound_to else None


def _date(text: str, line: Said, rules: _Rules) -> Reading | None:
    readings = find_deadlines(text, said_at=line.at, zone=rules.zone or ZoneInfo("UTC"))
    return next((one for one in readings if one.at is not None and not one.bound_to), None)


def _at_its_hour(told: Reading, stands_at: datetime | None, rules: _Rules) -> datetime | None:
    """The instant on the day told: at the hour the milestone has, or late on that day.

    A reading of a day ends with it, and a milestone that is "late on April 7" is on April 7.
    """
    assert told.at is not None  # noqa: S101 see _date
    if stands_at is not None and abs(told.at - stands_at) < timedelta(days=60):
        day = (told.at - timedelta(microseconds=1)).astimezone(UTC).date()
        return datetime.combine(day, stands_at.astimezone(UTC).timetz())
    local = told.at.astimezone(rules.zone or UTC)
    return told.at - LATE if local.time() == time() else told.at


def _by_how_much(words: str, stands_at: datetime | None) -> datetime | None:
    match = cues.MOVED_BY.search(words)
    if match is None or stands_at is None:
        return None
    count = match["count"].lower()
    number = (
        int(count)
        if count.isdecimal()
        else _COUNTS.index(count) + 1
        if count in _COUNTS
        else {"ten": 10}.get(count, 1)
    )
    days = number * (7 if match["unit"].startswith("week") else 1)
    earlier = (match["sign"] or "").lower() in {"earlier", "up"}
    return stands_at + timedelta(days=-days if earlier else days)
