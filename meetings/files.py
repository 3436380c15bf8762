"""Files on record: known again without being read as logs, and kept as they came."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import IO

from django.db.models import CharField, Prefetch, QuerySet

from governance import deadlines
from meetings.logs import DateHints, Format
from meetings.models import Item, Meeting, Source
from releases import references
from releases.prepared import prepared

READERS = [
    *(path for path in Path(__file__).parent.rglob("*.py") if "migrations" not in path.parts),
    *Path(deadlines.__file__).parent.glob("*.py"),
    Path(references.__file__),
]


def already_imported(
    stream: IO[bytes],
    *,
    hints: DateHints,
    format: Format | None = None,  # noqa: A002 the word of the trade
    channel: str = "",
    whole: bool = False,
) -> list[Meeting]:
    """The meetings of a file all of which is stored, without reading it as a log; or none.

    It counts only where the same readers would read it for the same caller. Each comes with its
    items, of which only the kind is loaded.
    """
    sha256, _ = fingerprint(stream)
    read_as = way_of_reading(hints=hints, format=format, channel=channel, whole=whole)
    sources = _held(sha256=sha256, read_as=read_as)
    if not sources:
        return []
    (holds,) = sources
    kinds = Item.objects.only("meeting_id", "kind").order_by("line", "pk")
    meetings = Meeting.objects.prefetch_related(Prefetch("items", kinds)).in_bulk(holds)
    if len(meetings) < len(holds):
        return []
    return [meetings[key] for key in holds]


@prepared(sha256=CharField(), read_as=CharField())
def _held(*, sha256: str, read_as: str) -> QuerySet[Source, list[int]]:
    """The keys of the meetings of a file that was read so; of none or of one file."""
    return Source.objects.filter(sha256=sha256, read_as=read_as).values_list("holds", flat=True)


def way_of_reading(*, hints: DateHints, format: Format | None, channel: str, whole: bool) -> str:  # noqa: A002 as above
    """What stands for everything, beside its bytes, that decides how a file is read."""
    said = [_readers(), hints.name, hints.day, hints.zone, format and format.name, channel, whole]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


@cache
def _readers() -> str:
    """What stands for the readers as they are: with better ones, a file is worth reading again."""
    code = b"".join(path.read_bytes() for path in sorted(READERS))
    return hashlib.sha256(code).hexdigest()


def complete(
    source: Source, *, holds: list[int | None], read_as: str, stream: IO[bytes] | None
) -> None:
    """Put on record that all of a file is stored, and keep its bytes; once.

    A file that brought nothing new, because another had all of it, has no record of its own.
    """
    kept = source if source.pk else next(iter(_recorded(sha256=source.sha256)), None)
    if kept is None or (kept.read_as == read_as and (kept.kept or stream is None)):
        return
    if not kept.kept and stream is not None:
        stream.seek(0)
        kept.keep(stream)
    Source.objects.filter(pk=kept.pk).update(kept=kept.kept, read_as=read_as, holds=holds)


def record(source: Source) -> None:
    """Put a file on record, whoever else brings the same meanwhile."""
    if not source.pk:  # with half the statements of get_or_create
        Source.objects.bulk_create([source], ignore_conflicts=True)
        (there,) = _recorded(sha256=source.sha256)
        source.pk, source.kept, source.read_as = there.pk, there.kept, there.read_as


@prepared(sha256=CharField())
def _recorded(*, sha256: str) -> QuerySet[Source, Source]:
    """The record of these bytes, whoever brought them, for this transaction alone; or none."""
    sources = Source.objects.filter(sha256=sha256).select_for_update()
    return sources.only("sha256", "kept", "read_as")


def fingerprint(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size in bytes of the whole stream."""
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type] # any binary reader
    return digest.hexdigest(), stream.seek(0, os.SEEK_END)
