"""Lines of a log in, minutes of its meetings out. Pure, in one pass, one meeting in memory.

Unlike the bots, nothing is dropped: what a bot ignored or took back stays as an item that says
so (`counted`, `undone`).
"""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from meetings.assignees import NOBODY, People, assignees, is_carried
from meetings.bots import is_bot, is_echo, is_reply
from meetings.commands import Draft, Running, abandon_vote, hear
from meetings.logs import DateHints, Kind, LogLine, NoDate, RawLine, Unread
from meetings.logs.dating import Dating, date_meeting, started_at_by_bot
from meetings.nicks import SPOKEN
from meetings.profiles import CLASSIC, PROFILES, Profile, profile_of_bot

__all__ = ["SPOKEN", "Item", "Minutes", "Secretary", "first_url"]

LONGEST_TOPIC = 255  # characters repeated with each item; the topic item has it all
PROMPTLY = 20  # lines within which a bot confirms that a meeting has begun
LONGEST_MEETING = 100_000  # lines; nobody forgets to end a meeting for longer

_STARTS = ("Meeting started", "The chair is")
_HELPS = ("Useful ", "Available ", "Commands ")  # a bot's list of its commands
_URL = re.compile(r"(?:https?|irc|ftp|ssh|mailto)://\S{1,2000}")
_CHAIR_SAID = re.compile(r"(?:.{0,120} )?The chair is (\S{1,64}?)\.(?:\s|$)", re.DOTALL)
_SPEAKER = re.compile(r"\s{0,10}([^\s:][^:]{0,60}):\s")
PUNCTUATION = ".,;:!?>]}'\""
_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


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
    assignees: tuple[str, ...]  # whose an action is
    mentioned: tuple[str, ...] = ()  # whom else it names
    carried: bool = False  # an action of an earlier meeting


