"""The pages that join all floors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.counts import counts
from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest
from meetings.models import Item, Meeting
from releases.models import ChangeKind, Milestone, Release

SHOWN = 20  # exceptions of a kind
RELEASES = 30  # in the menu
PASSED, AHEAD = 2, 4  # milestones in the strip


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """How the current release stands, what waits, what was decided, and what meetings agreed."""
    now = timezone.now()
    release = Release.objects.current(now)
    milestones = list(release.milestones.select_related("project")) if release else []
    context = {
        "now": now,
        "release": release,
        "others": Release.objects.exclude(pk=release.pk)[:RELEASES] if release else [],
        "strip": Strip.of(milestones, now),
        "counts": counts(release, now) if release else [],
        "standing": _standing(release, now),
        "undecided": _undecided(release),
        "decisions": Decision.objects.select_related("exception", "by")[:6],
        "items": Item.objects.standing().decisions_and_actions().select_related("meeting")[:8],
        "meetings": Meeting.objects.all()[:4],
        "week_ago": now - timedelta(days=7),
    }
    return render(request, "home.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For pages that name no icon, the admin's above all."""
    return HttpResponseRedirect(static("thaw/favicon.svg"))


@dataclass(frozen=True)
class Strip:
    """Where a release is between its milestones: those about now, and what is blocked."""

    passed: list[Milestone]
    ahead: list[Milestone]
    earlier: int  # milestones that are not shown, before and after
    later: int
    blocked: list[str]
    blocking: list[Milestone]

    @classmethod
    def of(cls, milestones: list[Milestone], now: datetime) -> "Strip":
        """`milestones` are those of one release, in order."""
        passed = [one for one in milestones if one.at <= now]
        ahead = [one for one in milestones if one.at > now]
        blocking = [one for one in passed if one.blocks and one.project_id is None]
        kinds = {kind for one in blocking for kind in one.blocks}
        return cls(
            passed=passed[-PASSED:],
            ahead=ahead[:AHEAD],
            earlier=max(len(passed) - PASSED, 0),
            later=max(len(ahead) - AHEAD, 0),
            blocked=[str(kind.label) for kind in ChangeKind if kind in kinds],
            blocking=blocking,
        )

    @property
    def next(self) -> Milestone | None:
        return self.ahead[0] if self.ahead else None


def _standing(release: Release | None, now: datetime) -> list[tuple[ExceptionRequest, Status]]:
    """The release's standing exceptions, the first to end first."""
    if release is None:
        return []
    standing = ExceptionRequest.objects.standing(now).filter(release=release)
    ordered = standing.select_related("requester", "expires_with").first_to_end_first()
    shown = ordered.prefetch_related("proposals")[:SHOWN]
    return [(exception, Status.GRANTED) for exception in shown]


def _undecided(release: Release | None) -> list[ExceptionRequest]:
    """The release's requests that wait for a decision, the oldest first."""
    waiting = ExceptionRequest.objects.undecided().filter(release=release)
    return list(waiting.select_related("requester").order_by("requested_at", "pk")[:SHOWN])
