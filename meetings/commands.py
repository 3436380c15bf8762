"""What is said in a meeting while it runs, and what each command of the bots does to it: pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meetings.corrections import Correction
from meetings.logs.lines import RawLine, Stamp
from meetings.nicks import Nicks
from meetings.profiles import LINK_SCHEMES, Profile
from meetings.votes import Motion, ShowOfHands, Vote, vote_on

ITEM_KINDS = frozenset(
    "topic subtopic agreed accepted rejected action info idea help link resolved proposed".split()
)
LONGEST_MEETING = 100_000  # lines; nobody forgets to end a meeting for longer
NEAR = 50  # lines within which a line of dots finds what it goes on with
LINES_TO_SEARCH = 500_000  # by all corrections of a meeting together
LONGEST_TEXT = 16 * 1024  # characters that lines of dots and corrections may make of an item

_SEPARATORS = re.compile(r"[,\s]+")
_COMMAS = re.compile(r"\s{0,16}[,;]\s{0,16}")
# `#agreed proposed: x` puts to the meeting what `#agreed proposed x is accepted` settles.
_PROPOSED = re.compile(
    r"[(\[]?(?:#?proposed\b|#?proposal\s{0,5}[:\])-]|#proposal\b)[:,\])]{0,5}\s*", re.IGNORECASE
)
_SETTLED = re.compile(
    r"\b(?:is|are|was|were|stands?|accepted|approved|adopted|passed)\b", re.IGNORECASE
)
_NO_ACTION = re.compile(
    r"\W{0,5}(?:we have )?quorum\s+(?:is |was )?(?:not )?"
    r"(?:achieved|reached|met|present|established|here)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Draft:
    """An item while its meeting runs."""

    index: int  # of its line in the meeting
    kind: str
    text: str
    topic: str
    person: str
    by_chair: bool
    counted: bool = True
    undone: bool = False


@dataclass(slots=True)
class Running:
    """A meeting while it runs. People are called by the nick first seen."""

    profile: Profile
    lines: list[RawLine] = field(default_factory=list)
    items: list[Draft] = field(default_factory=list)
    counting: list[Draft] = field(default_factory=list)  # what an #undo takes back, last first
    chairs: dict[str, None] = field(default_factory=dict)  # in the order in which they came
    named: list[str] = field(default_factory=list)
    nicks: Nicks = field(default_factory=Nicks)
    aliases: dict[str, str] = field(default_factory=dict)  # in lower case -> person
    scribes: dict[str, None] = field(default_factory=dict)
    title: str = ""
    topic: str = ""
    bot_said: tuple[Stamp, datetime] | None = None
    bot: str = ""  # who said so
    bots: set[str] = field(default_factory=set)
    restarted_at: int | None = None  # where #startmeeting was said again
    unbidden: bool = False  # no command began it: the log is one meeting
    ended: bool = False
    vote: Vote | None = None
    corrected: dict[int, str] = field(default_factory=dict)  # text by index of line
    item_of: dict[int, Draft] = field(default_factory=dict)  # by index of each line of its text
    to_search: int = LINES_TO_SEARCH

    def rename(self, old: str, new: str) -> None:
        """Follow a change of nick, the last line: rights and votes stay with the person."""
        gone = self.nicks.change(old, new, lines=self.lines)
        if not gone:
            return
        into = self.nicks.same(gone)
        if gone == next(iter(self.chairs), None):  # who began the meeting stays the first
            self.chairs = {into: None} | self.chairs
        if gone in self.chairs:
            del self.chairs[gone]
            self.chairs.setdefault(into)
        if self.vote is not None and gone in self.vote.ballots:
            self.vote.ballots[into] = self.vote.ballots.pop(gone)


def hear(running: Running, nick: str, text: str) -> None:
    """Do what the last line of the meeting says, if it is a command of its dialect."""
    profile = running.profile
    for line in text.split("\n") if profile.by_lines else [text]:
        command = profile.read(line)
        if command is not None:
            _obey(running, *command, nick)
        elif profile.links_alone and line.startswith(LINK_SCHEMES):
            _put(running, "link", line, nick)
        elif profile.ballots and running.vote and (ballot := profile.ballots.match(line)):
            running.vote.cast(running.nicks.who(nick), ballot[1])


def abandon_vote(running: Running) -> None:
    """Put a vote that nobody closed on record, as one that does not count."""
    vote = running.vote
    if vote is not None:
        text = f"{vote.result()} (not closed)"
        person = running.nicks.who(running.lines[vote.index][2])
        running.items.append(
            Draft(vote.index, "vote", text, vote.topic, person, by_chair=True, counted=False)
        )
        running.vote = None


def _obey(running: Running, verb: str, payload: str, nick: str) -> None:
    if verb in ITEM_KINDS:
        _put(running, verb, payload, nick)
    elif verb == "endmeeting":
        running.ended = _may_end(running, nick)
    elif verb == "startmeeting":
        if len(running.lines) > 1:
            running.restarted_at = len(running.lines) - 1
    elif verb not in running.profile.chair_only or running.nicks.who(nick) in running.chairs:
        deed = _DEEDS.get(verb)
        if deed is not None:
            deed(running, payload, nick)


def _put(running: Running, kind: str, text: str, nick: str) -> None:
    person = running.nicks.who(nick)
    by_chair = person in running.chairs
    counted = by_chair or kind not in running.profile.chair_only
    heard = kind != "proposed" or "proposed" in running.profile.verbs
    if kind == "topic" and counted:
        running.topic = text
    elif kind == "agreed":
        kind, text = _agreed_or_proposed(text)
    elif kind == "action" and _NO_ACTION.match(text):
        kind = "info"
    elif kind in {"accepted", "rejected"} and counted and isinstance(running.vote, ShowOfHands):
        abandon_vote(running)
    index = len(running.lines) - 1
    item = Draft(index, kind, text, running.topic, person, by_chair, counted)
    _add(running, item, heard=heard)


def _agreed_or_proposed(text: str) -> tuple[str, str]:
    match = _PROPOSED.match(text)
    if match is None or _SETTLED.search(text, match.end()):
        return "agreed", text
    return "proposed", text[match.end() :]


def _add(running: Running, item: Draft, *, heard: bool = True) -> None:
    """`heard` is whether the bot took it, so that an #undo takes it back."""
    running.items.append(item)
    running.item_of[item.index] = item
    if item.counted and heard:
        running.counting.append(item)


