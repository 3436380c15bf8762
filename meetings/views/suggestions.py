"""What meetings may have decided: a person accepts it, changes it before, or dismisses it."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.refusals import Refused
from governance.signed_in import person, person_or_none
from meetings.forms import AcceptForm
from meetings.models import LogLine, Suggestion, SuggestionState
from meetings.models.suggestions import SuggestionQuerySet, VerdictChoice
from meetings.relating import LEAD
from meetings.views.channels import channel_filter
from releases.listing import Choice, Filter, Filters, page_of
from releases.models import Release

STATES = (
    Choice("open", "not decided yet", "that nobody has decided yet"),
    Choice("already", "already so", "of what is so already"),
    Choice("accepted", "accepted", "that were accepted"),
    Choice("dismissed", "dismissed", "that were dismissed"),
)
BY_STANDING = {"open": SuggestionQuerySet.waiting, "already": SuggestionQuerySet.already_so}
VERDICTS = tuple(
    Choice(verdict.value, str(verdict.label), f"to “{verdict.label}”") for verdict in VerdictChoice
)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Every suggestion that the address asks for, what was said last first."""
    filters = Filters.of(
        request.GET,
        [
            Filter("state", "State", STATES),
            Filter("verdict", "What", VERDICTS),
            channel_filter(),
        ],
    )
    state = filters.value("state")
    dated = Suggestion.objects.annotate(said_at=F("meeting__started_at"))
    listed = dated
    if state in BY_STANDING:
        listed = BY_STANDING[state](listed)
    elif state:
        listed = listed.filter(state=state)
    for name, column in (
        ("verdict", "verdict"),
        ("channel", "meeting__channel"),
    ):
        if filters.value(name):
            listed = listed.filter(**{column: filters.value(name)})
    if filters.words:
        listed = listed.filter(words__icontains=filters.words)
    page = page_of(listed, request.GET, filters, order="-said_at", told=dated.with_records())
    groups = _by_time(page.rows, since=_spoken_of_since(timezone.now()))
    context = {"page": page, "groups": groups, "filters": filters}
    return render(request, "meetings/suggestions.html", context)


def _spoken_of_since(at: datetime) -> datetime | None:
    """Since when meetings may speak of the release being made; None where no date tells."""
    release = Release.objects.current(at)
    first = release and release.milestones.order_by("at").values_list("at", flat=True).first()
    return first - LEAD if first else None


def _by_time(
    found: Iterable[Suggestion], *, since: datetime | None
) -> list[tuple[int, list[Suggestion]]]:
    """In their order: those of the release being made under 0, all others by their year."""

    def year(one: Suggestion) -> int:
        said_at = one.meeting.started_at
        return said_at.year if since is not None and said_at < since else 0

    return [(group, list(theirs)) for group, theirs in groupby(found, key=year)]


@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion with the lines that show it; who may, accepts it here as it is or changed."""
    found = get_object_or_404(Suggestion.objects.with_records(), pk=pk)
    now = timezone.now()
    me = person_or_none(request)
    form = AcceptForm(request.POST if request.method == "POST" else None, suggestion=found, at=now)
    if request.method == "POST":
        if me is None:
            return HttpResponseRedirect(f"{reverse('login')}?{urlencode({'next': request.path})}")
        if form.is_valid() and form.apply(by=me, at=now):
            messages.success(request, f"Accepted: {found}.")
            return HttpResponseRedirect(_where_it_shows(found))
    waits = found.state == SuggestionState.OPEN and not found.is_already_so
    context = {
        "suggestion": found,
        "lines": LogLine.objects.filter(meeting=found.meeting, number__in=found.lines),
        "form": form,
        "may": waits and found.may_be_decided_by(me, at=now),
        "waits": waits,
        "asks_first": waits and found.asks_first(),
        "unknown": waits and found.unknown_milestone(),
        "now": now,
    }
    return render(request, "meetings/suggestion.html", context)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a suggestion as it was read: the one click beside its lines."""
    found = get_object_or_404(Suggestion.objects.with_records(), pk=pk)
    try:
        found.accept(by=person(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("suggestion", args=[pk]))
    messages.success(request, f"Accepted: {found}.")
    return HttpResponseRedirect(_where_it_shows(found))


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Put on record that the meeting did not decide so."""
    found = get_object_or_404(Suggestion.objects.with_records(), pk=pk)
    try:
        found.dismiss(by=person(request), at=timezone.now(), why=request.POST.get("why", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Dismissed: {found}.")
    return HttpResponseRedirect(found.get_absolute_url())


def _where_it_shows(found: Suggestion) -> str:
    """The page of the record that it changed; or the line, where it changed none."""
    changed = (found.decision and found.exception) or (found.move and found.release)
    return changed.get_absolute_url() if changed else found.get_absolute_url()