@dataclass(frozen=True, slots=True)
class Minutes:
    """One meeting: its lines and what was put on record. Instants in UTC.

    `people` counts the lines of each, bots apart; who was only named has 0. Who changed nick is
    called by the first one seen. `scribes` write down what others say.
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
    scribes: tuple[str, ...] = ()

    def in_context(self) -> Iterator[tuple[RawLine, str, str]]:
        """Each line with who speaks in it, whoever wrote it down, and the topic in force."""
        topics = {
            item.line: item.topic for item in self.items if item.kind == "topic" and item.counted
        }
        profile = PROFILES[self.profile]
        heard: dict[str, str] = {}  # scribe -> whom he wrote down last
        topic = ""
        for row in self.raw:
            number, _, nick, kind, text = row
            topic = topics.get(number, topic)
            speaker = nick
            if self.scribes and kind in SPOKEN:
                speaker = heard[nick] = self._speaker(profile, nick, text, heard.get(nick, nick))
            yield row, speaker, topic

    def _speaker(self, profile: Profile, nick: str, text: str, before: str) -> str:
        command = profile.read(text)
        if command is not None:
            return before if command[0] == "continue" else nick
        match = _SPEAKER.match(text)
        return match[1] if match and nick in self.scribes else nick

    def lines(self) -> list[LogLine]:
        """Every line, dated; made when asked for, since most readers want only the items."""
        instants = self.dating.instants(self.raw)
        return [
            LogLine(number, at, nick, kind, text)
            for (number, _, nick, kind, text), at in zip(self.raw, instants, strict=True)
        ]


class Secretary:
    """Takes the minutes of every meeting in a log, and accounts for the lines outside them."""

    def __init__(
        self,
        *,
        hints: DateHints,
        profile: Profile = CLASSIC,
        whole: bool = False,
        aliases: Mapping[str, str] = _NO_ALIASES,
    ) -> None:
        """`whole`: with no start command in it, the log is one meeting.

        `aliases` maps further names of people to their nicks.
        """
        self.left_out: list[Unread] = []  # lines outside any meeting, or of no known shape
        self.undated: list[Unread] = []  # meetings whose day nothing tells
        self._hints = hints
        self._default = profile
        self._whole = whole or profile.whole
        self._aliases = aliases
        self._running: Running | None = None
        self._signs = profile.signs  # what can begin a line that matters
        self._people: set[str] = set()
        self._bots: set[str] = set()
        self._suspects: set[str] = set()  # who has only spoken as bots do
        self._anew = False  # whether the rows behind the last are to be looked over again
        self._outside = (0, 0)  # first line, lines

    def minutes(self, blocks: Iterable[list[RawLine]]) -> Iterator[Minutes]:
        """Each meeting as it ends, from a log's raw lines in blocks of any size."""
        for block in blocks:
            rows = block
            while rows:
                rows = yield from self._take(rows)
        if self._running is not None:
            yield from self._finish(self._running)
        self._report_outside()

    def _take(self, rows: list[RawLine]) -> Generator[Minutes, None, list[RawLine]]:
        """Take rows in order, and return those behind one that changed what to look for.

        Most lines are said by a person and begin with no sign: they are passed on in runs, and
        only the others are looked at.
        """
        done = 0
        for index in self._telling(rows):
            if index > done:
                yield from self._pass_on(rows[done:index])
            yield from self._look_at(rows[index])
            done = index + 1
            if self._anew:
                self._anew = False
                return rows[done:]
        if done < len(rows):
            yield from self._pass_on(rows[done:])
        return []

    def _telling(self, rows: list[RawLine]) -> list[int]:
        """Where the rows are that have to be looked at."""
        people, signs = self._people, self._signs
        profile = self._running.profile if self._running else self._default
        if profile.by_lines:
            return [
                index
                for index, (_, _, nick, kind, text) in enumerate(rows)
                if nick not in people or text.startswith(signs) or kind == "rename" or "\n" in text
            ]
        return [
            index
            for index, (_, _, nick, kind, text) in enumerate(rows)
            if nick not in people or text.startswith(signs) or kind == "rename"
        ]

    def _pass_on(self, rows: list[RawLine]) -> Iterator[Minutes]:
        """Lines of talk: of the meeting that runs, or outside any."""
        running = self._running
        if running is not None and (running.ended or len(running.lines) >= LONGEST_MEETING):
            yield from self._finish(running)
            running = None
        if running is None and self._whole:
            running = self._running = Running(self._default, unbidden=True)
        if running is None:
            self._note_outside(rows[0][0], len(rows))
        else:
            running.lines += rows

    def _look_at(self, row: RawLine) -> Iterator[Minutes]:
        """A line that may be a command, or the word of a bot or of somebody new."""
        number, stamp, nick, kind, text = row
        new = nick not in self._people
        if new:
            kind = self._meet(nick, kind, text)
            row = (number, stamp, nick, kind, text)
        announces = text.startswith(_STARTS) and self._believes(nick, kind, new=new)
        running = self._running
        if running is not None and (
            (running.ended and kind != Kind.BOT and nick not in self._suspects)
            or len(running.lines) >= LONGEST_MEETING
        ):
            yield from self._finish(running)
            running = None
        if running is None or running.unbidden:
            running = self._open(row, announces=announces)
            if running is None:
                self._note_outside(number, 1)
                return
        running.lines.append(row)
        if kind == Kind.UNREAD:
            self.left_out.append(Unread(number, "no line shape of the format; kept as it is"))
        elif kind == Kind.RENAME:
            running.rename(nick, text)
        elif announces:
            yield from self._hear_bot(running, row)
        else:
            if kind == Kind.BOT:
                running.bots.add(nick)
            self._hear(running, row)

    def _hear(self, running: Running, row: RawLine) -> None:
        """A line of somebody's, which may be a command."""
        _, _, nick, kind, text = row
        profile = running.profile
        if kind == Kind.SPEECH or (kind == Kind.ACTION and profile.heeds_doing):
            hear(running, nick, text)
        elif kind == Kind.BOT and text.startswith(_HELPS) and running.bot in {"", nick}:
            self._adopt(running, text, nick)
        elif kind == Kind.BOT and profile.heeds_bots:
            command = profile.read(text)
            if command is not None and command[0] in profile.heeds_bots:
                hear(running, nick, text)

    def _adopt(self, running: Running, text: str, nick: str) -> None:
        """Take the dialect that a bot's words give away; other signs begin its commands."""
        running.profile = profile_of_bot(text, nick=nick, default=running.profile)
        if running.profile.signs != self._default.signs:
            self._signs = tuple(dict.fromkeys((*self._default.signs, *running.profile.signs)))
            self._anew = True

    def _meet(self, nick: str, kind: str, text: str) -> str:
        """The kind of a line by somebody not yet known to be a person."""
        if not nick:
            return kind
        if nick in self._bots or is_bot(nick):
            self._bots.add(nick)
            return Kind.BOT.value
        known = nick in self._suspects
        if (kind == Kind.ACTION and known) or (
            kind == Kind.SPEECH and (is_reply(text) or (known and is_echo(text)))
        ):
            self._suspects.add(nick)
            return kind
        self._suspects.discard(nick)
        self._people.add(nick)
        return kind

    def _believes(self, nick: str, kind: str, *, new: bool) -> bool:
        """Whether a start line is a bot's word.

        That is a known bot, or somebody whose first word it is: in the log, or in a meeting that
        has just begun. Once a bot has spoken for a meeting, nobody else does.
        """
        running = self._running
        if kind == Kind.BOT:
            return running is None or running.bot in {"", nick}
        if kind != Kind.SPEECH or not nick:
            return False
        if running is None:
            return new
        begins = running.bot_said is None and len(running.lines) <= PROMPTLY
        return begins and nick not in {row[2] for row in running.lines}

    def _open(self, row: RawLine, *, announces: bool) -> Running | None:
        """The meeting that this line begins, or that goes on without a beginning; or none."""
        _, _, nick, kind, text = row
        unbidden = self._running
        command = self._default.read(text) if kind == Kind.SPEECH else None
        if command is not None and command[0] == "startmeeting":
            running = Running(self._default, title=command[1], chairs={nick: None})
        elif announces and not self._default.whole and started_at_by_bot(text) is not None:
            running = Running(self._default)
        elif self._whole:
            self._running = unbidden or Running(self._default, unbidden=True)
            return self._running
        else:
            return None
        if unbidden is not None:
            self._note_outside(unbidden.lines[0][0], len(unbidden.lines))
        self._whole = False
        self._report_outside()
        self._running = running
        return running

    def _hear_bot(self, running: Running, row: RawLine) -> Iterator[Minutes]:
        """Take date, chair and dialect from a bot's start line, the last line of the meeting.

        Where it confirms a #startmeeting in a meeting that runs, that one had ended unnoticed.
        """
        number, stamp, nick, _, text = row
        chair = match[1] if (match := _CHAIR_SAID.match(text)) else ""
        said = started_at_by_bot(text)
        if said is not None and running.restarted_at is not None:
            restarter = running.lines[running.restarted_at][2]
            another = restarter not in running.chairs and chair in {"", restarter}
            if running.bot_said is not None or another:
                yield from self._restart(running, running.restarted_at)
                return
        if chair and not running.chairs:
            running.chairs[chair] = None
        if said is not None and running.bot_said is None:
            self._anew = nick in self._people
            self._people.discard(nick)
            self._suspects.discard(nick)
            self._bots.add(nick)
            running.bot = nick
            running.bots.add(nick)
            running.lines[-1] = (number, stamp, nick, Kind.BOT.value, text)
            running.bot_said = (stamp, said)
            self._adopt(running, text, nick)

    def _restart(self, running: Running, cut: int) -> Iterator[Minutes]:
        """End a meeting before the line at `cut`, and hear the lines from there on anew."""
        rows = running.lines[cut:]
        del running.lines[cut:]
        running.items = [item for item in running.items if item.index < cut]
        running.bots &= {line[2] for line in running.lines}
        if running.vote is not None and running.vote.index >= cut:
            running.vote = None
        yield from self._finish(running)
        while self.left_out and self.left_out[-1].line >= rows[0][0]:
            self.left_out.pop()
        for row in rows:
            yield from self._look_at(row)

    def _finish(self, running: Running) -> Iterator[Minutes]:
        self._running = None
        self._signs = self._default.signs
        if self._suspects:
            self._unmask(running)
        first = running.lines[0]
        if running.unbidden and not any(line[3] in SPOKEN for line in running.lines):
            self._note_outside(first[0], len(running.lines))
            return
        try:
            dating = date_meeting(first[1], bot_said=running.bot_said, hints=self._hints)
        except NoDate as no_date:
            self.undated.append(Unread(first[0], str(no_date)))
            return
        yield _freeze(running, dating, aliases=self._aliases)

    def _unmask(self, running: Running) -> None:
        """Who has said nothing but what bots say is one."""
        suspects = self._suspects
        self._bots |= suspects
        self._suspects = set()
        for index, (number, stamp, nick, kind, text) in enumerate(running.lines):
            if nick in suspects and kind in SPOKEN:
                running.lines[index] = (number, stamp, nick, Kind.BOT.value, text)
                running.nicks.lines.pop(nick, None)
                running.bots.add(nick)

    def _note_outside(self, number: int, lines: int) -> None:
        first, count = self._outside
        self._outside = (first or number, count + lines)

    def _report_outside(self) -> None:
        first, count = self._outside
        if count:
            lines = "this line is" if count == 1 else f"{count:,} lines from here on are"
            self.left_out.append(Unread(first, f"{lines} outside any meeting"))
        self._outside = (0, 0)


