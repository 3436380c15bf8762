from collections.abc import Iterable
from pathlib import PurePosixPath

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.exporting import Record, log_html, log_text, minutes_text, sections
from meetings.harmless import harmless
from meetings.models import (
    ItemKind,
    Meeting,
    Suggestion,
)
from releases.addressing import site_url

PAGE = 50  # meetings


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
    """How many suggestions of a meeting wait for somebody to decide."""
    theirs = Suggestion.objects.waiting().filter(meeting=OuterRef("pk")).order_by()
    return Subquery(theirs.values("meeting").annotate(n=Count("pk")).values("n"))


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
    log = site_url(reverse("log-html", args=[slug]))
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
