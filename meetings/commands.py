"""What is said in a meeting while it runs, and what each command of the bots does to it: pure."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meetings.logs.lines import RawLine, Stamp
from meetings.profiles import Profile

ITEM_KINDS = frozenset(
    "topic subtopic agreed accepted rejected action info idea help link resolved proposed".split()
)
LINK_SCHEMES = ("http://", "https://", "irc://", "ftp://", "ssh://", "mailto://")
_SEPARATORS = re.compile(r"[,\s]+")
_QUESTION = re.compile(r"(.{1,500})\?\s*(.*)", re.DOTALL)
_CHOICE = re.compile(r"[\w+-]+")


@dataclass(slots=True)
class Draft:
    """An item while its meeting runs."""

    index: int  # of its line in the meeting
    kind: str
    text: str
    topic: str
    by_chair: bool
    counted: bool = True
    undone: bool = False


@dataclass(slots=True)
class Running:
    """A meeting while it runs."""

    profile: Profile
    lines: list[RawLine] = field(default_factory=list)
    items: list[Draft] = field(default_factory=list)
    counting: list[Draft] = field(default_factory=list)  # what an #undo takes back, last first
    chairs: dict[str, None] = field(default_factory=dict)  # in the order in which they came
    named: list[str] = field(default_factory=list)
    title: str = ""
    topic: str = ""
    bot_said: tuple[Stamp, datetime] | None = None
    bot: str = ""  # who said so
    restarted_at: int | None = None  # where #startmeeting was said again
    ended: bool = False
    whole: bool = False  # a log in which nobody says that a meeting begins
    vote: "Vote | None" = None


@dataclass(slots=True)
class Vote:
    question: str
    choices: dict[str, str]  # in lower case -> as it was offered
    cast: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        counts = Counter(self.cast.values())
        return f"{self.question}? {', '.join(f'{c}: {counts[c]}' for c in self.choices.values())}"


def hear(running: Running, nick: str, text: str) -> None:
    """Do what the last line of the meeting says, if it is a command of its dialect."""
    command = running.profile.read(text)
    if command is None:
        if running.profile.links_alone and text.startswith(LINK_SCHEMES):
            _put(running, "link", text, nick)
        return
    verb, payload = command
    if verb in ITEM_KINDS:
        _put(running, verb, payload, nick)
    elif verb == "endmeeting":
        running.ended = _may_end(running, nick)
    elif verb == "startmeeting":
        if len(running.lines) > 1:
            running.restarted_at = len(running.lines) - 1
    elif nick in running.chairs or verb not in running.profile.chair_only:
        _DEEDS[verb](running, payload, nick)


def _put(running: Running, kind: str, text: str, nick: str) -> None:
    by_chair = nick in running.chairs
    counted = by_chair or kind not in running.profile.chair_only
    if kind == "topic" and counted:
        running.topic = text
    _add(running, Draft(len(running.lines) - 1, kind, text, running.topic, by_chair, counted))


def _add(running: Running, item: Draft) -> None:
    running.items.append(item)
    if item.counted:
        running.counting.append(item)


def _may_end(running: Running, nick: str) -> bool:
    loosely = running.profile.loosely
    if nick in running.chairs:
        return True
    if loosely is None:
        return False
    began: Any = running.lines[0][1]  # stamps of one log are of one type
    return bool(running.lines[-1][1] - began >= loosely)


def _undo(running: Running, payload: str, nick: str) -> None:
    if running.counting:
        running.counting.pop().undone = True


def _nicks(payload: str) -> list[str]:
    return [nick for nick in _SEPARATORS.split(payload) if nick]


def _chair(running: Running, payload: str, nick: str) -> None:
    running.chairs.update(dict.fromkeys(_nicks(payload)))


def _unchair(running: Running, payload: str, nick: str) -> None:
    first = next(iter(running.chairs), None)  # who began the meeting stays
    for named in _nicks(payload):
        if named != first:
            running.chairs.pop(named, None)


def _name(running: Running, payload: str, nick: str) -> None:
    running.named += _nicks(payload)


def _entitle(running: Running, payload: str, nick: str) -> None:
    if payload.lower() not in {"", "none", "unset"}:
        running.title = payload


def _start_vote(running: Running, payload: str, nick: str) -> None:
    if match := _QUESTION.match(payload):
        choices = _CHOICE.findall(match[2]) or ["Yes", "No"]
        offered = {choice.lower(): choice for choice in choices}
        running.vote = Vote(match[1].strip(), offered)


def _cast(running: Running, payload: str, nick: str) -> None:
    if running.vote is not None and payload.lower() in running.vote.choices:
        running.vote.cast[nick] = running.vote.choices[payload.lower()]


def _end_vote(running: Running, payload: str, nick: str) -> None:
    if running.vote is not None:
        index = len(running.lines) - 1
        _add(running, Draft(index, "vote", running.vote.result, running.topic, by_chair=True))
        running.vote = None


_DEEDS = {
    "undo": _undo,
    "chair": _chair,
    "unchair": _unchair,
    "nick": _name,
    "meetingname": _entitle,
    "meetingtopic": _entitle,
    "startvote": _start_vote,
    "cast": _cast,
    "showvote": lambda running, payload, nick: None,
    "endvote": _end_vote,
}
