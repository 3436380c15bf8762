"""What the pages show of the code's own tables.

A page asks for one in a comment (`[[[cog tables.formats() ]]]`), and cog writes behind that comment
what is printed here: `make docs` does, and `make lint` says where a page is no longer what the code
has.
"""

import os
import sys
import tomllib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from governance.deadlines import Anchor, Reading, read_deadline  # noqa: E402 the path comes first
from governance.lifecycle import TRANSITIONS  # noqa: E402 the same
from meetings.logs import FORMATS, Format, Kind  # noqa: E402 the same

WORDS = ROOT / "tests" / "data" / "deadlines.toml"


def formats() -> None:
    """Every format of a log: its name, and what somebody says and does in it."""
    for known in sorted(FORMATS, key=lambda known: known.title.lower()):
        print(f"\n**{known.title}** (`{known.name}`). {_habits(known)}\n")
        print("```text")
        print("\n".join(line.rstrip() for line in _lines(known)))
        print("```")
    print()


def count_of_formats() -> None:
    print(f"Thaw reads {len(FORMATS)} formats of log and finds out which one it has.")


def _habits(known: Format) -> str:
    told = []
    if known.dated:
        told.append("Its lines tell their day.")
    if known.whole:
        told.append("Without a start command the log is one meeting.")
    if known.page:
        told.append("Lines are counted from the first of the log, as the page's own anchors are.")
    return " ".join(told)


def _lines(known: Format) -> list[str]:
    """A line of speech and one of each other kind that people make; of JSON, a small log."""
    if known.sample:
        return known.sample.splitlines()
    first = {one.kind: one.example for one in reversed(known.shapes)}
    return [first[kind] for kind in (Kind.SPEECH, Kind.ACTION, Kind.RENAME) if kind in first]


def deadlines(*, read: bool, sure: bool = False) -> None:
    """The notations of the tests' table: those that are `read`, surely or not, or refused.

    Notations said at one instant that come to the same share a row.
    """
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    milestones = [Anchor(**milestone) for milestone in table["milestone"]]
    rows: dict[tuple[str, str], list[str]] = {}
    for row in table["notation"]:
        reading = read_deadline(
            row["words"],
            said_at=row["said_at"],
            zone=ZoneInfo(row["zone"]) if "zone" in row else None,
            milestones=milestones,
            next_meeting=row.get("next_meeting"),
        )
        if (reading.at is not None, reading.sure == "sure") == (read, sure):
            said = f"{row['said_at']:%a %-d %b %Y %H:%M}"
            rows.setdefault((said, _becomes(reading)), []).append(f"“{row['words']}”")
    print("\n| words | said | read as |\n|---|---|---|")
    for (said, becomes), words in rows.items():
        print(f"| {', '.join(words)} | {said} | {becomes} |")
    print()


def _becomes(reading: Reading) -> str:
    told = " ".join(reading.warnings)
    if reading.at is None:
        return f"{told} It could be {reading.spread_words}." if reading.spread_words else told
    instant = f"**{reading.at:%a %-d %b %Y %H:%M} UTC**"
    if reading.bound_to is not None:
        return f"{instant}, and moves with that milestone"
    zone = "" if reading.zone in {None, "UTC"} else reading.zone
    if reading.zone_source == "release":
        zone = f"{zone}, the zone of the release".removeprefix(", ")
    return f"{instant}{f' ({zone})' if zone else ''} {told}".strip()


def transitions() -> None:
    """What can be decided, from where to where; steps of a verb to one end share a row."""
    print("\n| verb | from | to |\n|---|---|---|")
    for verb, steps in TRANSITIONS.items():
        ends: dict[str, list[str]] = {}
        for before, after in steps.items():
            ends.setdefault("as it was" if before == after else after.label, []).append(
                before.label
            )
        for after, before in ends.items():
            print(f"| {verb.words} | {' or '.join(before)} | {after} |")
    print()


def operations() -> None:
    """The operations of the API by what they are about; verbs of a record share a line."""
    print("\n| about | operations | is |\n|---|---|---|")
    for name, several in groupby(_operations(), key=lambda operation: operation[0]):
        rows = list(several)
        addresses = "<br>".join(_addresses(rows))
        print(f"| {name} | {addresses} | {rows[0][3].split('. ')[0].rstrip('.')} |")
    print()


def _operations() -> Iterable[tuple[str, str, str, str]]:
    """What each is about, its method, its address below /api/v1/, and what it does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")
    import django  # noqa: PLC0415 only this table needs it

    django.setup()
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415 the same

    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            address = path.removeprefix("/api/v1/")
            yield operation["tags"][0], method.upper(), address, operation["description"]


def _addresses(rows: list[tuple[str, str, str, str]]) -> Iterable[str]:
    """Each address once with its methods; those that differ in their last word alone, as one."""
    by_parent: dict[str, list[tuple[str, list[str]]]] = {}
    for address, several in groupby(rows, key=lambda row: row[2]):
        parent, _, word = address.rstrip("/").rpartition("/")
        methods = [method for _, method, _, _ in several]
        is_verb = methods == ["POST"] and parent.endswith("}")
        by_parent.setdefault(parent if is_verb else address, []).append((word, methods))
    for parent, found in by_parent.items():
        if parent.endswith("}"):
            words = " ".join(f"`{word}`" for word, _ in found)
            yield f"POST `{parent}/…/`: {words}"
        else:
            yield f"{', '.join(found[0][1])} `{parent}`"
