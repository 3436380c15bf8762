"""Lines of a log in, minutes of its meetings out. Pure, in one pass, one meeting in memory.

Unlike the bots, nothing is dropped: what a bot ignored or took back stays as an item that says
so (`counted`, `undone`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meetings.assignees import assignees
from meetings.bots import is_bot
from meetings.logs import DateHints, Kind, LogLine, NoDate, RawLine, Unread
from meetings.logs.dating import Dating, date_meeting, started_at_by_bot
from meetings.logs.lines import Stamp
from meetings.profiles import CLASSIC, Profile, profile_of_bot

ITEM_KINDS = (
    "topic subtopic agreed accepted rejected action info idea help link vote resolved proposed"
).split()
LONGEST_MEETING = 100_000  # lines; nobody forgets to end a meeting for longer

SPOKEN = frozenset([Kind.SPEECH.value, Kind.ACTION.value])
_LINK_SCHEMES = ("http://", "https://", "irc://", "ftp://", "ssh://", "mailto://")
# What can begin a line that matters; all others take the short way.
_SIGNS = ("#", "!", "^", "Meeting ", "The chair is ", *_LINK_SCHEMES)
_URL = re.compile(r"(?:https?|irc|ftp|ssh|mailto)://\S{1,2000}")
_CHAIR_SAID = re.compile(r"(?:.{0,120} )?The chair is (\S{1,64}?)\.(?:\s|$)", re.DOTALL)
_SEPARATORS = re.compile(r"[,\s]+")
_QUESTION = re.compile(r"([^?]{1,500})\?\s*(.*)", re.DOTALL)
_CHOICE = re.compile(r"[\w+-]+")


@dataclass(frozen=True, slots=True)
class Item:
    """Something a meeting put on record. `line` is the log's, `at` in UTC.

    `counted` is false where the bot would have ignored it, for want of the chair.
    """

    line: int
    at: datetime
    nick: str
    kind: str
    text: str
    topic: str
    url: str
    by_chair: bool
    counted: bool
    undone: bool
    assignees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """One meeting: its lines and what was put on record. Instants in UTC.

    `people` counts the lines of each, bots apart; who was only named has 0.
    """

    title: str
    started_at: datetime
    ended_at: datetime
    chairs: tuple[str, ...]
    bots: tuple[str, ...]
    people: dict[str, int]
    items: list[Item]
    profile: str
    dating: Dating
    warnings: tuple[str, ...]
    raw: list[RawLine]

    def lines(self) -> list[LogLine]:
        """Every line, dated; made when asked for, since most readers want only the items."""
        instants = self.dating.instants(self.raw)
        return [
            LogLine(number, at, nick, kind, text)
            for (number, _, nick, kind, text), at in zip(self.raw, instants, strict=True)
        ]


@dataclass(slots=True)
class _Draft:
    """An item while its meeting runs."""

    index: int  # of its line in the meeting
    kind: str
    text: str
    topic: str
    by_chair: bool
    counted: bool = True
    undone: bool = False


@dataclass(slots=True)
class _Running:
    """A meeting while it runs."""

    profile: Profile
    lines: list[RawLine] = field(default_factory=list)
    items: list[_Draft] = field(default_factory=list)
    chairs: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    title: str = ""
    topic: str = ""
    bot_said: tuple[Stamp, datetime] | None = None
    restarted_at: int | None = None  # where #startmeeting was said again
    ended: bool = False
    vote: "_Vote | None" = None


@dataclass(slots=True)
class _Vote:
    question: str
    choices: list[str]
    cast: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        counts = Counter(self.cast.values())
        return f"{self.question}? {', '.join(f'{c}: {counts[c]}' for c in self.choices)}"


class Secretary:
    """Takes the minutes of every meeting in a log, and accounts for the lines outside them."""

    def __init__(self, *, hints: DateHints, profile: Profile = CLASSIC) -> None:
        self.left_out: list[Unread] = []  # lines outside any meeting, or of no known shape
        self.undated: list[Unread] = []  # meetings whose day nothing tells
        self._hints = hints
        self._default = profile
        self._running: _Running | None = None
        self._people: set[str] = set()
        self._bots: set[str] = set()
        self._outside = (0, 0)  # first line, lines

    def minutes(self, blocks: Iterable[list[RawLine]]) -> Iterator[Minutes]:
        """Each meeting as it ends, from a log's raw lines in blocks of any size."""
        for rows in blocks:
            people = self._people
            # Most lines are said by a person and begin with no sign: they are passed on in runs,
            # and only the others are looked at.
            telling = [
                index
                for index, row in enumerate(rows)
                if row[4].startswith(_SIGNS) or row[2] not in people
            ]
            done = 0
            for index in telling:
                if index > done:
                    yield from self._pass_on(rows[done:index])
                yield from self._look_at(rows[index])
                done = index + 1
            if done < len(rows):
                yield from self._pass_on(rows[done:])
        if self._running is not None:
            yield from self._finish(self._running)
        self._report_outside()

    def _pass_on(self, rows: list[RawLine]) -> Iterator[Minutes]:
        """Lines of talk: of the meeting that runs, or outside any."""
        running = self._running
        if running is not None and (running.ended or len(running.lines) >= LONGEST_MEETING):
            yield from self._finish(running)
            running = None
        if running is None:
            self._note_outside(rows[0][0], len(rows))
        else:
            running.lines += rows

    def _look_at(self, row: RawLine) -> Iterator[Minutes]:
        """A line that may be a command, or the word of a bot or of somebody new."""
        number, stamp, nick, kind, text = row
        if nick not in self._people:
            kind = self._meet(nick, kind)
            row = (number, stamp, nick, kind, text)
        running = self._running
        if running is not None and running.ended and kind != Kind.BOT:
            yield from self._finish(running)
            running = None
        if running is None:
            running = self._running = self._open(row)
            if running is None:
                self._note_outside(number, 1)
                return
        running.lines.append(row)
        if kind == Kind.UNREAD:
            self.left_out.append(Unread(number, "no line shape of the format; kept as it is"))
        elif kind == Kind.SPEECH and text.startswith(_SIGNS):
            self._hear(running, nick, text)
        if text.startswith(("Meeting started", "The chair is")):
            restarted = self._hear_bot(running, row)
            if restarted is not running:
                yield from self._finish(running)
                self._running = restarted

    def _meet(self, nick: str, kind: str) -> str:
        """The kind of a line by somebody not yet known to be a person."""
        if not nick:
            return kind
        if nick not in self._bots and not is_bot(nick):
            self._people.add(nick)
            return kind
        self._bots.add(nick)
        return Kind.BOT.value

    def _open(self, raw: RawLine) -> _Running | None:
        """A meeting, if this line begins one."""
        _, _, nick, kind, text = raw
        if not text.startswith(_SIGNS):
            return None
        running = _Running(self._default)
        command = self._default.read(text) if kind == Kind.SPEECH else None
        if command is not None and command[0] == "startmeeting":
            running.chairs.append(nick)
            running.title = command[1]
        elif not started_at_by_bot(text):
            return None
        self._report_outside()
        return running

    def _hear_bot(self, running: _Running, raw: RawLine) -> _Running:
        """Take date, chair and dialect from a bot's start line.

        Where it confirms a #startmeeting in a meeting that runs, that one had ended unnoticed:
        the meeting that begins there is returned.
        """
        number, stamp, nick, _, text = raw
        if (match := _CHAIR_SAID.match(text)) and not running.chairs:
            running.chairs.append(match[1])
        said = started_at_by_bot(text)
        if said is None:
            return running
        if running.bot_said is not None and running.restarted_at is not None:
            cut = running.restarted_at
            lines = running.lines[cut:]
            del running.lines[cut:]
            running.items = [item for item in running.items if item.index < cut]
            running = self._open(lines[0]) or _Running(self._default)
            running.lines = lines
        if running.bot_said is None:
            self._people.discard(nick)
            self._bots.add(nick)
            running.lines[-1] = (number, stamp, nick, Kind.BOT.value, text)
            running.bot_said = (stamp, said)
            running.profile = profile_of_bot(text, nick=nick, default=running.profile)
        return running

    def _hear(self, running: _Running, nick: str, text: str) -> None:
        command = running.profile.read(text)
        if command is None:
            if running.profile.links_alone and text.startswith(_LINK_SCHEMES):
                self._put(running, "link", text, nick)
            return
        verb, payload = command
        if verb in ITEM_KINDS:
            self._put(running, verb, payload, nick)
        elif verb == "endmeeting":
            running.ended = self._may_end(running, nick)
        elif verb == "startmeeting":
            if len(running.lines) > 1:
                running.restarted_at = len(running.lines) - 1
        elif verb == "vote" or nick in running.chairs or verb not in running.profile.chair_only:
            _DEEDS[verb](running, payload, nick)

    def _put(self, running: _Running, kind: str, text: str, nick: str) -> None:
        by_chair = nick in running.chairs
        counted = by_chair or kind not in running.profile.chair_only
        if kind == "topic" and counted:
            running.topic = text
        index = len(running.lines) - 1
        running.items.append(_Draft(index, kind, text, running.topic, by_chair, counted))

    def _may_end(self, running: _Running, nick: str) -> bool:
        loosely = running.profile.loosely
        if nick in running.chairs:
            return True
        if loosely is None:
            return False
        began: Any = running.lines[0][1]  # stamps of one log are of one type
        return bool(running.lines[-1][1] - began >= loosely)

    def _finish(self, running: _Running) -> Iterator[Minutes]:
        self._running = None
        first = running.lines[0]
        try:
            dating = date_meeting(first[1], bot_said=running.bot_said, hints=self._hints)
        except NoDate as no_date:
            self.undated.append(Unread(first[0], str(no_date)))
            return
        yield _freeze(running, dating, self._bots)

    def _note_outside(self, number: int, lines: int) -> None:
        first, count = self._outside
        self._outside = (first or number, count + lines)

    def _report_outside(self) -> None:
        first, count = self._outside
        if count:
            lines = "this line is" if count == 1 else f"{count:,} lines from here on are"
            self.left_out.append(Unread(first, f"{lines} outside any meeting"))
        self._outside = (0, 0)