def _freeze(running: Running, dating: Dating, *, aliases: Mapping[str, str]) -> Minutes:
    lines = running.lines
    abandon_vote(running)
    running.nicks.count(lines)
    same = running.nicks.same
    named = dict.fromkeys([same(person) for person in (*running.chairs, *running.named)], 0)
    here = named | dict(running.nicks.lines.most_common())
    further = {**aliases, **running.aliases, **running.nicks.further()}
    people = People.of(here, further)
    closing = len(lines) - 1
    while running.ended and closing and lines[closing][3] == Kind.BOT:
        closing -= 1
    items = sorted(running.items, key=lambda draft: draft.index)
    started_at = running.bot_said[1] if running.bot_said else dating.instant(lines[0][1])
    return Minutes(
        title=running.title,
        started_at=started_at,
        ended_at=max(started_at, dating.instant(lines[closing][1])),
        chairs=tuple(dict.fromkeys(same(person) for person in running.chairs)),
        bots=tuple(sorted(running.bots)),
        people={nick: said for nick, said in here.items() if nick not in running.bots},
        items=[_item(draft, lines[draft.index], dating, people) for draft in items],
        profile=running.profile.name,
        dating=dating,
        warnings=tuple(_warnings(running)),
        raw=lines,
        scribes=tuple(running.scribes),
    )


