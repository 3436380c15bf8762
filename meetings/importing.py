"""A log file in, meetings stored. Importing the same log again changes nothing and says so."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import IO, Any

from django.db import IntegrityError, transaction

from meetings.bulk import insert_rows, stored
from meetings.logs import (
    DateHints,
    Format,
    NotALog,
    Reading,
    Unread,
    in_its_circumstances,
    sniff_file,
)
from meetings.logs.sniffing import HEAD
from meetings.minutes import SPOKEN, Minutes, Secretary
from meetings.models import Item, LogLine, Meeting, Source
from meetings.profiles import CLASSIC, PROFILES
from releases.references import Reference, find_references

BATCH = 50  # meetings stored by one round of queries
LONGEST_TITLE = 255
COPIED_OF_ITEM = "line nick kind text topic url by_chair counted undone".split()
ITEM_COLUMNS = ["meeting_id", "at", "assignees", *COPIED_OF_ITEM]
LINE_COLUMNS = ["meeting_id", "number", "at", "nick", "kind", "text"]

_CHANNEL_IN_NAME = re.compile(r"#?([^/]{1,100}?)[._-]{1,2}(?=\d{4}-?\d\d-?\d\d)")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9._-]{1,1000}")

Row = tuple[Any, ...]


class UnreadableLog(ValueError):
    """A file that cannot be read as a log; the message says why, fit for a person."""


@dataclass(frozen=True)
class Found:
    """A reference to a record outside, and the line that holds it."""

    line: int
    reference: Reference
    words: str


@dataclass(frozen=True)
class ImportedMeeting:
    """What an import made of one meeting; `created` is false where it was already there."""

    slug: str
    title: str
    channel: str
    created: bool
    minutes: Minutes
    lines: int
    found: list[Found]


@dataclass(frozen=True)
class ImportedLog:
    """What an import made of one file, and what it could not take, by line."""

    name: str
    format: Format
    why: str  # this format
    meetings: list[ImportedMeeting] = field(default_factory=list)
    left_out: list[Unread] = field(default_factory=list)
    undated: list[Unread] = field(default_factory=list)


def import_log(
    stream: IO[bytes],
    *,
    name: str,
    at: datetime,
    hints: DateHints,
    format: Format | None = None,  # noqa: A002 the word of the trade
    channel: str = "",
    whole: bool = False,
    dry_run: bool = False,
) -> ImportedLog:
    """Store every meeting of a log, in one transaction; only read it if `dry_run`.

    A log in which nobody begins a meeting is one as a `whole`, if so told or if its format is
    one of which people keep a file a meeting.

    `stream` is seekable. Raises UnreadableLog when no format fits; a meeting without a date is
    reported in `undated` and costs the others nothing.
    """
    head = stream.read(HEAD)
    sha256, size = _fingerprint(stream)
    if not size:
        raise UnreadableLog("The file is empty.")
    found_format, why = _format_of(stream, head, named=format)
    log = ImportedLog(name, found_format, why)

    stream.seek(0)
    reading = Reading(stream, format=found_format, zone=hints.zone)
    secretary = Secretary(
        hints=hints,
        profile=PROFILES.get(found_format.profile, CLASSIC),
        calendar=reading.calendar,
        whole=whole or found_format.whole,
    )
    channel = channel.lstrip("#") or channel_in_name(name)
    numbered = _digested(secretary.minutes(reading))
    source = Source(
        sha256=sha256, name=name[-255:], size=size, format=found_format.name, imported_at=at
    )
    with transaction.atomic():
        while batch := list(islice(numbered, BATCH)):
            log.meetings.extend(_store(batch, source=source, channel=channel, dry_run=dry_run))
    log.left_out.extend(sorted([*reading.unread, *secretary.left_out]))
    log.undated.extend(secretary.undated)
    return log


def _format_of(stream: IO[bytes], head: bytes, *, named: Format | None) -> tuple[Format, str]:
    """The format of a log, and why this one. Raises UnreadableLog."""
    if named is not None:
        return in_its_circumstances(named, head), "named by the caller"
    try:
        stream.seek(0)
        sniffed = sniff_file(stream)
    except NotALog as not_a_log:
        raise UnreadableLog(str(not_a_log)) from not_a_log
    return sniffed.format, sniffed.why


def channel_in_name(name: str) -> str:
    """`openstack-meeting` out of `openstack-meeting.2011-03-29-21.00.log.txt`, or nothing."""
    match = _CHANNEL_IN_NAME.match(name.rsplit("/", 1)[-1])
    return match[1] if match else ""


def _fingerprint(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size in bytes of the whole stream."""
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type] # any binary reader
    return digest.hexdigest(), stream.seek(0, os.SEEK_END)


