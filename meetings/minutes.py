"""Lines of a log in, minutes of its meetings out. Pure, in one pass, one meeting in memory.

Unlike the bots, nothing is dropped: what a bot ignored or took back stays as an item that says
so (`counted`, `undone`).
"""

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from meetings.assignees import assignees
from meetings.bots import is_bot
from meetings.commands import LINK_SCHEMES, Draft, Running, hear
from meetings.logs import Calendar, DateHints, Kind, LogLine, NoDate, RawLine, Unread
from meetings.logs.dating import Dating, date_meeting, started_at_by_bot
from meetings.profiles import CLASSIC, Profile, profile_of_bot

LONGEST_TOPIC = 255  # characters repeated with each item; the topic item has it all
PROMPTLY = 20  # lines within which a bot confirms that a meeting has begun
LONGEST_MEETING = 100_000  # lines; nobody forgets to end a meeting for longer

WHOLE = "Nobody says #startmeeting; the whole log is taken as one meeting."
SPOKEN = frozenset([Kind.SPEECH.value, Kind.ACTION.value])
# What can begin a line that matters; all others take the short way.
_SIGNS = ("#", "!", "^", "Meeting ", "The chair is ", *LINK_SCHEMES)
_URL = re.compile(r"(?:https?|irc|ftp|ssh|mailto)://\S{1,2000}")
_CHAIR_SAID = re.compile(r"(?:.{0,120} )?The chair is (\S{1,64}?)\.(?:\s|$)", re.DOTALL)
PUNCTUATION = ".,;:!?>]}'\""


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


class Secretary:
    """Takes the minutes of every meeting in a log, and accounts for the lines outside them."""

    def __init__(
        self,
        *,
        hints: DateHints,
        profile: Profile = CLASSIC,
        calendar: Calendar | None = None,  # what the log's reader learns of its days
        whole: bool = False,  # with no start command in it, the log is one meeting
    ) -> None:
        self.left_out: list[Unread] = []  # lines outside any meeting, or of no known shape
        self.undated: list[Unread] = []  # meetings whose day nothing tells
        self._hints = hints
        self._calendar = calendar
        self._whole = whole
        self._kept: list[RawLine] = []  # from the first word on, while it may be a whole meeting
        self._default = profile
        self._running: Running | None = None
        self._people: set[str] = set()
        self._bots: set[str] = set()
        self._unmasked = False  # whether somebody taken for a person has turned out to be a bot
        self._outside = (0, 0)  # first line, lines

    def minutes(self, blocks: Iterable[list[RawLine]]) -> Iterator[Minutes]:
        """Each meeting as it ends, from a log's raw lines in blocks of any size."""
        for block in blocks:
            rows = block
            while rows:
                rows = yield from self._take(rows)
        if self._kept:
            yield from self._take_whole(self._kept)
        if self._running is not None:
            yield from self._finish(self._running)
        self._report_outside()

    def _take_whole(self, rows: list[RawLine]) -> Iterator[Minutes]:
        """All the rows of a log in which nobody began a meeting."""
        first, count = self._outside
        self._outside = (first, count - len(rows))
        self._report_outside()
        self._whole = False
        self._running = Running(self._default, whole=True)
        while rows:
            rows = yield from self._take(rows)

    def _take(self, rows: list[RawLine]) -> Generator[Minutes, None, list[RawLine]]:
        """Take rows in order, and return those behind the line that gave a bot away.

        Most lines are said by a person and begin with no sign: they are passed on in runs, and
        only the others are looked at.
        """
        people = self._people
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
            if self._unmasked:
                self._unmasked = False
                return rows[done:]
        if done < len(rows):
            yield from self._pass_on(rows[done:])
        return []

    def _pass_on(self, rows: list[RawLine]) -> Iterator[Minutes]:
        """Lines of talk: of the meeting that runs, or outside any."""
        running = self._running
        if running is not None and (running.ended or len(running.lines) >= LONGEST_MEETING):
            yield from self._finish(running)
            running = None
        if running is None:
            self._note_outside(rows)
        else:
            running.lines += rows

    def _look_at(self, row: RawLine) -> Iterator[Minutes]:
        """A line that may be a command, or the word of a bot or of somebody new."""
        number, stamp, nick, kind, text = row
        new = nick not in self._people
        if new:
            kind = self._meet(nick, kind)
            row = (number, stamp, nick, kind, text)
        announces = text.startswith(("Meeting started", "The chair is")) and self._believes(
            nick, kind, new=new
        )
        running = self._running
        if running is not None and (
            (running.ended and kind != Kind.BOT) or len(running.lines) >= LONGEST_MEETING
        ):
            yield from self._finish(running)
            running = None
        if running is None:
            running = self._running = self._open(row, announces=announces)
            if running is None:
                self._note_outside([row])
                return
        running.lines.append(row)
        if kind == Kind.UNREAD:
            self.left_out.append(Unread(number, "no line shape of the format; kept as it is"))
        elif announces:
            yield from self._hear_bot(running, row)
        elif kind == Kind.SPEECH and text.startswith(_SIGNS):
            hear(running, nick, text)

    def _meet(self, nick: str, kind: str) -> str:
        """The kind of a line by somebody not yet known to be a person."""
        if not nick:
            return kind
        if nick not in self._bots and not is_bot(nick):
            self._people.add(nick)
            return kind
        self._bots.add(nick)
        return Kind.BOT.value

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
        """A meeting, if this line begins one."""
        _, _, nick, kind, text = row
        if not text.startswith(_SIGNS):
            return None
        running = Running(self._default)
        command = self._default.read(text) if kind == Kind.SPEECH else None
        if command is not None and command[0] == "startmeeting":
            running.chairs[nick] = None
            running.title = command[1]
        elif not announces or started_at_by_bot(text) is None:
            return None
        self._whole, self._kept = False, []
        self._report_outside()
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
            self._unmasked = nick in self._people
            self._people.discard(nick)
            self._bots.add(nick)
            running.bot = nick
            running.lines[-1] = (number, stamp, nick, Kind.BOT.value, text)
            running.bot_said = (stamp, said)
            running.profile = profile_of_bot(text, nick=nick, default=running.profile)

    def _restart(self, running: Running, cut: int) -> Iterator[Minutes]:
        """End a meeting before the line at `cut`, and hear the lines from there on anew."""
        rows = running.lines[cut:]
        del running.lines[cut:]
        running.items = [item for item in running.items if item.index < cut]
        yield from self._finish(running)
        while self.left_out and self.left_out[-1].line >= rows[0][0]:
            self.left_out.pop()
        for row in rows:
            yield from self._look_at(row)

    def _finish(self, running: Running) -> Iterator[Minutes]:
        self._running = None
        first = running.lines[0]
        try:
            dating = date_meeting(
                first[1],
                bot_said=running.bot_said,
                hints=self._hints,
                calendar=self._calendar,
            )
        except NoDate as no_date:
            self.undated.append(Unread(first[0], str(no_date)))
            return
        yield _freeze(running, dating, self._bots)

    def _note_outside(self, rows: list[RawLine]) -> None:
        first, count = self._outside
        self._outside = (first or rows[0][0], count + len(rows))
        if self._whole and len(self._kept) < LONGEST_MEETING:
            if not self._kept:  # what stands before the first word is outside
                spoken = (index for index, row in enumerate(rows) if row[3] in SPOKEN)
                rows = rows[next(spoken, len(rows)) :]
            self._kept += rows

    def _report_outside(self) -> None:
        first, count = self._outside
        if count:
            lines = "this line is" if count == 1 else f"{count:,} lines from here on are"
            self.left_out.append(Unread(first, f"{lines} outside any meeting"))
        self._outside = (0, 0)


