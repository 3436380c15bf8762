"""Element's export of a room as JSON. An edit is an event: what was said first stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, Message

_KINDS = {"m.text": Kind.SPEECH, "m.notice": Kind.SPEECH, "m.emote": Kind.ACTION}


def messages(event: dict[str, Any]) -> Iterator[Message]:
    at = datetime.fromtimestamp(event["origin_server_ts"] / 1000, tz=UTC)
    nick, content = event["sender"], event["content"]
    if "m.new_content" in content:
        yield at, nick, Kind.EVENT, f"edited: {content['m.new_content'].get('body', '')}"
    elif event["type"] != "m.room.message":
        said = next(filter(None, map(content.get, ("membership", "topic", "name"))), "")
        yield at, nick, Kind.EVENT, f"{event['type']} {said}".rstrip()
    elif not content:
        yield at, nick, Kind.EVENT, "removed what was said here"
    else:
        kind = _KINDS.get(content.get("msgtype", ""), Kind.EVENT)
        for line in content["body"].split("\n"):
            yield at, nick, kind, line


FORMAT = Format(
    name="element",
    title="Element's JSON export",
    clock=iso_instants,
    preference=1,
    profile="matrix",
    dated=True,
    whole=True,
    messages=messages,
    sample='{"room_name": "Weekly", "messages": [{"type": "m.room.message", "sender": "@ada:example'
    '.org", "origin_server_ts": 1454693150375, "event_id": "$1", "content": {"msgtype": "m.text",'
    ' "body": "hello"}}]}',
    marker='"origin_server_ts"',
)
