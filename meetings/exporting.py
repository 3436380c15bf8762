"""A meeting as MeetBot would have published it: its minutes and its log, as text and as HTML.

Whoever links to MeetBot's pages finds here the same structure, the same order and the same
anchors (`log.html#l-12`, by the number of the line in its file). Mended against it: times come
with their day, and a single action that nobody has is not left out. What no bot of the meeting's
dialect takes down (`#proposed`) is on none of its pages.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html

from meetings.harmless import harmless, one_word
from meetings.logs import format_named
from meetings.models import Item, ItemKind, LineKind, Meeting
from meetings.profiles import PROFILES

WIDTH = 72  # of MeetBot's text
AT_ONCE = 500  # lines in one piece of a response
SAID = [LineKind.SPEECH, LineKind.ACTION, LineKind.BOT]
UNPREFIXED = {ItemKind.TOPIC, ItemKind.INFO}
MODES = ("@", "+", "%", "&", "~")  # what a reader takes from before a nick

_COMMAND = re.compile(r"([#!^]\w{1,40}\s?)(.*)", re.DOTALL)

Line = tuple[int, datetime, str, str, str]


class Section(NamedTuple):
    """A topic of the minutes and what was put on record under it."""

    topic: Item | None
    items: list[Item]


class Share(NamedTuple):
    """Somebody and the actions that are theirs; without a nick, those that nobody has."""

    nick: str
    actions: list[Item]


@dataclass(frozen=True)
class Record:
    """What MeetBot's minutes say of a meeting, in their order."""

    meeting: Meeting
    sections: list[Section]
    actions: list[Item]
    shares: list[Share]  # by nick, and at the end the actions that nobody has
    present: list[tuple[str, int]]  # bots too, by lines said

    @property
    def heading(self) -> str:
        meeting = self.meeting
        channel = f"#{meeting.channel}" if meeting.channel else ""
        return harmless(": ".join(dict.fromkeys(filter(None, [channel, meeting.title]))))

    @property
    def starter(self) -> str:
        """Who opened the meeting, where a log tells."""
        return harmless(next(iter(self.meeting.chairs), ""))

    @classmethod
    def of(cls, meeting: Meeting) -> "Record":
        items = list(meeting.items.standing().order_by("line", "pk"))
        if ItemKind.PROPOSED not in PROFILES[meeting.profile].verbs:
            items = [item for item in items if item.kind != ItemKind.PROPOSED]
        actions = [item for item in items if item.kind == ItemKind.ACTION]
        owners = sorted({nick for action in actions for nick in action.assignees}, key=str.lower)
        shares = [
            Share(nick, [action for action in actions if nick in action.assignees])
            for nick in owners
        ]
        left = [action for action in actions if not action.assignees]
        if actions:
            shares.append(Share("", left))
        said_by_bots = (
            meeting.lines.filter(kind=LineKind.BOT)
            .order_by()
            .values_list("nick")
            .annotate(Count("pk"))
        )
        present = sorted(
            [*meeting.people.items(), *said_by_bots], key=lambda one: (-one[1], one[0].lower())
        )
        return cls(meeting, sections(items), actions, shares, present)


def sections(items: list[Item]) -> list[Section]:
    """Items in the order of their lines, under the topics in force."""
    found = [Section(None, [])]
    for item in items:
        if item.kind == ItemKind.TOPIC and item.counted and not item.undone:
            found.append(Section(item, []))
        else:
            found[-1].items.append(item)
    return found if found[0].items else found[1:]