def _freeze(running: _Running, dating: Dating, bots: set[str]) -> Minutes:
    lines = running.lines
    spoke = Counter([line[2] for line in lines if line[3] in SPOKEN])
    people = dict.fromkeys((*running.chairs, *running.named), 0) | dict(spoke.most_common())
    warnings = []
    if not running.ended:
        warnings.append("No #endmeeting by a chair; it is taken to end with its last line.")
    if len(lines) >= LONGEST_MEETING:
        warnings.append(f"Cut after {len(lines):,} lines; the rest is left out.")
    closing = len(lines) - 1
    while running.ended and closing and lines[closing][3] == Kind.BOT:
        closing -= 1
    started_at = running.bot_said[1] if running.bot_said else dating.instant(lines[0][1])
    return Minutes(
        title=running.title,
        started_at=started_at,
        ended_at=max(started_at, dating.instant(lines[closing][1])),
        chairs=tuple(running.chairs),
        bots=tuple(sorted({line[2] for line in lines} & bots)),
        people=people,
        items=[_item(draft, lines[draft.index], dating, people) for draft in running.items],
        profile=running.profile.name,
        dating=dating,
        warnings=tuple(warnings),
        raw=lines,
    )


def _item(draft: _Draft, line: RawLine, dating: Dating, people: dict[str, int]) -> Item:
    number, stamp, nick, _, _ = line
    return Item(
        line=number,
        at=dating.instant(stamp),
        nick=nick,
        kind=draft.kind,
        text=draft.text,
        topic=draft.topic,
        url=first_url(draft.text) if draft.kind == "link" else "",
        by_chair=draft.by_chair,
        counted=draft.counted,
        undone=draft.undone,
        assignees=assignees(draft.text, people) if draft.kind == "action" else (),
    )


