"""The list of exceptions of a Kubernetes release: a list, or a list under each freeze.

The real files are written by hand. What breaks one entry costs that entry alone, and is told by
its line.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from releases.schedules.documents import LONGEST, Node, read_yaml
from releases.schedules.plan import Unreadable

FREEZES = ("enhancement", "code", "docs")
KEYS = {"enhancementFreeze": "enhancement", "codeFreeze": "code", "docsFreeze": "docs"}
STATUSES = {
    "approved": "approved",
    "accepted": "approved",
    "denied": "denied",
    "rejected": "denied",
    "removed": "removed",
    "withdrawn": "removed",
    "reverted": "reverted",
    "": "",
}
_KEY = re.compile(r"^(enhancementFreeze|codeFreeze|docsFreeze)\s{0,4}:")
_HEADING = re.compile(
    r"^#.{0,40}\b(enhancements?|code|docs?) freeze.{0,20}\bexceptions?\b", re.IGNORECASE
)
_ENTRY = re.compile(r"^(\s{0,8})-\s")
_DATE = re.compile(r"^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line.

    `is_broken` where it is no YAML there, `is_lost` where an entry could not be read or entered.
    """

    line: int
    message: str
    is_lost: bool = False
    is_broken: bool = False

    @property
    def is_error(self) -> bool:
        return self.is_lost or self.is_broken


@dataclass(frozen=True, slots=True)
class Entry:
    """One exception as the list has it. `status` is approved, denied, removed, reverted or ""."""

    name: str
    issue: str
    requested_on: date
    reviewed_on: date | None
    thread: str
    pull_requests: tuple[str, ...]
    status: str
    freeze: str  # one of FREEZES
    line: int = 0


@dataclass(frozen=True, slots=True)
class ExceptionList:
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def read(text: str) -> ExceptionList:
    """Raises Unreadable only for what is no list of exceptions at all."""
    if len(text) > LONGEST:
        raise Unreadable(f"It is {len(text):,} characters long; a list fits in {LONGEST:,}.")
    text, problems = _without_invisible_lines(text)
    freezes = _freezes_by_line(text)
    entries = []
    for node in _nodes(text, problems):
        entry = _entry(node, freezes, problems)
        if entry is not None:
            entries.append(entry)
    if not entries and not problems and text.strip():
        raise Unreadable("It holds no entry that begins with “- name:”.")
    problems += _repeated(entries)
    return ExceptionList(tuple(entries), tuple(sorted(problems, key=lambda p: p.line)))


def _without_invisible_lines(text: str) -> tuple[str, list[Problem]]:
    """Lines of nothing but characters that cannot be seen, which YAML takes for words."""
    lines, problems = text.removeprefix("\ufeff").splitlines(), []
    for number, line in enumerate(lines, start=1):
        hidden = [c for c in line if unicodedata.category(c) == "Cf"]
        if hidden and not "".join(c for c in line if c not in hidden).strip():
            lines[number - 1] = ""
            problems.append(
                Problem(
                    number,
                    f"an invisible character (U+{ord(hidden[0]):04X}) stands alone in this line; it"
                    " was ignored.",
                    is_broken=True,
                )
            )
    return "\n".join(lines) + "\n", problems


def _freezes_by_line(text: str) -> list[tuple[int, str]]:
    """From which line on which freeze is meant: by key, or by the comment above."""
    found = [(0, "code")]
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _KEY.match(line):
            found.append((number, KEYS[match[1]]))
        elif match := _HEADING.match(line):
            word = match[1].lower()
            found.append((number, next(f for f in FREEZES if word.startswith(f[:3]))))
    return found


def _nodes(text: str, problems: list[Problem]) -> Iterator[Node]:
    """Each entry of the whole file; or, where that cannot be read, of each of its pieces."""
    try:
        root = read_yaml(text)
    except Unreadable:
        yield from _pieces(text, problems)
        return
    lists = [root] if root.kind == "list" else [root.get(key) for key in KEYS]
    for one in lists:
        yield from one.items


