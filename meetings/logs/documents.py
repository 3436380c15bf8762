"""Logs that are one JSON object with a list of messages."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from meetings.logs.decoding import CUT, LONGEST_LINE, VISIBLE
from meetings.logs.lines import FIRST_YEAR, Kind, RawLine, Unread, plausible
from meetings.logs.shapes import Message

LARGEST = 64 << 20  # bytes; it has to be in memory as a whole
LONGEST_NICK = 260  # characters, as many as are stored; in a log of lines the shapes see to it
NOT_READ = (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError)

Messages = Callable[[Any], Iterator[Message]]


def read_document(stream: IO[bytes], messages: Messages) -> tuple[list[RawLine], int, list[Unread]]:
    """The lines of each message, counted from 1, how many there are, and what was not read."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return [], 0, [Unread(1, f"more than {LARGEST >> 20} MB of JSON; nothing of it is read")]
    try:
        entries = json.loads(data)["messages"]
    except (*NOT_READ, RecursionError) as broken:
        return [], 0, [Unread(1, f"no JSON with a list of messages: {broken}")]
    if not isinstance(entries, list):
        return [], 0, [Unread(1, "no JSON with a list of messages")]
    rows: list[RawLine] = []
    unread: list[Unread] = []
    at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    for entry in entries:
        try:
            read = [
                (when, _shown(nick), kind, _shown(text))
                for when, nick, kind, text in messages(entry)
            ]
            if not all(plausible(when) for when, *_ in read):
                raise ValueError("no year of chat logs")
        except NOT_READ:
            read = [(at, "", Kind.UNREAD, _shown(json.dumps(entry, ensure_ascii=False)))]
        for at, nick, kind, text in read:  # an entry that is not read has the instant before it
            rows.append((len(rows) + 1, at, nick[:LONGEST_NICK], kind.value, text[:LONGEST_LINE]))
            if len(text) > LONGEST_LINE:
                unread.append(Unread(len(rows), CUT))
    return rows, len(rows), unread


def _shown(text: str) -> str:
    """Without what a database refuses."""
    return text.translate(VISIBLE).encode("utf-8", "replace").decode()
