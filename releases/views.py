from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from releases.models import MilestoneMove, Release


@require_safe
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """One release: its freezes and milestones with their moves, and its proposals."""
    release = get_object_or_404(Release, slug=slug)
    milestones = release.milestones.select_related("project")
    moves = MilestoneMove.objects.filter(milestone__release=release).select_related(
        "milestone", "by"
    )
    proposals = release.proposals.select_related("author", "project")[:50]
    context = {
        "release": release,
        "milestones": milestones,
        "moves": moves,
        "proposals": proposals,
        "now": timezone.now(),
    }
    return render(request, "releases/release.html", context)