def _may_end(running: Running, nick: str) -> bool:
    loosely = running.profile.loosely
    if running.nicks.who(nick) in running.chairs:
        return True
    if loosely is None:
        return False
    began: Any = running.lines[0][1]  # stamps of one log are of one type
    return bool(running.lines[-1][1] - began >= loosely)


def _undo(running: Running, payload: str, nick: str) -> None:
    if running.counting:
        running.counting.pop().undone = True


def _people(running: Running, payload: str, separators: re.Pattern[str]) -> list[str]:
    return [running.nicks.who(name) for name in separators.split(payload) if name]


def _chair(running: Running, payload: str, nick: str) -> None:
    running.chairs.update(dict.fromkeys(_people(running, payload, _SEPARATORS)))


def _unchair(running: Running, payload: str, nick: str) -> None:
    first = next(iter(running.chairs), None)  # who began the meeting stays
    for named in _people(running, payload, _SEPARATORS):
        if named != first:
            running.chairs.pop(named, None)


def _name(running: Running, payload: str, nick: str) -> None:
    running.named += _people(running, payload, _SEPARATORS)


def _here(running: Running, payload: str, nick: str) -> None:
    """Somebody is there, under a name of their own where they give one."""
    person = running.nicks.who(nick)
    running.named.append(person)
    for alias in {payload.lower(), payload.lower().split(" ")[0]} - {""}:
        running.aliases[alias] = person


def _entitle(running: Running, payload: str, nick: str) -> None:
    if payload.lower() not in {"", "none", "unset"}:
        running.title = payload


def _start_vote(running: Running, payload: str, nick: str) -> None:
    if running.vote is None:  # the bots do not let a second begin
        running.vote = vote_on(payload, index=len(running.lines) - 1, topic=running.topic)


def _start_motion(running: Running, payload: str, nick: str) -> None:
    if running.vote is None and payload:
        running.vote = Motion(payload, len(running.lines) - 1, running.topic)


