"""One release: its calendar drawn and told, how it stands, and what is meant for it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import rights
from governance.counts import counts
from governance.lifecycle import Status, Verb
from governance.models import Decision, ExceptionRequest
from governance.signed_in import person_or_none
from governance.views.exceptions import projects
from releases.listing import Filter, Filters
from releases.models import MergeProposal, Milestone, MilestoneMove, Release
from releases.strip import Strip
from releases.timeline import Bar, Point, Window, draw, whole

BARS = 40  # exceptions drawn
PROPOSALS = 50
LONGEST_NAME = 48  # characters beside a bar
DAY = timedelta(days=1)
LONGEST = timedelta(days=20 * 366)
DRAWN = (Status.GRANTED, Status.REQUESTED, Status.EXPIRED, Status.LANDED, Status.REVOKED)


@require_safe
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Its timeline from `from` to `to`, for every project or one, and the same in tables."""
    release = get_object_or_404(Release, slug=slug)
    now = timezone.now()
    filters = Filters.of(request.GET, [Filter("project", "Project", projects())])
    project = filters.value("project")
    milestones = [one for one in _calendar(release) if _concerns(one, project)]
    moves = [move for one in milestones for move in one.moves.all()]
    proposals = MergeProposal.objects.select_related("author", "project")
    if project:
        proposals = proposals.filter(project__slug=project)
    exceptions = _drawn(release, project)
    bars = [_bar(one, now) for one in exceptions]
    window = _window(request, [one.at for one in milestones], now)
    context = {
        "release": release,
        "now": now,
        "filters": filters,
        "strip": Strip.of(milestones, now),
        "counts": counts(release, now),
        "milestones": milestones,
        "moves": sorted(moves, key=lambda move: (move.at, move.pk)),
        "timeline": draw(window, _points(milestones, now), bars, now),
        "zooms": _zooms(window, now, project),
        "bars": [(one, one.status_at(now), bar) for one, bar in zip(exceptions, bars, strict=True)],
        "most_bars": BARS,
        "may_move": _may_move(request),
        "proposals": proposals.newest_of_release(release, most=PROPOSALS),
    }
    return render(request, "governance/release.html", context)


def _may_move(request: HttpRequest) -> bool:
    """Whether the admin lets them; anonymous readers cost no question."""
    user = request.user
    may = user.is_staff and user.has_perm("releases.change_milestone")
    return may and rights.may_steer(person_or_none(request))


def _calendar(release: Release) -> list[Milestone]:
    """Its milestones in order, with all their moves, which the release keeps for who asks next."""
    moves = Prefetch("moves", MilestoneMove.objects.select_related("by"))
    milestones = Milestone.objects.select_related("project").prefetch_related(moves)
    prefetch_related_objects([release], Prefetch("milestones", milestones))
    return list(release.milestones.all())


def _concerns(milestone: Milestone, project: str) -> bool:
    """Whether it is of this project or of every; without a project, always."""
    return not project or milestone.project is None or milestone.project.slug == project


def _drawn(release: Release, project: str) -> list[ExceptionRequest]:
    grants = Decision.objects.order_by("sequence").only("exception", "verb", "at")
    exceptions = ExceptionRequest.objects.filter(release=release, status__in=DRAWN)
    if project:
        of_it = Q(project__slug=project) | Q(claims__proposal__project__slug=project)
        exceptions = exceptions.filter(of_it).distinct()
    related = exceptions.select_related("expires_with", "requester")
    return list(related.prefetch_related(Prefetch("decisions", grants))[:BARS])


def _bar(exception: ExceptionRequest, now: datetime) -> Bar:
    """From its grant to the end of its time, or to what ended it sooner; a request up to now."""
    ledger, status = list(exception.decisions.all()), exception.status_at(now)
    granted = [one.at for one in ledger if one.verb == Verb.GRANT]
    start = granted[0] if granted else exception.requested_at
    deadline = exception.until.instant
    if status == Status.REQUESTED or deadline is None:
        end = now
    elif status in {Status.GRANTED, Status.EXPIRED}:
        end = deadline
    else:
        end = ledger[-1].at
    return Bar(
        name=str(exception)[:LONGEST_NAME],
        start=start,
        end=max(start, end),
        style=status.value,
        url=exception.get_absolute_url(),
        words=f"{exception}: {status.label}",
    )


def _points(milestones: list[Milestone], now: datetime) -> list[Point]:
    """Each milestone, and the places that it was moved from."""
    points = []
    for one in milestones:
        points += [
            Point(one.name, move.from_at, is_freeze=bool(one.blocks), is_ghost=True)
            for move in one.moves.all()
        ]
        points.append(Point(one.name, one.at, bool(one.blocks), one.at <= now))
    return points


def _window(request: HttpRequest, instants: list[datetime], now: datetime) -> Window:
    """From `from` to `to` where they are days and in order; else the whole release."""
    start, end = (_midnight(request.GET.get(name, "")) for name in ("from", "to"))
    if start and end and timedelta() < end - start <= LONGEST:
        return Window(start, end)
    return whole(instants, now)


def _midnight(day: str) -> datetime | None:
    try:
        found = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    is_drawable = 1970 <= found.year <= 9000  # noqa: PLR2004 what arithmetic on days has room for
    return found if is_drawable else None


def _zooms(window: Window, now: datetime, project: str) -> list[tuple[str, str]]:
    """Ways to look closer and to move on, as words and addresses."""
    more = f"&project={project}" if project else ""
    today = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)
    views: dict[str, Any] = {
        "Whole release": None,
        "Six weeks": Window(today - 14 * DAY, today + 28 * DAY),
        "This week": Window(today - 2 * DAY, today + 5 * DAY),
        "Earlier": window.moved(-window.length / 2),
        "Later": window.moved(window.length / 2),
    }
    return [(words, f"{_address(one)}{more}") for words, one in views.items()]


def _address(window: Window | None) -> str:
    if window is None:
        return "?from=&to="
    return f"?from={window.start:%Y-%m-%d}&to={window.end + DAY / 2:%Y-%m-%d}"
