"""YAML as a tree of plain strings with line numbers: nothing is built, nothing is expanded.

Numbers stay as they were written (1.30 is not 1.3). Aliases and tags make nothing here, so no
document can make more of itself than its own size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from releases.schedules.plan import Unreadable

LONGEST = 1 << 20  # characters
DEEPEST = 20


@dataclass(slots=True)
class Node:
    """A scalar (`text`), a list (`items`) or a mapping (`fields`), and the line it begins in."""

    line: int
    text: str | None = None
    items: list["Node"] = field(default_factory=list)
    fields: dict[str, "Node"] = field(default_factory=dict)
    kind: str = "scalar"

    def get(self, key: str) -> "Node":
        return self.fields.get(key, Node(self.line, ""))

    def words(self, key: str) -> str:
        """The text of a field, on one line; nothing where it has none or holds more than text."""
        return " ".join((self.get(key).text or "").split())


def read_yaml(text: str) -> Node:
    """Raises Unreadable with the line of what is wrong."""
    if len(text) > LONGEST:
        raise Unreadable(f"It is {len(text):,} characters long; a schedule fits in {LONGEST:,}.")
    try:
        return _tree(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Unreadable(f"Line {line}: {error.problem or error.context}.") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(f"Line {line}: {error.reason} (U+{error.character:04X}).") from None


def _tree(events: Iterator[yaml.Event]) -> Node:
    """Built without recursion; only the first document counts."""
    root = Node(1, "")
    open_: list[tuple[Node, list[Node]]] = []  # what is being filled, and what came so far
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(f"Line {line}: an alias (*{event.anchor}); write it out.")
        if isinstance(event, yaml.DocumentEndEvent):
            break
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(open_) == DEEPEST:
                raise Unreadable(f"Line {line}: nested deeper than {DEEPEST} levels.")
            kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "list"
            open_.append((Node(line, kind=kind), []))
            continue
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            node, children = open_.pop()
            _fill(node, children)
        elif isinstance(event, yaml.ScalarEvent):
            node = Node(line, event.value)
        else:
            continue
        if open_:
            open_[-1][1].append(node)
        else:
            root = node
    return root


def _fill(node: Node, children: list[Node]) -> None:
    if node.kind == "list":
        node.items = children
        return
    for key, value in zip(children[::2], children[1::2], strict=True):
        name = key.text if key.text is not None else ""
        if name in node.fields:
            raise Unreadable(f"Line {key.line}: “{name[:40]}” is given twice.")
        node.fields[name] = value
