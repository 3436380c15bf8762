"""What a meeting may have decided: suggestions, each with the lines that show it. Pure.

A suggestion decides nothing. It is read from what was put on record, and from talk: the words of
a chair, or those of somebody else that the chair accepts. What is asked, weighed or told of the
past is no decision.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from governance.deadlines import Anchor, Reading, find_deadlines, find_zone, read_deadline
from meetings import cues
from meetings.cues import Verdict
from meetings.linking import Discussion, Entry, Linked, Said
from meetings.moves import moves

SOON = 12  # lines within which a chair's answer belongs to what was asked or offered
TAGS = frozenset("agreed accepted rejected action resolved".split())
_ADDRESS = re.compile(r"(?P<to>[^\s:,]{1,64})[:,] {0,3}(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Rules:
    """What holds for a meeting's deadlines: the release's zone and milestones, what comes next."""

    release: str = ""  # slug
    zone: ZoneInfo | None = None
    milestones: tuple[Anchor, ...] = ()
    next_meeting: datetime | None = None


@dataclass(frozen=True)
class ZoneSaid:
    line: int
    zone: tzinfo


Zones = Sequence[ZoneSaid]


@dataclass(frozen=True)
class Suggested:
    """One thing that a meeting may have decided.

    `lines` show it, in order; `line` is the one that decides and `words` are its words. `target`
    is empty where nothing says what it is about. `explicit` is what was put on record by a
    command. `moved_to` is for milestones, in UTC.
    """

    verdict: Verdict
    target: str
    line: int
    lines: tuple[int, ...]
    words: str
    explicit: bool = False
    deadline: Reading | None = None
    moved_to: datetime | None = None
    conditions: tuple[str, ...] = ()
    release: str = ""  # slug of that whose milestones the deadline may name

    @property
    def bound_to(self) -> str | None:
        """The milestone that its deadline moves with, as a target."""
        if self.deadline is None or self.deadline.bound_to is None:
            return None
        return f"milestone:{self.release}/{self.deadline.bound_to}"


def suggest(linked: Linked, entries: Sequence[Entry], rules: Rules) -> list[Suggested]:
    """What the meeting may have decided, in the order of the lines that show it."""
    zones = _zones_said(linked.said)
    found = [
        *_from_record(linked, entries, rules, zones),
        *(one for each in linked.discussions for one in _from_talk(each, linked, rules, zones)),
        *_from_answers(linked),
        *_from_moves(linked, entries, rules),
    ]
    found = [replace(one, release=rules.release) for one in _distinct(found)]
    return sorted(found, key=lambda one: one.lines)


def _distinct(found: Iterable[Suggested]) -> list[Suggested]:
    """One for each verdict and target; what was put on record stands before talk of the same."""
    kept: dict[tuple[str, str, int], Suggested] = {}
    for one in found:
        alone = one.lines[0] if one.verdict in {Verdict.POLICY, Verdict.NOTE} else 0
        kept.setdefault((one.verdict, one.target, alone), one)
    return list(kept.values())


# --- What was put on record ----------------------------------------------------------------------


def _from_record(
    linked: Linked, entries: Sequence[Entry], rules: Rules, zones: Zones
) -> Iterator[Suggested]:
    said = {line.number: line for line in linked.said}
    for entry in entries:
        line = said.get(entry.line)
        if line is None or entry.undone or not entry.counted:
            continue
        if entry.kind in TAGS:
            yield from _from_tag(entry, line, linked, rules, zones)
        if entry.kind in {"info", "agreed"} and cues.POLICY.search(entry.text):
            target = _release_named(line, linked) or linked.release
            yield Suggested(
                Verdict.POLICY, target, line.number, (line.number,), entry.text, explicit=True
            )


_BY_TAG = {"accepted": Verdict.GRANT, "rejected": Verdict.DENY}


def _from_tag(
    entry: Entry, line: Said, linked: Linked, rules: Rules, zones: Zones
) -> Iterator[Suggested]:
    target = _subject(line, linked)
    if not target:
        return
    read = cues.decided(entry.text, tagged=True)
    verdict = read[0] if read else _BY_TAG.get(entry.kind)
    if verdict is None:
        if entry.kind == "action":
            return
        verdict = Verdict.NOTE
    deadline = _deadline([(line, entry.text)], rules, zones)
    shown = (line.number, *_zone_line(deadline, zones, after=line.number))
    yield Suggested(
        verdict,
        target,
        line.number,
        shown,
        entry.text,
        explicit=True,
        deadline=deadline,
        conditions=tuple(cues.conditions(entry.text)),
    )


def _subject(line: Said, linked: Linked) -> str:
    """The one proposal or exception that a line is about: named in it, or on the table."""
    named = {link.target for link in linked.subjects(line.number)}
    if len(named) > 1:
        exceptions = {target for target in named if target.startswith("exception:")}
        named = exceptions if len(exceptions) == 1 else set()
        return named.pop() if named else ""
    if named:
        return named.pop()
    return next(
        (one.target for one in linked.discussions if one.holds(line.number)),
        "",
    )


# --- What was said -------------------------------------------------------------------------------


@dataclass
class _Weighed:
    """What the lines of one discussion say of one subject."""

    decisive: list[tuple[Verdict, str, Said]] = field(default_factory=list)  # by a chair
    accepted: list[tuple[Verdict, str, Said, Said]] = field(default_factory=list)  # and by whom
    standing: list[Said] = field(default_factory=list)


def _from_talk(
    discussion: Discussion, linked: Linked, rules: Rules, zones: Zones
) -> Iterator[Suggested]:
    weighed: dict[str, _Weighed] = {}
    offered: list[tuple[Verdict, str, Said]] = []
    for line in discussion.lines:
        target = _named_alone(line, linked) or discussion.target
        if not target or line.text.startswith(("#", "!", "^")):
            continue
        mine = weighed.setdefault(target, _Weighed())
        talks_of_it = cues.may_decide(line.text)
        if not talks_of_it and not (offered and line.by_chair):
            continue
        read = cues.decided(line.text) if talks_of_it else None
        if not line.by_chair:
            if read is not None or (read := _offer(line)):
                offered.append((*read, line))
            continue
        if read is not None:
            mine.decisive.append((*read, line))
        elif cues.tells_standing(line.text):
            mine.standing.append(line)
        if (offer := _accepted(line, offered)) is not None:
            mine.accepted.append((*offer, line))
    for target, mine in weighed.items():
        yield from _outcome(target, mine, rules, zones)


def _offer(line: Said) -> tuple[Verdict, str] | None:
    """What somebody puts forward: half a wish counts here, since the chair must take it up."""
    for sentence in cues.sentences(line.text):
        if not sentence.asks and (read := cues.decided(sentence.text, tagged=True)):
            return read
    return None


def _named_alone(line: Said, linked: Linked) -> str:
    named = {link.target for link in linked.subjects(line.number)}
    return named.pop() if len(named) == 1 else ""


def _accepted(
    line: Said, offered: list[tuple[Verdict, str, Said]]
) -> tuple[Verdict, str, Said] | None:
    """The offer that a chair's line takes up: that of whom it addresses, or else the last."""
    address = _ADDRESS.match(line.text)
    to, words = (address["to"].lower(), address["rest"]) if address else ("", line.text)
    if not cues.ACCEPTS.match(words):
        return None
    near = [one for one in offered if line.number - one[2].number <= SOON]
    if to:
        near = [one for one in near if one[2].nick.lower() == to]
    return near[-1] if near else None