def _pieces(text: str, problems: list[Problem]) -> Iterator[Node]:
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if _ENTRY.match(line)]
    if not starts:
        raise Unreadable("It is no YAML, and no line in it begins an entry (“- name:”).")
    depth = min(len(_ENTRY.match(lines[i])[1]) for i in starts)  # type: ignore[index] # they match
    starts = [i for i in starts if len(_ENTRY.match(lines[i])[1]) == depth]  # type: ignore[index]
    starts = [i for i in starts if "name" in lines[i]] or starts
    for start, end in pairwise([*starts, len(lines)]):
        piece = [line for line in lines[start:end] if not _KEY.match(line)]
        try:
            root = read_yaml("\n" * start + "\n".join(piece) + "\n")
        except Unreadable as error:
            line = re.match(r"Line ([0-9]+): ", str(error))
            number = min(int(line[1]), end) if line else start + 1
            why = str(error).removeprefix(line[0] if line else "")
            problems.append(
                Problem(
                    number,
                    f"the entry that begins in line {start + 1} cannot be read: {why}",
                    is_lost=True,
                )
            )
            continue
        yield from root.items


def _entry(node: Node, freezes: list[tuple[int, str]], problems: list[Problem]) -> Entry | None:
    name = node.words("name")
    requested_on = _date(node, "date_requested", problems)
    if not name or requested_on is None:
        missing = "name" if not name else "date_requested"
        problems.append(Problem(node.line, f"an entry without {missing}.", is_lost=True))
        return None
    reviewed_on = _date(node, "date_reviewed", problems)
    if reviewed_on is not None and reviewed_on < requested_on:
        problems.append(
            Problem(
                node.get("date_reviewed").line,
                f"“{name}” was reviewed on {reviewed_on}, before it was requested on"
                f" {requested_on}; it is taken as undecided.",
            )
        )
        reviewed_on = None
    said = node.words("status").lower()
    if said not in STATUSES:
        line = node.get("status").line
        problems.append(Problem(line, f"“{said[:40]}” is no status; it is taken as undecided."))
    requests = node.get("pull_requests") if "pull_requests" in node.fields else None
    requests = requests or node.get("pull-requests")
    urls = [item.text.strip() for item in requests.items if item.text]
    urls += [requests.text.strip()] if requests.text else []
    return Entry(
        name=name,
        issue=node.words("issue").lstrip("#"),
        requested_on=requested_on,
        reviewed_on=reviewed_on,
        thread=node.words("thread"),
        pull_requests=tuple(dict.fromkeys(urls)),
        status=STATUSES.get(said, "") if reviewed_on is not None else "",
        freeze=next(freeze for line, freeze in reversed(freezes) if line <= node.line),
        line=node.line,
    )


def _date(node: Node, key: str, problems: list[Problem]) -> date | None:
    words = node.words(key)
    match = _DATE.match(words)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    if words and words.upper() not in {"TBD", "N/A"}:
        problems.append(Problem(node.get(key).line, f"{key}: “{words[:40]}” is no date."))
    return None


def _repeated(entries: Iterable[Entry]) -> list[Problem]:
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in entries:
        if entry.issue:
            lines[entry.issue, ""].append(entry.line)
    return [
        Problem(
            of_one[-1], f"issue {issue} is listed {len(of_one)} times, in lines {_and(of_one)}."
        )
        for (issue, _), of_one in lines.items()
        if len(of_one) > 1
    ]


def _and(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"


def write(entries: Iterable[Entry]) -> str:
    """The list under each freeze, which reads back as the same entries."""
    lines: list[str] = []
    listed = list(entries)
    for key, freeze in KEYS.items():
        of_freeze = [entry for entry in listed if entry.freeze == freeze]
        if of_freeze:
            lines += ["", f"{key}:", *(line for entry in of_freeze for line in _written(entry))]
    return "\n".join(lines).lstrip("\n") + "\n"


def _written(entry: Entry) -> list[str]:
    lines = [f"- name: {_quoted(entry.name)}"]
    if entry.issue:
        lines.append(f"  issue: {entry.issue if entry.issue.isdecimal() else _quoted(entry.issue)}")
    lines.append(f"  date_requested: {entry.requested_on.isoformat()}")
    if entry.reviewed_on:
        lines.append(f"  date_reviewed: {entry.reviewed_on.isoformat()}")
    if entry.thread:
        lines.append(f"  thread: {_quoted(entry.thread)}")
    if entry.pull_requests:
        lines += ["  pull_requests:", *(f"    - {_quoted(url)}" for url in entry.pull_requests)]
    if entry.status:
        lines.append(f"  status: {_quoted(entry.status)}")
    return [*lines, ""]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