def _freeze(running: Running, dating: Dating, bots: set[str]) -> Minutes:
    lines = running.lines
    spoke = Counter([line[2] for line in lines if line[3] in SPOKEN])
    people = dict.fromkeys((*running.chairs, *running.named), 0) | dict(spoke.most_common())
    known = {nick.lower(): nick for nick in people}
    warnings = []
    if running.whole:
        warnings.append(WHOLE)
    elif not running.ended:
        warnings.append("No #endmeeting by a chair; it is taken to end with its last line.")
    if len(lines) >= LONGEST_MEETING:
        warnings.append(f"Cut after {len(lines):,} lines; the rest is left out.")
    if dating.correction:
        warnings.append(_of_clock(dating.correction))
    if not dating.timed:
        warnings.append("Its lines carry no time of day; all of them stand at the day's beginning.")
    closing = len(lines) - 1
    while closing and running.ended and lines[closing][3] == Kind.BOT:
        closing -= 1
    while closing and running.whole and lines[closing][3] not in SPOKEN:
        closing -= 1
    started_at = running.bot_said[1] if running.bot_said else dating.instant(lines[0][1])
    return Minutes(
        title=running.title,
        started_at=started_at,
        ended_at=max(started_at, dating.instant(lines[closing][1])),
        chairs=tuple(running.chairs),
        bots=tuple(sorted({line[2] for line in lines} & bots)),
        people=people,
        items=[_item(draft, lines[draft.index], dating, known) for draft in running.items],
        profile=running.profile.name,
        dating=dating,
        warnings=tuple(warnings),
        raw=lines,
    )


def _of_clock(correction: timedelta) -> str:
    minutes = int(abs(correction).total_seconds()) // 60
    where = "behind" if correction > timedelta(0) else "ahead of"
    return (
        f"The log's clock is {minutes // 60}:{minutes % 60:02} hours {where} UTC, as the bot's"
        " start line shows; its times are corrected."
    )


def _item(draft: Draft, line: RawLine, dating: Dating, known: dict[str, str]) -> Item:
    number, stamp, nick, _, _ = line
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
        assignees=assignees(draft.text, known) if draft.kind == "action" else (),
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