def _outcome(target: str, weighed: _Weighed, rules: Rules, zones: Zones) -> Iterator[Suggested]:
    """The verdict that a discussion ended with, shown by every line of a chair that carries it."""
    own = [(line.number, verdict, words) for verdict, words, line in weighed.decisive]
    taken_up = [(taken.number, verdict, words) for verdict, words, _, taken in weighed.accepted]
    if not own and not taken_up:
        return
    number, verdict, words = max(own or taken_up)
    said = [line for v, _, line in weighed.decisive if v == verdict]
    shown = [*weighed.standing, *said]
    for v, _, line, taken in weighed.accepted:
        if v != verdict:
            continue
        # What led to the chair's own words shows it with them; else their taking it up does.
        if not said:
            shown += [line, taken]
        elif line < said[-1]:
            shown.append(line)
    # A grant that is told while its discussion ends otherwise is how the exception stands.
    shown += [line for v, _, line in weighed.decisive if v == Verdict.GRANT != verdict]
    shown = sorted(set(shown))
    deadline = _deadline([(line, line.text) for line in shown], rules, zones)
    numbers = {line.number for line in shown}
    numbers.update(_zone_line(deadline, zones, after=shown[0].number))
    conditions = dict.fromkeys(text for line in shown for text in cues.conditions(line.text))
    yield Suggested(
        verdict,
        target,
        number,
        tuple(sorted(numbers)),
        words,
        deadline=deadline,
        conditions=tuple(conditions),
    )