def first_url(text: str) -> str:
    """The first address in a text without the punctuation that follows it, or an empty string."""
    match = _URL.search(text)
    if match is None:
        return ""
    url = match[0].rstrip(".,;:!?>'\"")
    return url if "(" in url else url.rstrip(")].,;:")


def _undo(running: _Running, payload: str, nick: str) -> None:
    for item in reversed(running.items):
        if item.counted and not item.undone:
            item.undone = True
            return


def _nicks(payload: str) -> list[str]:
    return [nick for nick in _SEPARATORS.split(payload) if nick]


def _chair(running: _Running, payload: str, nick: str) -> None:
    running.chairs += [named for named in _nicks(payload) if named not in running.chairs]


def _unchair(running: _Running, payload: str, nick: str) -> None:
    gone = set(_nicks(payload)) - {running.chairs[0]}  # who began the meeting stays
    running.chairs = [chair for chair in running.chairs if chair not in gone]


def _name(running: _Running, payload: str, nick: str) -> None:
    running.named += _nicks(payload)


def _entitle(running: _Running, payload: str, nick: str) -> None:
    if payload.lower() not in {"", "none", "unset"}:
        running.title = payload


def _start_vote(running: _Running, payload: str, nick: str) -> None:
    if match := _QUESTION.match(payload):
        choices = _CHOICE.findall(match[2]) or ["Yes", "No"]
        running.vote = _Vote(match[1].strip(), choices)


def _cast(running: _Running, payload: str, nick: str) -> None:
    if running.vote is not None:
        for choice in running.vote.choices:
            if choice.lower() == payload.lower():
                running.vote.cast[nick] = choice


def _end_vote(running: _Running, payload: str, nick: str) -> None:
    if running.vote is not None:
        index = len(running.lines) - 1
        running.items.append(
            _Draft(index, "vote", running.vote.result, running.topic, by_chair=True)
        )
        running.vote = None


_DEEDS = {
    "undo": _undo,
    "chair": _chair,
    "unchair": _unchair,
    "nick": _name,
    "meetingname": _entitle,
    "meetingtopic": _entitle,
    "startvote": _start_vote,
    "vote": _cast,
    "showvote": lambda running, payload, nick: None,
    "endvote": _end_vote,
}
