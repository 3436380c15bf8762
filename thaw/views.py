"""The pages that join all floors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.models import Item, Meeting
from releases.models import Release


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """How the current release stands: its milestones, and what meetings put on record."""
    now = timezone.now()
    release = Release.objects.current(now)
    context = {
        "now": now,
        "release": release,
        "milestones": release.milestones.select_related("project") if release else [],
        "items": Item.objects.standing().decisions_and_actions().select_related("meeting")[:12],
        "meetings": Meeting.objects.all()[:6],
    }
    return render(request, "home.html", context)