# --- Deadlines -----------------------------------------------------------------------------------


def _zones_said(said: list[Said]) -> list[ZoneSaid]:
    """The zones that chairs gave for their deadlines, asked or not."""
    found, asked_at = [], -SOON
    for line in said:
        if cues.ZONE_ASKED.search(line.text):
            asked_at = line.number
        elif line.by_chair and (line.number - asked_at <= SOON or "EOD" in line.text.upper()):
            zone = find_zone(line.text)
            if zone is not None and zone.tz is not None:
                found.append(ZoneSaid(line.number, zone.tz))
    return found


def _deadline(texts: Iterable[tuple[Said, str]], rules: Rules, zones: Zones) -> Reading | None:
    """The deadline in these lines: one that says "until" or "EOD" before one that says "today",
    one that is complete before one that is not, and of these the last.
    """
    best: tuple[tuple[bool, bool], Reading] | None = None
    for line, text in texts:
        zone, source = _zone_for(line, rules, zones)
        plainly = find_deadlines(
            text,
            said_at=line.at,
            zone=zone,
            zone_source=source,
            milestones=rules.milestones,
            next_meeting=rules.next_meeting,
        )
        day = cues.DAY.search(text)
        barely = (
            [read_deadline(day[0], said_at=line.at, zone=zone, zone_source=source)] if day else []
        )
        for reading in plainly or barely:
            if reading.missing == "not-a-deadline":
                continue
            weight = (bool(plainly), not reading.missing)
            if best is None or weight >= best[0]:
                best = (weight, reading)
    return best[1] if best else None


def _zone_for(line: Said, rules: Rules, zones: Zones) -> tuple[tzinfo | None, str]:
    """The zone that the meeting gave next after a line, or else before it; or the rule."""
    after = [one for one in zones if one.line >= line.number]
    said = after[0] if after else (zones[-1] if zones else None)
    if said is not None:
        return said.zone, "later line" if after else "earlier line"
    return rules.zone, "release" if rules.zone else ""


def _zone_line(deadline: Reading | None, zones: Zones, *, after: int) -> list[int]:
    """The line that gave a deadline its zone, where that came after what it was asked of."""
    if deadline is None or deadline.zone_source != "later line":
        return []
    return [one.line for one in zones if one.line >= after][:1]


# --- Answers, and milestones ---------------------------------------------------------------------


def _from_answers(linked: Linked) -> Iterator[Suggested]:
    """A chair's yes or no to whether something opens or freezes: a policy of that release."""
    asked: list[Said] = []
    for index, line in enumerate(linked.said):
        if not line.by_chair:
            if "?" in line.text and cues.OPENING.search(line.text):
                asked.append(line)
            continue
        address = _ADDRESS.match(line.text)
        if address is None or not cues.ANSWERS.match(address["rest"]):
            continue
        to = address["to"].lower()
        near = [one for one in asked if line.number - one.number <= SOON and one.nick.lower() == to]
        if near:
            seconds = [
                one.number
                for one in linked.said[index + 1 : index + 4]
                if not one.by_chair and line.nick in one.text and cues.SECONDS.search(one.text)
            ]
            target = _release_named(near[-1], linked) or _release_named(line, linked)
            if target:
                shown = (near[-1].number, line.number, *seconds[:1])
                yield Suggested(Verdict.POLICY, target, line.number, shown, line.text)


def _release_named(line: Said, linked: Linked) -> str:
    links = linked.by_line.get(line.number, [])
    return next((link.target for link in links if link.target.startswith("release:")), "")


def _from_moves(linked: Linked, entries: Sequence[Entry], rules: Rules) -> Iterator[Suggested]:
    undone = {entry.line for entry in entries if entry.undone or not entry.counted}
    for move in moves([line for line in linked.said if line.number not in undone], linked, rules):
        yield Suggested(
            Verdict.MOVE_MILESTONE, move.target, move.line, move.lines, move.words, moved_to=move.to
        )
