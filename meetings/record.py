"""What is kept of a meeting: its lines, and what was put on record. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from meetings.assignees import NOBODY, People, assignees, is_carried
from meetings.commands import LONGEST_MEETING, Draft, Running, abandon_vote
from meetings.logs import Kind, LogLine, RawLine
from meetings.logs.dating import Dating
from meetings.nicks import SPOKEN
from meetings.profiles import PROFILES, Profile

LONGEST_TOPIC = 255  # characters repeated with each item; the topic item has it all

_URL = re.compile(r"(?:https?|irc|ftp|ssh|mailto)://\S{1,2000}")
_SPEAKER = re.compile(r"\s{0,10}([^\s:]{1,64}):\s")
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
    assignees: tuple[str, ...]  # whose an action is
    mentioned: tuple[str, ...] = ()  # whom else it names
    carried: bool = False  # an action of an earlier meeting


class Speakers:
    """Tells whose words a line holds, where some write down what others say; asked in order."""

    def __init__(self, profile: Profile, scribes: Collection[str]) -> None:
        self._profile = profile
        self._scribes = scribes
        self._heard: dict[str, str] = {}  # scribe -> whom he wrote down last

    def of(self, nick: str, text: str) -> str:
        if nick not in self._scribes:
            return nick
        command = self._profile.read(text)
        if command is None:
            match = _SPEAKER.match(text)
            speaker = match[1] if match else nick
        else:
            speaker = self._heard.get(nick, nick) if command[0] == "continue" else nick
        self._heard[nick] = speaker
        return speaker


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
        speakers = Speakers(PROFILES[self.profile], self.scribes)
        topic = ""
        for row in self.raw:
            number, _, nick, kind, text = row
            topic = topics.get(number, topic)
            yield row, speakers.of(nick, text) if kind in SPOKEN else nick, topic

    def lines(self) -> list[LogLine]:
        """Every line, dated; made when asked for, since most readers want only the items."""
        instants = self.dating.instants(self.raw)
        return [
            LogLine(number, at, nick, kind, text)
            for (number, _, nick, kind, text), at in zip(self.raw, instants, strict=True)
        ]


def freeze(running: Running, dating: Dating, *, aliases: Mapping[str, str]) -> Minutes:
    lines = running.lines
    abandon_vote(running)
    running.nicks.count(lines)
    same = running.nicks.same
    named = dict.fromkeys([same(person) for person in (*running.chairs, *running.named)], 0)
    here = named | running.nicks.lines()
    further = {**aliases, **running.aliases, **running.nicks.further()}
    people = People.of(here, further)
    closing = len(lines) - 1
    while running.ended and closing and lines[closing][3] == Kind.BOT:
        closing -= 1
    while running.unbidden and closing and lines[closing][3] not in SPOKEN:
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
        warnings=tuple(_warnings(running, dating)),
        raw=lines,
        scribes=tuple(running.scribes),
    )


def _warnings(running: Running, dating: Dating) -> Iterator[str]:
    lines = len(running.lines)
    if running.unbidden:
        if not running.profile.whole:
            yield "Nobody says #startmeeting; the whole log is taken as one meeting."
    elif not running.ended:
        yield "No #endmeeting by a chair; it is taken to end with its last line."
    if lines >= LONGEST_MEETING:
        yield f"Cut after {lines:,} lines; the rest is left out."
    if running.to_search <= 0:
        yield "More corrections (s/…/…/) than are looked into; the last were not applied."
    if dating.correction:
        yield _of_clock(dating.correction)
    if dating.passed_over:
        yield f"The day given, {dating.passed_over}, was passed over: the {dating.source} tells it."
    if not dating.timed:
        yield "Its lines carry no time of day; all of them stand at the day's beginning."


def _of_clock(correction: timedelta) -> str:
    minutes = int(abs(correction).total_seconds()) // 60
    where = "behind" if correction > timedelta(0) else "ahead of"
    return (
        f"The log's clock is {minutes // 60}:{minutes % 60:02} hours {where} UTC, as the bot's"
        " start line shows; its times are corrected."
    )


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