def _digested(minutes: Iterable[Minutes]) -> Iterator[tuple[str, Minutes]]:
    """Each meeting with what identifies it: its start, its words, and which copy it is."""
    seen: Counter[str] = Counter()
    for meeting in minutes:
        said = "\x1e".join([f"{row[2]}\x1f{row[4]}" for row in meeting.raw if row[3] in SPOKEN])
        words = f"{meeting.started_at.isoformat()}\x1e{said}"
        digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
        seen[digest] += 1
        if seen[digest] > 1:
            digest = hashlib.sha256(f"{digest} {seen[digest]}".encode()).hexdigest()
        yield digest, meeting


def _store(
    batch: list[tuple[str, Minutes]], *, source: Source, channel: str, dry_run: bool
) -> Iterator[ImportedMeeting]:
    """Store what is new of these meetings, by a number of queries that they do not change."""
    there = _already_there(batch)
    fresh = {digest: minutes for digest, minutes in batch if digest not in there}
    slugs = _free_slugs(fresh, channel)
    if fresh and not dry_run:
        try:
            with transaction.atomic():
                _insert(fresh, slugs=slugs, source=source, channel=channel)
        except IntegrityError:
            # Another import brought some of them meanwhile, and is through now.
            there = _already_there(batch)
            fresh = {digest: minutes for digest, minutes in batch if digest not in there}
            slugs = _free_slugs(fresh, channel)
            _insert(fresh, slugs=slugs, source=source, channel=channel)
    for digest, minutes in batch:
        yield ImportedMeeting(
            slug=there.get(digest) or slugs[digest],
            title=_title(minutes, channel),
            channel=channel,
            created=digest not in there,
            minutes=replace(minutes, raw=[]),
            lines=len(minutes.raw),
            found=_found(minutes),
        )


def _already_there(batch: list[tuple[str, Minutes]]) -> dict[str, str]:
    """The slugs of those that are stored, by digest."""
    digests = [digest for digest, _ in batch]
    return dict(Meeting.objects.filter(digest__in=digests).values_list("digest", "slug"))


def _free_slugs(fresh: dict[str, Minutes], channel: str) -> dict[str, str]:
    """A slug for each that nobody has, by digest."""
    wanted = {digest: _slug(minutes, channel) for digest, minutes in fresh.items()}
    taken = set(Meeting.objects.filter(slug__in=wanted.values()).values_list("slug", flat=True))
    slugs = {}
    for digest, slug in wanted.items():
        slugs[digest] = f"{slug}-{digest[:8]}" if slug in taken else slug
        taken.add(slugs[digest])
    return slugs


def _insert(
    fresh: dict[str, Minutes], *, slugs: dict[str, str], source: Source, channel: str
) -> None:
    kept, _ = Source.objects.get_or_create(
        sha256=source.sha256,
        defaults={
            "name": source.name,
            "size": source.size,
            "format": source.format,
            "imported_at": source.imported_at,
        },
    )
    meetings = {
        digest: Meeting(
            slug=slugs[digest],
            title=_title(minutes, channel),
            channel=channel[:120],
            started_at=minutes.started_at,
            ended_at=minutes.ended_at,
            chairs=list(minutes.chairs),
            people=minutes.people,
            bots=list(minutes.bots),
            line_count=len(minutes.raw),
            profile=minutes.profile,
            dated_by=minutes.dating.source,
            warnings=list(minutes.warnings),
            digest=digest,
            source=kept,
        )
        for digest, minutes in fresh.items()
    }
    Meeting.objects.bulk_create(meetings.values())
    insert_rows(Item, ITEM_COLUMNS, _item_rows(meetings, fresh))
    insert_rows(LogLine, LINE_COLUMNS, _line_rows(meetings, fresh))


def _slug(minutes: Minutes, channel: str) -> str:
    name = _NOT_IN_SLUG.sub("-", (channel or minutes.title).lower()).strip("-.") or "meeting"
    return f"{name[:80]}.{minutes.started_at:%Y-%m-%d-%H.%M}"


def _title(minutes: Minutes, channel: str) -> str:
    title = minutes.title or (f"#{channel}" if channel else "Meeting")
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _line_rows(meetings: dict[str, Meeting], fresh: dict[str, Minutes]) -> Iterator[Row]:
    for digest, meeting in meetings.items():
        key, minutes = meeting.pk, fresh[digest]
        instants = stored(minutes.dating.instants(minutes.raw))
        for (number, _, nick, kind, text), at in zip(minutes.raw, instants, strict=True):
            yield key, number, at, nick, kind, text


def _item_rows(meetings: dict[str, Meeting], fresh: dict[str, Minutes]) -> Iterator[Row]:
    for digest, meeting in meetings.items():
        items = fresh[digest].items
        for item, at in zip(items, stored(item.at for item in items), strict=True):
            assignees = json.dumps(item.assignees)
            yield meeting.pk, at, assignees, *(getattr(item, name) for name in COPIED_OF_ITEM)


def _found(minutes: Minutes) -> list[Found]:
    """Every reference in what people said, in the order of the lines."""
    return [
        Found(number, reference, text[slice(*reference.span)])
        for number, _, _, kind, text in minutes.raw
        if kind in SPOKEN
        for reference in find_references(text)
    ]
