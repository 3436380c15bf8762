from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.refusals import Refused
from governance.signed_in import person, person_or_none
from meetings.models import Action, ActionState

PAGE = 50  # actions
LONGEST_WORD = 100  # of a filter
STATES = {"open": "open", "done": "done", "dropped": "dropped", "overdue": "overdue", "all": "all"}


@require_safe
def actions(request: HttpRequest) -> HttpResponse:
    """Who promised what, the newest first; `state`, `owner` and `channel` narrow it."""
    now = timezone.now()
    state = STATES.get(request.GET.get("state", ""), "open")
    owner = request.GET.get("owner", "").replace("\0", "")[:LONGEST_WORD]
    channel = request.GET.get("channel", "").replace("\0", "")[:LONGEST_WORD]
    listed = Action.objects.with_story()
    if state == "overdue":
        listed = listed.filter(state=ActionState.OPEN, due_at__lte=now)
    elif state != "all":
        listed = listed.filter(state=state)
    if owner:
        listed = listed.filter(
            Q(people__name__iexact=owner) | Q(people__handles__value__iexact=owner)
            | Q(owners__icontains=f'"{owner}"')
        ).distinct()  # fmt: skip
    if channel:
        listed = listed.filter(channel=channel)
    before = request.GET.get("before", "")
    if before.isdecimal() and (last := Action.objects.filter(pk=int(before[:9])).first()):
        listed = listed.filter(
            Q(given_at__lt=last.given_at) | Q(given_at=last.given_at, pk__lt=last.pk)
        )
    page = list(listed[: PAGE + 1])
    kept = {"state": state, "owner": owner, "channel": channel}
    me = person_or_none(request)
    context = {
        "shown": [(action, action.may_be_closed_by(me)) for action in page[:PAGE]],
        "states": STATES,
        **kept,
        "older": urlencode(kept | {"before": page[PAGE - 1].pk}) if len(page) > PAGE else "",
        "now": now,
    }
    return render(request, "meetings/actions.html", context)


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