def minutes_text(record: Record, *, log_url: str) -> Iterator[str]:
    """The minutes as text, wrapped where MeetBot wraps them."""
    meeting = record.meeting
    rule = "=" * max(len(record.heading), 1)
    began, ended = meeting.started_at, meeting.ended_at
    by = f" by {record.starter}" if record.starter else ""
    yield f"{rule}\n{record.heading}\n{rule}\n\n\n"
    yield _paragraph(
        f"Meeting started{by} at {began:%H:%M:%S} UTC on {began:%Y-%m-%d}. The full logs are"
        f" available at {log_url}"
    )
    yield _title("Meeting summary")
    for topic, items in record.sections:
        if topic is not None:
            yield _bullet(_with_source(topic), level=0)
        for item in items:
            yield _bullet(_with_source(item), level=1 if topic is not None else 0)
        yield "\n"
    yield f"Meeting ended at {ended:%H:%M:%S} UTC on {ended:%Y-%m-%d}.\n"
    if record.actions:
        yield _title("Action Items")
        for action in record.actions:
            yield _bullet(harmless(action.text), level=0)
        yield _title("Action Items, by person")
        for nick, actions in record.shares:
            yield f"* {harmless(nick) or '**UNASSIGNED**'}\n"
            for action in actions:
                yield _bullet(harmless(action.text), level=1)
            if not actions:
                yield "  * (none)\n"
    yield _title("People Present (lines said)")
    for nick, lines in record.present:
        yield f"* {harmless(nick)} ({lines})\n"
    yield "\n\n\n\nGenerated by Thaw\n"


def log_text(meeting: Meeting) -> Iterator[str]:
    """What was said, as MeetBot writes it; with days where the bot in the room writes them.

    Joins, changes of nick and lines of no shape are not in it: MeetBot's logs have none.
    """
    dated = format_named(meeting.source.format).profile == "matrix"
    clock = "%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S"
    signs = () if dated else MODES
    lines = (
        f"{at:{clock}} {_speaker(nick, kind, signs)} {harmless(text)}\n"
        for _, at, nick, kind, text in _lines(meeting)
    )
    return _in_pieces(lines)


def log_html(meeting: Meeting) -> Iterator[str]:
    """The same as a page, each line under MeetBot's own anchor."""
    head, _, foot = render_to_string("meetings/log_alone.html", {"meeting": meeting}).partition(
        "<!-- lines -->"
    )
    yield head
    yield from _in_pieces(f"{_html(line)}\n" for line in _lines(meeting))
    yield foot


def _lines(meeting: Meeting) -> Iterator[Line]:
    said = meeting.lines.filter(kind__in=SAID)
    return said.values_list("number", "at", "nick", "kind", "text").iterator(chunk_size=2000)


def _in_pieces(lines: Iterable[str]) -> Iterator[str]:
    left = iter(lines)
    while piece := "".join(islice(left, AT_ONCE)):
        yield piece


def _speaker(nick: str, kind: str, signs: tuple[str, ...]) -> str:
    """Who speaks; a blank goes before a nick whose first sign would be taken for a mode."""
    name = one_word(nick)
    name = f" {name}" if name.startswith(signs) else name
    return f"* {name}" if kind == LineKind.ACTION else f"<{name}>"


def _html(line: Line) -> str:
    number, at, nick, kind, text = line
    name, said = harmless(nick), harmless(text)
    anchor = format_html(
        '<a name="l-{}"></a><span class="tm">{}</span>', number, at.strftime("%H:%M:%S")
    )
    if kind == LineKind.ACTION:
        return format_html(
            '{}<span class="nka"> * {}</span> <span class="ac">{}</span>', anchor, name, said
        )
    command = _COMMAND.match(said) if kind == LineKind.SPEECH else None
    if command is None:
        words = conditional_escape(said)
    else:
        style = "topic" if command[1].strip().lower() == "#topic" else "cmd"
        words = format_html(
            '<span class="{0}">{1}</span><span class="{0}line">{2}</span>', style, *command.groups()
        )
    return format_html('{}<span class="nk"> &lt;{}&gt;</span> {}', anchor, name, words)


def _with_source(item: Item) -> str:
    kind = f"{item.kind.upper()}: " if item.kind not in UNPREFIXED else ""
    return f"{kind}{harmless(item.text)}  ({harmless(item.nick)}, {item.at:%H:%M:%S})"


def _title(words: str) -> str:
    return f"\n\n\n{words}\n{'-' * len(words)}\n"


def _bullet(words: str, *, level: int) -> str:
    indent = "  " * level
    return _paragraph(words, first=f"{indent}* ", rest=f"{indent}  ")


def _paragraph(words: str, *, first: str = "", rest: str = "") -> str:
    return (
        textwrap.fill(
            words,
            WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or first.rstrip()
    ) + "\n"
