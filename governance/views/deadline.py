"""How words would be read as a deadline, shown while they are typed."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.deadlines.days import YEARS
from governance.forms import LONGEST_DEADLINE, reading_of
from releases.models import Release
from releases.rows import instant

FIELDS = ("words", "deadline", "wanted_until", "until", "moved_to")  # names under which forms ask
LONGEST_NUMBER = 9  # digits


@require_safe
def deadline(request: HttpRequest) -> HttpResponse:
    """How words would be read as a deadline of a release, as a fragment; nothing is stored.

    `words` (or the name of a form's own field), `release` by slug or number, and `at` as ISO 8601
    where they were not said now. It tells nothing but dates of milestones, which are public.
    """
    asked = request.GET
    named = [asked.get(name, "") for name in FIELDS]
    words = next(filter(None, named), "").strip()[:LONGEST_DEADLINE]
    release = _release(asked.get("release", ""))
    reading = reading_of(words, release=release, at=_instant(asked.get("at", "")))
    moves = bool(asked.get("moved_to"))
    context = {"reading": reading, "words": words, "release": release, "moves": moves}
    return render(request, "governance/_deadline.html", context)


def _release(named: str) -> Release | None:
    if named.isdecimal() and len(named) <= LONGEST_NUMBER:
        return Release.objects.filter(pk=int(named)).first()
    return Release.objects.filter(slug=named[:64]).first() if "\x00" not in named else None


def _instant(words: str) -> datetime:
    """The instant of an ISO text with its zone; now where it is none."""
    try:
        at = instant(words)
    except ValueError:
        return timezone.now()
    return at if at.year in YEARS else timezone.now()
