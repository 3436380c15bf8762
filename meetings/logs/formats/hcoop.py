"""The raw log that hcoop's bot keeps beside its minutes, as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, Message


def messages(message: dict[str, Any]) -> Iterator[Message]:
    at = datetime.fromisoformat(message["timestamp"])
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    kind = Kind.ACTION if message.get("action") else Kind.SPEECH
    for line in message["payload"].split("\n"):
        yield at, message["sender"], kind, line


FORMAT = Format(
    name="hcoop",
    title="hcoop's raw log",
    clock=iso_instants,
    preference=2,
    profile="hcoop",
    dated=True,
    whole=True,
    messages=messages,
    sample='{"messages": [{"id": "1", "sender": "ada", "payload": "hello", "action": false,'
    ' "timestamp": "2026-01-05T09:00:00+00:00"}], "events": []}',
    marker='"payload"',
)
