"""What each line of a meeting is about: links to records, each with how it was found. Pure.

By address, by number, by name; and by context, which is the merge proposal that the chair has put
on the table, until the next one or the next topic. A link by context is only made for lines that
need one: what is put on record, and what shows a verdict.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from meetings.minutes import SPOKEN, Minutes
from meetings.names import Glossary, ProposalName
from releases.references import Reference, find_references

# What is put on record about something, as opposed to what opens or lists a subject.
ABOUT_SOMETHING = frozenset("agreed accepted rejected action resolved proposed vote".split())
RIGHT_BEFORE = 3  # lines within which a chair's "this one:" belongs to the proposal that follows

_MOVES_ON = re.compile(
    r"\b(?:next (?:branch|one|proposal|item|topic|up)|in other news|moving on|move on"
    r"|switch to the next|let'?s (?:continue|proceed)|anything else)\b",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """One line that a person said. `at` is in UTC."""

    number: int
    at: datetime
    nick: str
    text: str
    by_chair: bool


class Entry(Protocol):
    """What was put on record, as the minutes or the database have it."""

    @property
    def line(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def counted(self) -> bool: ...
    @property
    def undone(self) -> bool: ...
    @property
    def at(self) -> datetime: ...
    @property
    def assignees(self) -> Sequence[str]: ...


class Link(NamedTuple):
    """A line, what it is about, how that was found (url, number, name, context), which words."""

    line: int
    target: str
    how: str
    words: str


@dataclass
class Discussion:
    """Lines said while one merge proposal was on the table, or none (`target` empty)."""

    target: str
    topic: str
    shown_by: str = ""  # the words that put it there
    by_chair: bool = False  # whether a chair did; else another member may bring up the next
    lines: list[Said] = field(default_factory=list)

    def holds(self, line: int) -> bool:
        return bool(self.lines) and self.lines[0].number <= line <= self.lines[-1].number


ByLine = dict[int, list[Link]]


@dataclass(frozen=True)
class Linked:
    """One meeting's explicit links by line, its discussions in order, and what was said.

    `references` are those found by address or number, by target. `release` is the one that the
    meeting is about: named first in a topic, or else first at all; it may be empty.
    """

    by_line: ByLine
    discussions: list[Discussion]
    references: dict[str, Reference]
    said: list[Said]
    release: str

    def subjects(self, line: int) -> list[Link]:
        """The proposals and exceptions that a line itself names."""
        return [link for link in self.by_line.get(line, []) if _is_subject(link.target)]

    def with_context(self, lines: Iterable[int]) -> list[Link]:
        """Every link in the order of the lines; these lines also linked by what is on the table."""
        tables = {said.number: one for one in self.discussions if one.target for said in one.lines}
        context = [
            Link(line, tables[line].target, "context", tables[line].shown_by)
            for line in dict.fromkeys(lines)
            if line in tables and not self.subjects(line)
        ]
        explicit = [link for links in self.by_line.values() for link in links]
        return sorted([*explicit, *context], key=lambda link: link.line)


def link(said: list[Said], entries: Sequence[Entry], glossary: Glossary) -> Linked:
    """What the lines of a meeting name, and what was on the table when."""
    topics = [entry for entry in entries if entry.kind == "topic" and entry.counted]
    found = [(line, find_references(line.text)) for line in said]
    references = {one.target: one for _, several in found for one in several}
    ours = glossary.with_proposals(_proposals(references.values()))
    spoken = [*(topic.text for topic in topics), *(line.text for line in said)]
    ours = ours.with_names_said(spoken)
    by_line: ByLine = {}
    for line, several in found:
        links = {link.target: link for link in reversed(list(_explicit(line, several, ours)))}
        if links:
            by_line[line.number] = list(links.values())[::-1]
    release = _first_release([*(topic.line for topic in topics), *by_line], by_line)
    discussions = list(_discussions(said, entries, by_line))
    return Linked(by_line, discussions, references, said, release)


def _first_release(lines: Iterable[int], by_line: ByLine) -> str:
    links = (link for line in lines for link in by_line.get(line, []))
    return next((link.target for link in links if link.target.startswith("release:")), "")


def needs_context(entry: Entry) -> bool:
    """Whether what was put on record says something of what is on the table."""
    return entry.kind in ABOUT_SOMETHING and not entry.undone


def said_in(minutes: Minutes) -> Iterator[Said]:
    """What people said in a meeting, in order; what a scribe wrote down is whose words it is."""
    chairs = frozenset(minutes.chairs)
    instants = minutes.dating.instants(minutes.raw)
    for (row, speaker, _), at in zip(minutes.in_context(), instants, strict=True):
        number, _, _, kind, text = row
        if kind in SPOKEN:
            yield Said(number, at, speaker, text, speaker in chairs)


def _proposals(references: Iterable[Reference]) -> Iterator[ProposalName]:
    for reference in references:
        if reference.kind == "proposal":
            yield ProposalName(reference.target, reference.key, reference.branch or "")


def _explicit(line: Said, references: Sequence[Reference], glossary: Glossary) -> Iterator[Link]:
    for reference in references:
        words = line.text[slice(*reference.span)]
        how = "url" if "://" in words else "number"
        target = reference.target
        if reference.kind == "milestone":  # Launchpad calls a release of a project so
            target = glossary.release_called(reference.key.rpartition("/")[2]) or target
        yield Link(line.number, target, how, words)
    for named in glossary.find(line.text):
        yield Link(line.number, named.target, named.how, line.text[slice(*named.span)])


def _is_subject(target: str) -> bool:
    return target.startswith(("proposal:", "exception:"))


def _discussions(
    said: list[Said], entries: Sequence[Entry], by_line: ByLine
) -> Iterator[Discussion]:
    """The meeting cut where another proposal comes on the table, or the topic changes."""
    recorded = {entry.line: entry for entry in entries if entry.kind != "link"}
    current = Discussion("", "")
    for line in said:
        entry = recorded.get(line.number)
        topic = entry if entry is not None and entry.kind == "topic" and entry.counted else None
        # A line that puts something on record says it of a proposal; it does not turn to one.
        turns = entry is None or topic is not None
        free = not current.by_chair
        put = _put_on_the_table(line, by_line, free=free) if turns else None
        if put is not None or topic is not None:
            lead = _lead_in(current) if topic is None else []
            yield current
            current = Discussion(
                target=put.target if put else "",
                topic=topic.text if topic else current.topic,
                shown_by=put.words if put else "",
                by_chair=put is not None and line.by_chair,
                lines=lead,
            )
        elif line.by_chair and current.target and _MOVES_ON.search(line.text):
            yield current
            current = Discussion("", current.topic)
        current.lines.append(line)
    yield current


def _put_on_the_table(line: Said, by_line: ByLine, *, free: bool) -> Link | None:
    """The one proposal or exception that a line turns to: a chair's, or anybody's while no chair
    has turned to one. A chair may turn to it by name in a topic; in talk it takes an address.
    """
    if not (line.by_chair or free):
        return None
    subjects = [link for link in by_line.get(line.number, []) if _is_subject(link.target)]
    if len({link.target for link in subjects}) != 1:
        return None
    in_topic = line.by_chair and line.text[1:].startswith(("topic", "subtopic"))
    return subjects[0] if in_topic or subjects[0].how == "url" else None


def _lead_in(before: Discussion) -> list[Said]:
    """The chair's words just before a proposal that announce it; they move to its discussion."""
    lead: list[Said] = []
    while before.lines and len(lead) < RIGHT_BEFORE:
        last = before.lines[-1]
        if not (last.by_chair and last.text.rstrip().endswith(":")):
            break
        lead.insert(0, before.lines.pop())
    return lead
