import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, NamedTuple

from django.db import models
from django.db.models.functions import Least

from meetings.bulk import insert_rows
from meetings.harmless import harmless
from releases.addressing import address_of
from releases.prepared import prepared

WHOLE = 5000  # lines of a log that is shown as one page
WINDOW, BEFORE = 800, 80  # of a longer one: lines shown at once, and of them before the one named
LAST = 2**31 - 1  # number of a line
PIECE = 256 * 1024  # bytes of a compressed file in one row, and about what it takes in memory
QUICKLY = 1  # zlib's level: twice as quick as its default, for a tenth more bytes
UNNAMED = "Meeting"  # the title of one that neither its chair, its channel nor its file named


class LineKind(models.TextChoices):
    """What a stored line is; the values are those of `meetings.logs.Kind`."""

    SPEECH = "speech"
    ACTION = "action", "what somebody does (/me)"
    BOT = "bot", "word of a bot"
    EVENT = "event", "join, part or change"
    RENAME = "rename", "change of nick"
    UNREAD = "unread", "line of no known shape"


class ItemKind(models.TextChoices):
    TOPIC = "topic"
    SUBTOPIC = "subtopic"
    AGREED = "agreed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACTION = "action"
    INFO = "info"
    IDEA = "idea"
    HELP = "help", "call for help"
    LINK = "link"
    VOTE = "vote"
    RESOLVED = "resolved"
    PROPOSED = "proposed"


class DamagedSource(Exception):
    """The bytes kept of a file are not those that came; the message names it."""


