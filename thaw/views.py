"""The pages that join all floors."""

import sys
from datetime import datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.db.models import BigIntegerField, DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

from governance import overview
from governance.counts import counts
from meetings.models import Item, Meeting
from releases.models import Milestone, Release
from releases.prepared import prepared
from releases.strip import Strip
from thaw.first_steps import FirstSteps
from thaw.uploads import NoRoom, too_long

RELEASES = 30  # in the menu
ITEMS, MEETINGS = 8, 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """How the current release stands, what waits, what was decided, and what meetings agreed."""
    now = timezone.now()
    releases = _releases(at=now)
    release, others = (releases[0], releases[1:]) if releases else (None, [])
    decisions, meetings = overview.decided_last(), _meetings()
    context = {
        "now": now,
        "release": release,
        "others": others,
        "steps": FirstSteps.left(release=release, last_decided=decisions, has_log=bool(meetings)),
        "strip": Strip.of(_milestones(release=release.pk) if release else [], now),
        "counts": counts(release, now) if release else [],
        "standing": overview.standing(release, now) if release else [],
        "undecided": overview.undecided(release=release.pk) if release else [],
        "decisions": decisions,
        "items": _agreed(),
        "meetings": meetings,
        "demo": settings.DEBUG,  # in production there is none to be loaded
    }
    return render(request, "home.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For pages that name no icon, the admin's above all."""
    return HttpResponseRedirect(static("thaw/favicon.svg"))


@prepared(at=DateTimeField())
def _releases(*, at: datetime) -> QuerySet[Release]:
    return Release.objects.nearest_first(at)[:RELEASES]


@prepared(release=BigIntegerField())
def _milestones(*, release: int) -> QuerySet[Milestone]:
    return Milestone.objects.filter(release=release)


@prepared()
def _agreed() -> QuerySet[Item]:
    agreed = Item.objects.standing().decisions_and_actions().select_related("meeting")
    shown = "kind text nick at line".split()
    of_meeting = [f"meeting__{field}" for field in "slug title line_count".split()]
    return agreed.only(*shown, *of_meeting)[:ITEMS]


@prepared()
def _meetings() -> QuerySet[Meeting]:
    return Meeting.objects.only("slug", "title", "chairs", "started_at", "line_count")[:MEETINGS]


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For what cannot be read as a request. The request is not asked: even its host may be none."""
    sentence, status = "What your browser sent is no request that we know.", 400
    if isinstance(exception, RequestDataTooBig):
        sentence, status = too_long(exception), 413
    return HttpResponse(render_to_string("400.html", {"sentence": sentence}), status=status)


def broken(request: HttpRequest) -> HttpResponse:
    """For what failed. Where it is the database that does not answer, or a disk that is full,
    nothing here is broken.
    """
    error = sys.exc_info()[1]  # which Django is handling
    if not isinstance(error, OperationalError | InterfaceError | NoRoom):
        return server_error(request)
    page = render_to_string("503.html", {"no_room": error if isinstance(error, NoRoom) else None})
    return HttpResponse(page, status=503, headers={"Retry-After": "60"})