def _warnings(running: Running) -> Iterator[str]:
    lines = len(running.lines)
    if running.unbidden:
        if not running.profile.whole:
            yield "No #startmeeting in this log; it is taken to be one meeting."
    elif not running.ended:
        yield "No #endmeeting by a chair; it is taken to end with its last line."
    if lines >= LONGEST_MEETING:
        yield f"Cut after {lines:,} lines; the rest is left out."
    if running.to_search <= 0:
        yield "More corrections (s/…/…/) than are looked into; the last were not applied."


def _item(draft: Draft, line: RawLine, dating: Dating, people: People) -> Item:
    number, stamp, nick, _, _ = line
    is_action = draft.kind == "action"
    given = assignees(draft.text, people, speaker=draft.person) if is_action else NOBODY
    return Item(
        line=number,
        at=dating.instant(stamp),
        nick=nick,
        kind=draft.kind,
        text=draft.text,
        topic=draft.topic[:LONGEST_TOPIC],
        url=first_url(draft.text) if draft.kind == "link" else "",
        by_chair=draft.by_chair,
        counted=draft.counted,
        undone=draft.undone,
        assignees=given.owners,
        mentioned=given.mentioned,
        carried=is_action and is_carried(draft.text),
    )


def first_url(text: str) -> str:
    """The first address in a text without the punctuation that follows it, or an empty string."""
    match = _URL.search(text)
    if match is None:
        return ""
    url = match[0].rstrip(PUNCTUATION)
    while url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1].rstrip(PUNCTUATION)
    return url
