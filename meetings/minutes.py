"""Lines of a log in, minutes of its meetings out. Pure, in one pass, one meeting in memory.

Unlike the bots, nothing is dropped: what a bot ignored or took back stays as an item that says
so (`counted`, `undone`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from meetings.bots import is_bot, is_echo, is_reply
from meetings.commands import LONGEST_MEETING, Running, hear
from meetings.harmless import one_word
from meetings.logs import Calendar, DateHints, Kind, NoDate, RawLine, Unread
from meetings.logs.dating import date_meeting, started_at_by_bot
from meetings.nicks import SPOKEN
from meetings.profiles import CLASSIC, Profile, profile_of_bot
from meetings.record import Item, Minutes, first_url, freeze

__all__ = ["SPOKEN", "Item", "Minutes", "Secretary", "first_url"]

PROMPTLY = 20  # lines within which a bot confirms that a meeting has begun

_STARTS = ("Meeting started", "The chair is")
_HELPS = ("Useful ", "Available ", "Commands ")  # a bot's list of its commands
_CHAIR_SAID = re.compile(r"(?:.{0,120} )?The chair is (\S{1,64}?)\.(?:\s|$)", re.DOTALL)
_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


class Secretary:
    """Takes the minutes of every meeting in a log, and accounts for the lines outside them."""

    def __init__(
        self,
        *,
        hints: DateHints,
        profile: Profile = CLASSIC,
        calendar: Calendar | None = None,
        whole: bool = False,
        aliases: Mapping[str, str] = _NO_ALIASES,
    ) -> None:
        """`calendar` is what the log's reader learns of its days while it reads.

        `whole`: with no start command in it, the log is one meeting, from its first word on.
        `aliases` maps further names of people to their nicks.
        """
        self.left_out: list[Unread] = []  # lines outside any meeting, or of no known shape
        self.undated: list[Unread] = []  # meetings whose day nothing tells
        self._hints = hints
        self._calendar = calendar
        self._default = profile
        self._whole = whole or profile.whole
        self._aliases = aliases
        self._running: Running | None = None
        self._ended: list[Minutes] = []  # not yet handed over
        self._listen_for(profile)
        self._people: set[str] = set()
        self._met_before: set[str] = set()  # people of the log, while a meeting tells its own
        self._bots: set[str] = set()
        self._suspects: set[str] = set()  # who has only spoken as bots do
        self._anew = False  # whether the rows behind the last are to be looked over again
        self._outside = (0, 0)  # first line, lines

    def minutes(self, blocks: Iterable[list[RawLine]]) -> Iterator[Minutes]:
        """Each meeting as it ends, from a log's raw lines in blocks of any size."""
        for block in blocks:
            rows = block
            while rows:
                rows = self._take(rows)
            yield from self._handed_over()
        if self._running is not None:
            self._finish(self._running)
        yield from self._handed_over()
        self._report_outside()

    def _handed_over(self) -> list[Minutes]:
        ended, self._ended = self._ended, []
        return ended

    def _listen_for(self, *profiles: Profile) -> None:
        """Look only at lines that can matter in one of these dialects."""
        self._signs = tuple(dict.fromkeys(sign for one in profiles for sign in one.signs))
        self._letters = frozenset(sign[0] for sign in self._signs)
        self._likely = None
        if any(one.likely for one in profiles):  # the signs alone let too much through
            self._likely = re.compile("|".join(one.beginning for one in profiles)).match

    def _take(self, rows: list[RawLine]) -> list[RawLine]:
        """Take rows in order, and return those behind one that changed what to look for.

        Most lines are said by a person and begin with no sign: they are passed on in runs, and
        only the others are looked at.
        """
        done = 0
        for index in self._telling(rows):
            if index > done:
                self._pass_on(rows[done:index])
            self._look_at(rows[index])
            done = index + 1
            if self._anew:
                self._anew = False
                return rows[done:]
        if done < len(rows):
            self._pass_on(rows[done:])
        return []

    def _telling(self, rows: list[RawLine]) -> Iterator[int]:
        """Where the rows are that have to be looked at, by who is known when it is their turn."""
        people, signs, letters, likely = self._people, self._signs, self._letters, self._likely
        knows_again = self._knows_again
        profile = self._running.profile if self._running else self._default
        by_lines = profile.by_lines
        return (
            index
            for index, (_, _, nick, kind, text) in enumerate(rows)
            if (nick not in people and not knows_again(nick, kind, text))
            or kind == "rename"
            or (text[:1] in letters and text.startswith(signs) and (not likely or likely(text)))
            or (by_lines and "\n" in text)
        )

    def _knows_again(self, nick: str, kind: str, text: str) -> bool:
        """Whether somebody met before this meeting is a person in it too, by a first look."""
        if nick not in self._met_before or nick in self._suspects or nick in self._bots:
            return False
        if kind not in SPOKEN or text.startswith(_STARTS) or is_reply(text):
            return False
        self._people.add(nick)
        return True

    def _pass_on(self, rows: list[RawLine]) -> None:
        """Lines of talk: of the meeting that runs, or outside any."""
        running = self._running
        if running is not None and (running.ended or len(running.lines) >= LONGEST_MEETING):
            self._finish(running)
            running = None
        if running is None:
            self._note_outside(rows[0][0], len(rows))
        else:
            running.lines += rows

    def _look_at(self, row: RawLine) -> None:
        """A line that may be a command, or the word of a bot or of somebody new."""
        number, stamp, nick, kind, text = row
        if nick and nick not in self._people:
            nick = one_word(nick)  # as our own log has it: who is a bot there is one here
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
            self._finish(running)
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
            running.rename(nick, one_word(text))
        elif announces:
            self._hear_bot(running, row)
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
            self._listen_for(self._default, running.profile)
            self._anew = True

    def _meet(self, nick: str, kind: str, text: str) -> str:
        """The kind of a line by somebody not yet known to be a person."""
        if not nick:
            return kind
        if nick in self._bots or is_bot(nick):
            self._bots.add(nick)
            return Kind.BOT.value
        if kind not in SPOKEN:  # bots come and go, too
            return kind
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
        elif self._whole and (unbidden is not None or kind in SPOKEN):
            return unbidden or self._begin(Running(self._default, unbidden=True), nick)
        else:
            return None
        if unbidden is not None:
            self._note_outside(unbidden.lines[0][0], len(unbidden.lines))
        self._whole = False
        self._report_outside()
        return self._begin(running, nick)

    def _begin(self, running: Running, nick: str) -> Running:
        """Run a meeting whose first line is this nick's.

        Who in it is a bot it tells alone: our own log of it has no more, and is to be the same.
        """
        self._met_before |= self._people
        self._people &= {nick}
        self._bots &= {nick}
        self._suspects &= {nick}
        self._running = running
        return running

    def _hear_bot(self, running: Running, row: RawLine) -> None:
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
                self._restart(running, running.restarted_at)
                return
        if chair and not running.chairs:
            running.chairs[chair] = None
        if said is not None and running.bot_said is None:
            self._people.discard(nick)
            self._suspects.discard(nick)
            self._bots.add(nick)
            running.bot = nick
            running.bots.add(nick)
            running.lines[-1] = (number, stamp, nick, Kind.BOT.value, text)
            running.bot_said = (stamp, said)
            self._adopt(running, text, nick)

    def _restart(self, running: Running, cut: int) -> None:
        """End a meeting before the line at `cut`, and hear the lines from there on anew."""
        rows = running.lines[cut:]
        del running.lines[cut:]
        running.items = [item for item in running.items if item.index < cut]
        running.bots &= {line[2] for line in running.lines}
        if running.vote is not None and running.vote.index >= cut:
            running.vote = None
        self._finish(running)
        while self.left_out and self.left_out[-1].line >= rows[0][0]:
            self.left_out.pop()
        for row in rows:
            self._look_at(row)

    def _finish(self, running: Running) -> None:
        self._running = None
        self._whole = self._whole and not running.unbidden
        self._listen_for(self._default)
        if self._suspects:
            self._unmask(running)
        self._people |= self._met_before
        first = running.lines[0]
        if running.unbidden and not any(line[3] in SPOKEN for line in running.lines):
            self._note_outside(first[0], len(running.lines))
            return
        try:
            dating = date_meeting(
                first[1], bot_said=running.bot_said, hints=self._hints, calendar=self._calendar
            )
        except NoDate as no_date:
            self.undated.append(Unread(first[0], str(no_date), len(running.lines)))
            return
        self._ended.append(freeze(running, dating, aliases=self._aliases))

    def _unmask(self, running: Running) -> None:
        """Who has said nothing but what bots say is one."""
        suspects = self._suspects
        self._bots |= suspects
        self._suspects = set()
        for index, (number, stamp, nick, kind, text) in enumerate(running.lines):
            if nick in suspects and kind in SPOKEN:
                running.lines[index] = (number, stamp, nick, Kind.BOT.value, text)
                running.nicks.forget(nick)
                running.bots.add(nick)

    def _note_outside(self, number: int, lines: int) -> None:
        first, count = self._outside
        self._outside = (first or number, count + lines)

    def _report_outside(self) -> None:
        first, count = self._outside
        if count:
            lines = "this line is" if count == 1 else f"{count:,} lines from here on are"
            self.left_out.append(Unread(first, f"{lines} outside any meeting", count))
        self._outside = (0, 0)
