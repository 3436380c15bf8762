"""What must hold for documents of others: published schedules, answers of forges, their events."""

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from releases import hooks, schedules
from releases.forges import READERS
from releases.models import ProposalState
from releases.references import Reference
from releases.schedules import kubernetes_exceptions

NAUGHTY = st.sampled_from([
    "", "0", "-1", "İ", "ß", "\0", "\ud800", "\u202e", "x" * 3000, "9" * 40, "2011-02-30",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59", "24:00", "TBD", "https://[", "javascript:alert(1)", "R-5", "N/A",
    "2014-05-05 07:15:44.639000000", "opened", "merged", "NEW", "Approve", "| a | b |", "- x",
])  # fmt: skip
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), NAUGHTY
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def spoilt(document: Any) -> st.SearchStrategy[Any]:
    """The document with some of its parts replaced by anything, left out, or said twice."""
    places = list(_places(document))
    changes = st.lists(
        st.tuples(st.sampled_from(places), st.sampled_from(["put", "leave", "double"]), values),
        max_size=4,
    )
    return changes.map(lambda chosen: _changed(document, chosen))


def _places(document: Any, before: tuple[Any, ...] = ()) -> Any:
    keys: Any = []
    if isinstance(document, dict):
        keys = document
    elif isinstance(document, list):
        keys = range(len(document))
    for key in keys:
        yield (*before, key)
        yield from _places(document[key], (*before, key))


def _changed(document: Any, changes: list[tuple[tuple[Any, ...], str, Any]]) -> Any:
    made = deepcopy(document)
    for place, way, value in changes:
        *way_there, last = place
        inner = made
        with suppress(KeyError, IndexError, TypeError):  # what led there is gone already
            for key in way_there:
                inner = inner[key]
            if way == "put":
                inner[last] = value
            elif way == "leave":
                del inner[last]
            elif isinstance(inner, list):
                inner.append(deepcopy(inner[last]))
    return made


def as_bytes(document: Any) -> bytes:
    """As it is sent."""
    return json.dumps(document).encode()


def shuffled(texts: list[str]) -> st.SearchStrategy[str]:
    """Lines of published schedules in any order, some of them cut or with something in them."""
    lines = sorted({line for text in texts for line in text.splitlines()})
    some = st.one_of(
        st.sampled_from(lines),
        st.sampled_from(lines),
        st.builds(
            lambda line, at, words: (
                line[: at % (len(line) + 1)] + words + line[at % (len(line) + 1) :]
            ),
            st.sampled_from(lines),
            st.integers(0, 200),
            st.one_of(NAUGHTY, st.text(max_size=6)),
        ),
    )
    starts = st.sampled_from(texts).map(lambda text: text.splitlines()[:12])
    return st.builds(
        lambda start, rest: "\n".join([*start, *rest]), starts, st.lists(some, max_size=20)
    )


SCHEDULE = (
    "| What | When |\n| --- | --- |\n| Code Freeze | Tuesday 25th March 2025 |\n"  # in our words
)
kinds = st.sampled_from([*schedules.KINDS, "kubernetes-yaml", "", "exceptions"])


def check_schedule(text: str, kind: str) -> None:
    """Read, or refused in words."""
    with suppress(schedules.Unreadable):
        if kind == "exceptions":
            kubernetes_exceptions.read(text)
        else:
            schedules.read(text, kind="kubernetes" if kind == "kubernetes-yaml" else kind)


# What `Session.fetch` takes for a document of another shape.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


def check_answer(
    reference: Reference, documents: list[Any], store: Callable[[Reference, Any], None]
) -> None:
    """No snapshot, or one that can be stored."""
    try:
        snapshot = READERS[reference.forge].snapshot(reference, *documents)
    except UNREADABLE:
        return
    assert snapshot.state in ProposalState.values
    store(reference, snapshot)


def check_event(forge: str, body: bytes) -> None:
    """An event in plain values, none, or refused in words."""
    at = datetime(2011, 3, 30, 9, tzinfo=UTC)
    hooks.is_signed(forge, {}, body, secret="x", at=at)
    with suppress(hooks.Unreadable):
        hooks.host_of(forge, body)
    with suppress(hooks.Unreadable):
        event = hooks.read(forge, body)
        assert event is None or (
            event.state in ProposalState.values and event.at.tzinfo is not None
        )
