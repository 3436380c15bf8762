"""Reads minutes as MeetBot publishes them, its own or ours: text or HTML."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

_BULLET = re.compile(r"( *)\* (.*)")
_PERSON = re.compile(r"(.+) \((\d+)\)$")


class Point(NamedTuple):
    """A point of a list: how deep it lies, its words, and the line of the log that it leads to."""

    depth: int
    words: str
    line: int = 0


class Page(NamedTuple):
    heading: str
    summary: list[Point]
    actions: list[str]
    by_person: dict[str, list[str]]
    people: dict[str, int]


def read_text(text: str) -> Page:
    heading, title, points = text.split("\n")[1], "", {}
    lines = text.split("\n")[3:]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line and set(below) == {"-"}:
            title = line.lower()
            points[title] = []
        elif match := _BULLET.match(line):
            points[title].append(Point(len(match[1]) // 2, match[2]))
        elif line.startswith("  ") and points.get(title):
            last = points[title].pop()
            points[title].append(Point(last.depth, f"{last.words} {line.strip()}"))
    return _page(heading, points)


class _Html(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts = {"h1": "", "h3": ""}
        self.points = {}
        self._open, self._heading = [], ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag in self.texts:
            self.texts[tag], self._heading = "", tag
        elif tag == "li":
            self._open.append(Point(sum(one is not None for one in self._open), ""))
            self._place().append(self._open[-1])
        elif tag == "a" and "#l-" in found.get("href", "") and self._open:
            self._change(line=int(found["href"].rpartition("-")[2]))

    def handle_endtag(self, tag):
        if tag in self.texts:
            self._heading = ""
        elif tag == "li":
            self._open.pop()

    def handle_data(self, data):
        if self._heading:
            self.texts[self._heading] += data
        elif self._open:
            self._change(words=self._open[-1].words + data)

    def _place(self):
        return self.points.setdefault(self.texts["h3"].lower(), [])

    def _change(self, **fields):
        place = self._place()
        index = max(i for i, point in enumerate(place) if point is self._open[-1])
        self._open[-1] = place[index] = self._open[-1]._replace(**fields)


def read_html(html: str) -> Page:
    parser = _Html()
    parser.feed(html)
    return _page(parser.texts["h1"], parser.points)


def _page(heading, points):
    plain = {
        title: [point._replace(words=" ".join(point.words.split())) for point in found]
        for title, found in points.items()
    }
    by_person = {}
    for depth, words, _ in plain.get("action items, by person", []):
        if depth == 0:
            of_one = by_person.setdefault(words.strip("*"), [])
        elif words != "(none)":
            of_one.append(words)
    people = (_PERSON.match(words) for _, words, _ in plain["people present (lines said)"])
    return Page(
        " ".join(heading.split()),
        plain.get("meeting summary", []),
        [words for _, words, _ in plain.get("action items", [])],
        {nick: found for nick, found in by_person.items() if found},
        {match[1]: int(match[2]) for match in people},
    )
