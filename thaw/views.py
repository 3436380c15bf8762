"""The pages that join all floors."""

from datetime import datetime

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.counts import counts
from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from meetings.models import Item, Meeting
from releases.models import Release
from releases.strip import Strip

SHOWN = 20  # exceptions of a kind
RELEASES = 30  # in the menu


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """How the current release stands, what waits, what was decided, and what meetings agreed."""
    now = timezone.now()
    release, *others = Release.objects.nearest_first(now)[:RELEASES] or [None]
    milestones = list(release.milestones.select_related("project")) if release else []
    context = {
        "now": now,
        "release": release,
        "others": others,
        "strip": Strip.of(milestones, now),
        "counts": counts(release, now) if release else [],
        "standing": _standing(release, now),
        "undecided": _undecided(release),
        "decisions": Decision.objects.select_related("exception", "by")[:6],
        "items": Item.objects.standing().decisions_and_actions().select_related("meeting")[:8],
        "meetings": Meeting.objects.all()[:4],
    }
    return render(request, "home.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For pages that name no icon, the admin's above all."""
    return HttpResponseRedirect(static("thaw/favicon.svg"))


def _standing(release: Release | None, now: datetime) -> list[tuple[ExceptionRequest, Status]]:
    """The release's standing exceptions, the first to end first."""
    if release is None:
        return []
    related = release.exceptions.select_related("requester", "expires_with")
    standing = related.soonest(now, most=SHOWN)
    prefetch_related_objects(standing, "proposals")
    return [(exception, Status.GRANTED) for exception in standing]


def _undecided(release: Release | None) -> list[ExceptionRequest]:
    """The release's requests that wait for a decision, the oldest first."""
    waiting = ExceptionRequest.objects.undecided().filter(release=release)
    return list(waiting.select_related("requester").order_by("requested_at", "pk")[:SHOWN])
