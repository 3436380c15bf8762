from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from governance.signed_in import person_or_none
from meetings.exporting import Record, log_html, log_text, minutes_text, sections
from meetings.harmless import harmless
from meetings.models import (
    Item,
    ItemKind,
    LineKind,
    LogLine,
    Meeting,
    Mention,
    MentionHow,
    Suggestion,
    SuggestionState,
)

PAGE = 50  # meetings
LONGEST_NUMBER = 10  # digits of a line's number


class Suggested(NamedTuple):
    """A suggestion, and whether the reader may decide it."""

    suggestion: Suggestion
    mine: bool


class Shown(NamedTuple):
    """A line of the log, what was put on record by it, what it is about and what it may decide."""

    line: LogLine
    items: list[Item]
    about: list[Mention]  # records that it is about, by more than their address in it
    suggested: list[Suggested]  # what it may decide
    shows: bool  # whether a suggestion rests on it
    goes_on: bool  # whether the line before is of the same speaker
    chosen: bool  # by the address


class Range(NamedTuple):
    """Lines that an address selects, the first and the last; both 0 for none."""

    first: int
    last: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Range":
        first, last = _number(request, "from"), _number(request, "to")
        first, last = first or last, last or first
        return cls(min(first, last), max(first, last))

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """Every meeting, the newest first; `before` is the key of the last one shown."""
    counts = {"items__undone": False, "items__counted": True}
    listed = Meeting.objects.annotate(
        agreed_count=Count("items", Q(items__kind=ItemKind.AGREED, **counts)),
        action_count=Count("items", Q(items__kind=ItemKind.ACTION, **counts)),
        waiting_count=_waiting(),
    ).order_by("-started_at", "-pk")  # grouping forgets the model's own order
    before = Meeting.objects.filter(slug=request.GET.get("before", "").replace("\0", "")).first()
    if before is not None:
        listed = listed.filter(
            Q(started_at__lt=before.started_at) | Q(started_at=before.started_at, pk__lt=before.pk)
        )
    page = list(listed[: PAGE + 1])
    context = {"meetings": page[:PAGE], "more": len(page) > PAGE}
    return render(request, "meetings/meetings.html", context)


def _waiting() -> Subquery:
    """How many suggestions of a meeting nobody has decided."""
    theirs = Suggestion.objects.open().filter(meeting=OuterRef("pk")).order_by()
    return Subquery(theirs.values("meeting").annotate(n=Count("pk")).values("n"))


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """The log, a window of it where it is very long, with its minutes beside it."""
    meeting = get_object_or_404(Meeting.objects.select_related("source"), slug=slug)
    items = list(meeting.items.order_by("line", "pk"))
    by_line = defaultdict(list)
    for item in items:
        by_line[item.line].append(item)
    chosen = Range.of(request)
    lines, later = meeting.window(around=_number(request, "line") or chosen.first)
    suggested = _suggested(request, meeting)
    shows = {number for one in suggested for number in one.suggestion.lines}
    decides = defaultdict(list)
    for one in suggested:
        decides[one.suggestion.line].append(one)
    about = _about(meeting)
    context = {
        "meeting": meeting,
        "shown": [
            Shown(
                line,
                by_line[line.number],
                about[line.number],
                decides[line.number],
                line.number in shows,
                _goes_on(before, line),
                chosen.holds(line.number),
            )
            for before, line in pairwise([None, *lines])
            if line is not None
        ],
        "later": later,
        "chosen": chosen,
        "sections": sections(items),
        "suggested": suggested,
    }
    return render(request, "meetings/meeting.html", context)


def _goes_on(before: LogLine | None, line: LogLine) -> bool:
    talks = line.kind == LineKind.SPEECH and before is not None and before.kind == line.kind
    return talks and before is not None and before.nick == line.nick


def _number(request: HttpRequest, name: str) -> int:
    """A number of a line out of the address; 0 for junk."""
    wanted = request.GET.get(name, "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < LONGEST_NUMBER else 0


def _suggested(request: HttpRequest, meeting: Meeting) -> list[Suggested]:
    """What the meeting may have decided, in the order of its lines."""
    me, now = person_or_none(request), timezone.now()
    found = meeting.suggestions.with_records().order_by("line", "pk")
    found = found.prefetch_related("exception__proposals")
    return [
        Suggested(one, one.state == SuggestionState.OPEN and one.may_be_decided_by(me, at=now))
        for one in found
    ]


def _about(meeting: Meeting) -> dict[int, list[Mention]]:
    """What each line is about, beside what an address in it says for itself."""
    mentions = meeting.mentions.kept().exclude(how=MentionHow.URL)
    about = defaultdict(list)
    for mention in mentions.select_related("proposal", "exception", "milestone", "release"):
        about[mention.line].append(mention)
    return about


@require_safe
def minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """The minutes alone, to read or to print."""
    meeting = get_object_or_404(Meeting.objects.select_related("source"), slug=slug)
    items = list(meeting.items.order_by("line", "pk"))
    actions = [
        item for item in items if item.kind == ItemKind.ACTION and item.counted and not item.undone
    ]
    context = {"meeting": meeting, "sections": sections(items), "actions": actions}
    return render(request, "meetings/minutes.html", context)


@require_safe
def minutes_txt(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The minutes as MeetBot writes them."""
    meeting = get_object_or_404(Meeting, slug=slug)
    log = request.build_absolute_uri(reverse("log-html", args=[slug]))
    return _plain(minutes_text(Record.of(meeting), log_url=log))


@require_safe
def minutes_html(request: HttpRequest, slug: str) -> HttpResponse:
    """The minutes as MeetBot writes them: a page that stands by itself."""
    meeting = get_object_or_404(Meeting, slug=slug)
    return render(request, "meetings/minutes_alone.html", {"record": Record.of(meeting)})


@require_safe
def log_txt(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The log as MeetBot writes it, under a name that tells the day, so that it reads anywhere."""
    meeting = get_object_or_404(Meeting.objects.select_related("source"), slug=slug)
    response = _plain(log_text(meeting))
    response["Content-Disposition"] = f'inline; filename="{meeting.slug}.log.txt"'
    return response


@require_safe
def log_page(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The log as MeetBot writes it: a page that stands by itself, however long."""
    return StreamingHttpResponse(log_html(get_object_or_404(Meeting, slug=slug)))


@require_safe
def source(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The file as it was handed in, byte for byte: to save, never to be shown."""
    found = get_object_or_404(Meeting.objects.select_related("source"), slug=slug).source
    if not found.kept:
        raise Http404("The bytes of this file are not kept.")
    name = PurePosixPath(harmless(found.name)).name or f"{slug}.log"
    response = _plain(found.raw())
    response["Content-Length"] = found.size
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _plain(pieces: Iterable[str] | Iterable[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"  # whatever the site's own header says
    return response
