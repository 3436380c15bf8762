from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.deadlines.days import YEARS
from governance.forms import LONGEST_DEADLINE, reading_of
from governance.models import ExceptionRequest
from releases.models import Release

PAGE = 50  # exceptions


@require_safe
def exceptions(request: HttpRequest) -> HttpResponse:
    """Every exception, the newest first; `before` is the number of the last one shown."""
    listed = ExceptionRequest.objects.select_related(
        "release", "freeze", "requester", "expires_with"
    ).prefetch_related("proposals")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < PAGE:
        listed = listed.filter(pk__lt=int(before[:9]))
    page = list(listed[: PAGE + 1])
    now = timezone.now()
    context = {
        "now": now,
        "shown": [(exception, exception.status_at(now)) for exception in page[:PAGE]],
        "older_than": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "governance/exceptions.html", context)


@require_safe
def exception(request: HttpRequest, reference: str) -> HttpResponse:
    """One exception: how it stands, what it is for, and its ledger."""
    exception = get_object_or_404(ExceptionRequest.objects.referenced(reference).with_story())
    now = timezone.now()
    context = {"exception": exception, "now": now, "status": exception.status_at(now)}
    return render(request, "governance/exception.html", context)


@require_safe
def deadline(request: HttpRequest) -> HttpResponse:
    """How words would be read as a deadline of a release, as a fragment; nothing is stored.

    `words` (or the name of a form's own field), `release` by slug or number, and `at` as ISO 8601
    where they were not said now. It tells nothing but dates of milestones, which are public.
    """
    asked = request.GET
    named = [asked.get(name, "") for name in ("words", "deadline", "wanted_until")]
    words = next(filter(None, named), "").strip()[:LONGEST_DEADLINE]
    release = _release(asked.get("release", ""))
    reading = reading_of(words, release=release, at=_instant(asked.get("at", "")))
    context = {"reading": reading, "words": words, "release": release}
    return render(request, "governance/_deadline.html", context)


def _release(named: str) -> Release | None:
    if named.isdecimal() and len(named) < PAGE:
        return Release.objects.filter(pk=int(named[:9])).first()
    return Release.objects.filter(slug=named[:64]).first() if "\x00" not in named else None


def _instant(words: str) -> datetime:
    """The instant of an ISO text with its zone; now where it is none."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return timezone.now()
    is_instant = at.tzinfo is not None and at.year in YEARS
    return at if is_instant else timezone.now()
