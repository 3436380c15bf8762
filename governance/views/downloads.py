"""Records to take along: a release as JSON, exceptions and decisions as CSV."""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import exporting
from releases.models import Release

BLOCK = 64 * 1024  # characters sent at once


@require_safe
def release_json(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    release = get_object_or_404(Release, slug=slug)
    document = exporting.export_release(release, with_mail=False)
    return _download(document, f"{slug}.json", "application/json")


@require_safe
def exceptions_csv(request: HttpRequest) -> StreamingHttpResponse:
    rows = exporting.exceptions_as_csv(at=timezone.now())
    return _download(rows, "exceptions.csv", "text/csv; charset=utf-8")


@require_safe
def decisions_csv(request: HttpRequest) -> StreamingHttpResponse:
    return _download(exporting.decisions_as_csv(), "decisions.csv", "text/csv; charset=utf-8")


def _download(pieces: Iterable[str], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_blocks(pieces), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _blocks(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of some size: each costs a system call."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)