def _move(running: Running, payload: str, nick: str) -> None:
    abandon_vote(running)
    running.vote = ShowOfHands(payload, len(running.lines) - 1, running.topic)


def _admit(running: Running, payload: str, nick: str) -> None:
    if isinstance(running.vote, Motion):
        running.vote.voters = frozenset(_people(running, payload, _SEPARATORS))


def _require(running: Running, payload: str, nick: str) -> None:
    if isinstance(running.vote, Motion) and payload.isdecimal() and payload.isascii():
        running.vote.required = int(payload[:9])


def _cast(running: Running, payload: str, nick: str) -> None:
    if running.vote is not None:
        running.vote.cast(running.nicks.who(nick), payload)


def _end_vote(running: Running, payload: str, nick: str) -> None:
    if running.vote is not None:
        index, text = len(running.lines) - 1, running.vote.result()
        person = running.nicks.who(nick)
        _add(running, Draft(index, "vote", text, running.topic, person, by_chair=True))
        running.vote = None


def _close(running: Running, payload: str, nick: str) -> None:
    if running.vote is not None and running.vote.ballots:  # the bot closes no motion unvoted
        _end_vote(running, payload, nick)


def _inconclusive(running: Running, payload: str, nick: str) -> None:
    abandon_vote(running)
    index, person = len(running.lines) - 1, running.nicks.who(nick)
    text = f"{payload}: Motion inconclusive" if payload else "Motion inconclusive"
    _add(running, Draft(index, "vote", text, running.topic, person, by_chair=True))


def _preside(running: Running, payload: str, nick: str) -> None:
    running.chairs.update(dict.fromkeys(_people(running, payload, _COMMAS)))


def _attend(running: Running, payload: str, nick: str) -> None:
    running.named += _people(running, payload, _COMMAS)


def scribes_named(payload: str, *, nick: str) -> list[str]:
    """Whom a scribe command makes one: whoever says it, where it names nobody."""
    return [name.strip() for name in _COMMAS.split(payload or nick) if name.strip()]


def _scribe(running: Running, payload: str, nick: str) -> None:
    named = map(running.nicks.who, scribes_named(payload, nick=nick))
    running.scribes.update(dict.fromkeys(named))


def _continue(running: Running, payload: str, nick: str) -> None:
    """Join a line of dots to the item that the same person's line before it made."""
    here = len(running.lines) - 1
    for index in range(here - 1, max(here - NEAR, 0) - 1, -1):
        if running.lines[index][2] == nick:
            item = running.item_of.get(index)
            if item is not None and len(item.text) + len(payload) < LONGEST_TEXT:
                item.text = f"{item.text} {payload}"
                running.item_of[here] = item
            return


def _correct(running: Running, payload: str, nick: str) -> None:
    """Mend what the nearest line before this one got wrong, or all lines (`/g`)."""
    correction = Correction.read(payload)
    for index in range(len(running.lines) - 2, -1, -1):
        if running.to_search <= 0:
            return
        running.to_search -= 1
        said = running.corrected.get(index, running.lines[index][4])
        if not correction.fits(said):
            continue
        mended = correction.mend(said)
        item = running.item_of.get(index)
        text = correction.mend(item.text) if item is not None else ""
        if max(len(mended), len(text)) < LONGEST_TEXT:
            running.corrected[index] = mended
            if item is not None:
                _reword(running, item, text)
        if not correction.everywhere:
            return


def _reword(running: Running, item: Draft, text: str) -> None:
    if item.kind == "topic" and running.topic == item.text:
        running.topic = text
    if item.kind == "topic" and item.topic == item.text:
        item.topic = text
    item.text = text


_DEEDS: dict[str, Callable[[Running, str, str], None]] = {
    "undo": _undo,
    "chair": _chair,
    "unchair": _unchair,
    "nick": _name,
    "here": _here,
    "meetingname": _entitle,
    "meetingtopic": _entitle,
    "startvote": _start_vote,
    "startmotion": _start_motion,
    "motion": _move,
    "voters": _admit,
    "votesrequired": _require,
    "cast": _cast,
    "endvote": _end_vote,
    "close": _close,
    "inconclusive": _inconclusive,
    "preside": _preside,
    "attend": _attend,
    "scribe": _scribe,
    "continue": _continue,
    "correct": _correct,
}
