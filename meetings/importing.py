"""A log file in, meetings stored. Importing the same log again changes nothing and says so."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from meetings import files
from meetings.bulk import insert_rows, stored
from meetings.harmless import harmless, one_word
from meetings.linting import Lint, lint_meeting
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
from meetings.models.transcript import UNNAMED
from meetings.profiles import CLASSIC, PROFILES
from meetings.understanding import Understood, keep, nicks_by_alias, understand
from meetings.wording import put_in_index

BATCH = 50  # meetings stored by one round of queries
LONGEST_TITLE = 255
COPIED_OF_ITEM = "line nick kind text topic url by_chair counted undone carried".split()
ITEM_COLUMNS = ["meeting_id", "at", "assignees", "mentioned", *COPIED_OF_ITEM]
LINE_COLUMNS = ["meeting_id", "number", "at", "nick", "kind", "text"]

_CHANNEL_IN_NAME = re.compile(r"#?([^/]{1,100}?)[._-]{1,2}(?=\d{4}-?\d\d-?\d\d)")
_ENDINGS = re.compile(r"(?:\.(?:log|txt|text|html?|json|md|weechatlog)){1,3}$", re.IGNORECASE)
_DAYS = re.compile(r"[\W_]{0,3}\d{4}-?\d\d-?\d\d[-\d.T:]{0,20}")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9._-]{1,1000}")

Row = tuple[Any, ...]


class UnreadableLog(ValueError):
    """A file that cannot be read as a log; the message says why, fit for a person."""


@dataclass(frozen=True)
class ImportedMeeting:
    """What an import made of one meeting; `created` is false where it was already there.

    `key` is that of the Meeting stored; None in a dry run of a new one.
    """

    key: int | None
    slug: str
    title: str
    channel: str
    created: bool
    minutes: Minutes
    lines: int
    about: Understood
    lint: list[Lint]  # of a dry run

    @property
    def summary(self) -> "Summary":
        minutes = self.minutes
        return Summary(
            title=self.title,
            started_at=minutes.started_at,
            lines=self.lines,
            people=len(minutes.people),
            kinds=Counter(item.kind for item in minutes.items),
            warnings=minutes.warnings,
        )


@dataclass(frozen=True)
class Summary:
    """A meeting in a sentence: how many lines and people, and how many items of each kind."""

    title: str
    started_at: datetime
    lines: int
    people: int
    kinds: dict[str, int]
    warnings: tuple[str, ...]


def summary_of_stored(meeting: Meeting) -> Summary:
    """The same of a meeting out of the database."""
    return Summary(
        title=meeting.title,
        started_at=meeting.started_at,
        lines=meeting.line_count,
        people=len(meeting.people),
        kinds=Counter(item.kind for item in meeting.items.all()),
        warnings=tuple(meeting.warnings),
    )


@dataclass(frozen=True)
class ImportedLog:
    """What an import made of one file, and what it could not take, by line."""

    name: str
    format: Format
    why: str  # this format
    lines: int = 0  # read, of the log or its messages
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
    stream.seek(0)
    head = stream.read(HEAD)
    sha256, size = files.fingerprint(stream)
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
        aliases=nicks_by_alias(),
    )
    read_as = files.way_of_reading(hints=hints, format=format, channel=channel, whole=whole)
    channel = channel.lstrip("#") or channel_in_name(name)
    numbered = _digested(secretary.minutes(reading))
    source = Source(
        sha256=sha256, name=name[-255:], size=size, format=found_format.name, imported_at=at
    )
    too_large = size > settings.SOURCE_BYTES_KEPT
    with transaction.atomic():
        while batch := list(islice(numbered, BATCH)):
            log.meetings.extend(_store(batch, source=source, channel=channel, dry_run=dry_run))
        if log.meetings and not dry_run:
            files.complete(
                source,
                holds=[meeting.key for meeting in log.meetings],
                read_as="" if secretary.undated else read_as,
                stream=None if too_large else stream,
            )
    sizes = [Unread(1, _too_large(size))] if too_large and log.meetings else []
    log.left_out.extend(sorted([*sizes, *reading.unread, *secretary.left_out]))
    log.undated.extend(secretary.undated)
    return replace(log, lines=reading.lines)


def _too_large(size: int) -> str:
    return (
        f"the file's {size:,} bytes are more than the {settings.SOURCE_BYTES_KEPT:,} that are kept"
        " as they came (SOURCE_BYTES_KEPT): its lines are stored, its bytes are not"
    )


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


def called_by_file(name: str) -> str:
    """`dill` out of `dill.weechatlog`; out of `#dill/2011-03-29.log` what its folder is called."""
    for part in reversed(name.split("/")[-2:]):
        called = _DAYS.sub("", _ENDINGS.sub("", part)).strip(" ._-")
        if called:
            return called
    return ""


def _digested(minutes: Iterable[Minutes]) -> Iterator[tuple[str, Minutes]]:
    """Each meeting with what identifies it: its start, its words, and which copy it is.

    To the second and without colours, so that it is the same in every format, ours included.
    """
    seen: Counter[str] = Counter()
    nick_of = cache(one_word)
    for meeting in minutes:
        spoken = [(nick, text) for _, _, nick, kind, text in meeting.raw if kind in SPOKEN]
        talk = "".join([text for _, text in spoken])
        shown = str if talk.isascii() and talk.isprintable() else harmless
        said = "\x1e".join([f"{nick_of(nick)}\x1f{shown(text)}" for nick, text in spoken])
        words = f"{meeting.started_at.replace(microsecond=0).isoformat()}\x1e{said}"
        digest = hashlib.sha256(words.encode()).hexdigest()
        seen[digest] += 1
        if seen[digest] > 1:
            digest = hashlib.sha256(f"{digest} {seen[digest]}".encode()).hexdigest()
        yield digest, meeting


def _store(
    batch: list[tuple[str, Minutes]], *, source: Source, channel: str, dry_run: bool
) -> Iterator[ImportedMeeting]:
    """Store what is new of these meetings, by a number of queries that they do not change."""
    there, slugs = _looked_up(batch, channel)
    fresh = {digest: minutes for digest, minutes in batch if digest not in there}
    new: dict[str, Meeting] = {}
    if fresh and not dry_run:
        files.record(source)
        try:
            with transaction.atomic():
                new = _insert(fresh, slugs=slugs, source=source, channel=channel)
        except IntegrityError:
            # Another import brought some of them meanwhile, and is through now.
            there, slugs = _looked_up(batch, channel)
            fresh = {digest: minutes for digest, minutes in batch if digest not in there}
            new = _insert(fresh, slugs=slugs, source=source, channel=channel)
    ours = there | new
    understood = understand([minutes for _, minutes in batch], channel)
    if not dry_run:
        meetings = [ours[digest] for digest, _ in batch]
        keep(meetings, understood, at=source.imported_at, anew=not there)
    for (digest, minutes), about in zip(batch, understood, strict=True):
        meeting = ours.get(digest)
        yield ImportedMeeting(
            key=meeting.pk if meeting else None,
            slug=meeting.slug if meeting else slugs[digest],
            title=_title(minutes, channel, source.name),
            channel=channel,
            created=digest not in there,
            minutes=replace(minutes, raw=[]),
            lines=len(minutes.raw),
            about=about,
            lint=lint_meeting(minutes) if dry_run else [],
        )


def _looked_up(
    batch: list[tuple[str, Minutes]], channel: str
) -> tuple[dict[str, Meeting], dict[str, str]]:
    """Those that are stored, by digest, and a free slug for each of the others."""
    wanted = {digest: _slug(minutes, channel) for digest, minutes in batch}
    known = Meeting.objects.filter(Q(digest__in=wanted) | Q(slug__in=wanted.values())).order_by()
    there = {meeting.digest: meeting for meeting in known if meeting.digest in wanted}
    taken = {meeting.slug for meeting in known}
    slugs = {}
    for digest, slug in wanted.items():
        if digest not in there:
            slugs[digest] = f"{slug}-{digest[:8]}" if slug in taken else slug
            taken.add(slugs[digest])
    return there, slugs


def _insert(
    fresh: dict[str, Minutes], *, slugs: dict[str, str], source: Source, channel: str
) -> dict[str, Meeting]:
    """Insert meetings with their items and lines; by digest."""
    meetings = {
        digest: Meeting(
            slug=slugs[digest],
            title=_title(minutes, channel, source.name),
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
            source=source,
        )
        for digest, minutes in fresh.items()
    }
    Meeting.objects.bulk_create(meetings.values())
    insert_rows(Item, ITEM_COLUMNS, _item_rows(meetings, fresh))
    insert_rows(LogLine, LINE_COLUMNS, _line_rows(meetings, fresh))
    put_in_index(meeting.pk for meeting in meetings.values())
    return meetings


def _slug(minutes: Minutes, channel: str) -> str:
    name = _NOT_IN_SLUG.sub("-", (channel or minutes.title).lower()).strip("-.") or "meeting"
    return f"{name[:80]}.{minutes.started_at:%Y-%m-%d-%H.%M}"


def _title(minutes: Minutes, channel: str, name: str) -> str:
    """What it was called, else where it was held; where nobody ran it, else as its file is."""
    title = minutes.title or (f"#{channel}" if channel else "")
    if not title and not minutes.chairs:
        title = called_by_file(name)
    title = title or UNNAMED
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _line_rows(meetings: dict[str, Meeting], fresh: dict[str, Minutes]) -> Iterator[Row]:
    for digest, meeting in meetings.items():
        key, minutes = meeting.pk, fresh[digest]
        instants = stored(minutes.dating.instants(minutes.raw))
        yield from [
            (key, number, at, nick, kind, text)
            for (number, _, nick, kind, text), at in zip(minutes.raw, instants, strict=True)
        ]


def _item_rows(meetings: dict[str, Meeting], fresh: dict[str, Minutes]) -> Iterator[Row]:
    for digest, meeting in meetings.items():
        items = fresh[digest].items
        for item, at in zip(items, stored(item.at for item in items), strict=True):
            people = json.dumps(item.assignees), json.dumps(item.mentioned)
            yield meeting.pk, at, *people, *(getattr(item, name) for name in COPIED_OF_ITEM)