class Source(models.Model):
    """A log file as it was handed in; its SHA-256 is that of its bytes.

    `read_as` stands for how it was read (the readers' code, and what the caller said), and `holds`
    are the keys of its meetings, in its order; both are set once all of it is stored.
    """

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField("bytes")
    format = models.CharField(max_length=32)
    imported_at = models.DateTimeField()
    kept = models.BooleanField(default=False, help_text="Whether its bytes are kept.")
    read_as = models.CharField(max_length=64, blank=True)
    holds = models.JSONField(default=list)

    def __str__(self) -> str:
        return harmless(self.name)

    def keep(self, stream: IO[bytes]) -> None:
        """Keep the bytes of a stream from where it stands; the caller holds the transaction."""
        for piece in self._squeezed(stream):  # one at a time, for whoever inserts holds them all
            insert_rows(Piece, ["source_id", "number", "data"], [piece])
        self.kept = True

    def _squeezed(self, stream: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
        squeeze = zlib.compressobj(QUICKLY)
        pending, number = b"", 0
        while chunk := stream.read(PIECE):
            pending += squeeze.compress(chunk)
            if len(pending) >= PIECE:
                yield self.pk, number, pending
                pending, number = b"", number + 1
        yield self.pk, number, pending + squeeze.flush()

    def raw(self) -> Iterator[bytes]:
        """The file's bytes as they came, a piece at a time.

        Raises DamagedSource, before the last of them, where they are not: whoever was promised
        `size` bytes sees that some are missing.
        """
        unsqueeze, digest, held = zlib.decompressobj(), hashlib.sha256(), b""
        try:
            for data in self.pieces.values_list("data", flat=True).iterator(chunk_size=1):
                squeezed = bytes(data)
                while squeezed:
                    chunk = unsqueeze.decompress(squeezed, PIECE)
                    squeezed = unsqueeze.unconsumed_tail
                    digest.update(chunk)
                    if chunk:
                        yield held
                        held = chunk
        except zlib.error as error:
            raise DamagedSource(f"The bytes kept of {self} cannot be read: {error}.") from error
        if digest.hexdigest() != self.sha256:
            raise DamagedSource(f"The bytes kept of {self} do not have its SHA-256.")
        yield held


class Piece(models.Model):
    """A run of the bytes of a log file; all of them in order are one zlib stream."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="pieces", db_index=False
    )
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="piece_number_in_source")
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.source}"


class Meeting(models.Model):
    """One meeting of a log. What was said is never edited; a second import adds nothing.

    `digest` identifies it by its start and its words, whatever file or format it came in.
    `people` maps nicks to their number of lines, the bots apart.
    """

    slug = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=255)
    channel = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    chairs = models.JSONField(default=list)
    people = models.JSONField(default=dict)
    bots = models.JSONField(default=list)
    line_count = models.PositiveIntegerField("lines")
    profile = models.CharField("dialect of commands", max_length=32)
    dated_by = models.CharField(max_length=20, help_text="What told the day.")
    warnings = models.JSONField(default=list)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="meetings")
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["-started_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__gte=models.F("started_at")),
                name="meeting_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"{harmless(self.title)}, {self.started_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return address_of("meeting", self.slug)

    @property
    def name(self) -> str:
        """What it is called; where nobody held the chair to name it, or nothing, with its day."""
        return harmless(self.title) if self.chairs and self.title != UNNAMED else str(self)

    @property
    def people_by_lines(self) -> list[tuple[str, int]]:
        """Who spoke most comes first."""
        return sorted(self.people.items(), key=lambda entry: (-entry[1], entry[0].lower()))

    def url_of_line(self, number: int) -> str:
        """The address of a line, with MeetBot's own anchor."""
        window = f"?line={number}" if self.line_count > WHOLE else ""
        return f"{self.get_absolute_url()}{window}#l-{number}"

    def window(self, *, around: int) -> "Window":
        """The lines to show at once: all, or of a very long log those about a line."""
        if self.line_count <= WHOLE:
            return Window([Line(*row) for row in _whole(meeting=self.pk)])
        rows = _about(meeting=self.pk, number=around)
        lines = [Line(*row) for *row, _ in rows[:WINDOW]]
        first, begins = rows[0][0], rows[0][-1]
        return Window(
            lines,
            earlier=max(first - WINDOW + BEFORE, 1) if first > begins else 0,
            later=rows[WINDOW][0] if len(rows) > WINDOW else 0,
        )


class Line(NamedTuple):
    """What a page shows of a line."""

    number: int
    at: datetime
    nick: str
    kind: str
    text: str


@dataclass(frozen=True)
class Window:
    """Lines of a log, and which to ask for to see those before and after; 0 where none are."""

    lines: list[Line]
    earlier: int = 0
    later: int = 0

    @property
    def first(self) -> int:
        """The number with which the window begins; what belongs to the log begins there too."""
        return self.lines[0].number if self.earlier else 0

    @property
    def last(self) -> int:
        return self.later - 1 if self.later else LAST

    @property
    def is_whole(self) -> bool:
        return not self.earlier and not self.later


class LogLine(models.Model):
    """One line, under the number that it has in its file (from 1)."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    nick = models.CharField(max_length=260, blank=True)
    kind = models.CharField(max_length=8, choices=LineKind)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            # Also the index by which a meeting's lines are read in order.
            models.UniqueConstraint(fields=["meeting", "number"], name="line_number_in_meeting")
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="line_newest_first")]

    def __str__(self) -> str:
        return f"{self.number}: <{harmless(self.nick)}> {harmless(self.text[:80])}"


_SHOWN = ("number", "at", "nick", "kind", "text")


@prepared(meeting=models.BigIntegerField())
def _whole(*, meeting: int) -> models.QuerySet[LogLine, tuple]:
    return LogLine.objects.filter(meeting=meeting).order_by("number").values_list(*_SHOWN)


@prepared(meeting=models.BigIntegerField(), number=models.IntegerField())
def _about(*, meeting: int, number: int) -> models.QuerySet[LogLine, tuple]:
    """From a little before that line on, and with each where the log begins.

    Beyond the end is what stands before the end.
    """
    log = LogLine.objects.filter(meeting=meeting)
    begins = models.Subquery(log.order_by("number").values("number")[:1])
    ends = models.Subquery(log.order_by("-number").values("number")[:1])
    here = Least(number, ends, output_field=models.IntegerField())
    lines = log.filter(number__gte=here - BEFORE).order_by("number")
    return lines.values_list(*_SHOWN, begins)[: WINDOW + 1]


class ItemQuerySet(models.QuerySet["Item"]):
    def standing(self) -> "ItemQuerySet":
        """What counts: neither taken back nor said by somebody who lacked the chair."""
        return self.filter(undone=False, counted=True)

    def decisions_and_actions(self) -> "ItemQuerySet":
        return self.filter(
            kind__in=[ItemKind.AGREED, ItemKind.ACCEPTED, ItemKind.REJECTED, ItemKind.ACTION]
        )


class Item(models.Model):
    """Something put on record in a meeting, with the line that shows it.

    One that the bot would have ignored (`counted` false) or that was taken back (`undone`) is
    kept and shown as such.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    line = models.PositiveIntegerField()
    at = models.DateTimeField()
    nick = models.CharField(max_length=260)
    kind = models.CharField(max_length=10, choices=ItemKind)
    text = models.TextField(blank=True)
    topic = models.TextField(blank=True)
    url = models.TextField("link", blank=True)
    by_chair = models.BooleanField()
    counted = models.BooleanField(default=True)
    undone = models.BooleanField(default=False)
    assignees = models.JSONField(default=list)
    mentioned = models.JSONField(default=list)
    carried = models.BooleanField(default=False, help_text="Left over from an earlier meeting.")

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-line", "-pk"]
        indexes = [
            models.Index(fields=["meeting", "line"]),
            models.Index(fields=["-at", "-line", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ItemKind.values), name="item_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {harmless(self.text[:80])}"

    def get_absolute_url(self) -> str:
        return self.meeting.url_of_line(self.line)
