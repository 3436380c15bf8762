from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.refusals import Refused
from governance.signed_in import person, person_or_none
from meetings.models import Action, ActionState
from meetings.views.channels import channel_filter
from releases.listing import Choice, Filter, Filters, page_of
from releases.models import Person

LONGEST_NAME = 100  # of an owner
STATES = (
    Choice("open", "open", "that are open"),
    Choice("overdue", "overdue", "that are overdue"),
    Choice("done", "done", "that are done"),
    Choice("dropped", "dropped", "that were dropped"),
)


@require_safe
def actions(request: HttpRequest) -> HttpResponse:
    """Who promised what, the newest first; an owner is named by nick, or by any handle."""
    now = timezone.now()
    owner = "".join(c for c in request.GET.get("owner", "") if c.isprintable())[:LONGEST_NAME]
    owners = (Choice(owner, owner, f"of {owner}"),) if owner else ()
    filters = Filters.of(
        request.GET,
        [
            Filter("state", "State", STATES),
            channel_filter(),
            Filter("owner", "Owner", owners, is_linked=True),
        ],
    )
    listed = _filtered(Action.objects.with_story(), filters, now)
    page = page_of(listed, request.GET, filters, order="-given_at")
    me = person_or_none(request)
    context = {
        "shown": [
            (action, _state(action, now), action.may_be_closed_by(me)) for action in page.rows
        ],
        "page": page,
        "filters": filters,
        "now": now,
    }
    return render(request, "meetings/actions.html", context)


def _filtered(listed: QuerySet[Action], filters: Filters, now: datetime) -> QuerySet[Action]:
    state, owner = filters.value("state"), filters.value("owner")
    if state == "overdue":
        listed = listed.filter(state=ActionState.OPEN, due_at__lte=now)
    elif state:
        listed = listed.filter(state=state)
    if owner:
        known = Q(people__in=Person.objects.called(owner))
        theirs = Action.objects.filter(known | Q(owners__icontains=f'"{owner}"'))
        listed = listed.filter(pk__in=theirs.order_by().values("pk"))
    if filters.value("channel"):
        listed = listed.filter(channel=filters.value("channel"))
    return listed.filter(text__icontains=filters.words) if filters.words else listed


def _state(action: Action, now: datetime) -> str:
    """What a list calls it: one that is open too long is overdue."""
    is_late = action.state == ActionState.OPEN and action.due_at and action.due_at <= now
    return "overdue" if is_late else action.state


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Call an action done, or dropped with its reason."""
    action = get_object_or_404(Action.objects.prefetch_related("people"), pk=pk)
    state = ActionState.DROPPED if request.POST.get("state") == "dropped" else ActionState.DONE
    try:
        note = request.POST.get("note", "")
        action.close(state=state, by=person(request), at=timezone.now(), note=note)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{state.label}: {action}")
    return HttpResponseRedirect(reverse("actions"))
