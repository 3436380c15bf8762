"""Asking and deciding on pages: each shows a form, and calls one verb when it is sent."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance import gate, rights
from governance.forms import AskForm, VerbForm
from governance.lifecycle import TRANSITIONS, Verb
from governance.models import Condition, ExceptionRequest
from governance.refusals import InvalidInput, NotAllowed, Refused
from governance.signed_in import person, person_or_none
from governance.story import decisions_of
from releases.models import ChangeKind, Milestone, Release

LONGEST_ADDRESS = 2000
MORE_TIME = frozenset([Verb.EXTEND, Verb.REFUSE_EXTENSION])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """The form of one verb, and the decision itself. 403: not theirs; 409: not from this status."""
    exception = _exception(reference)
    chosen, now = _verb(verb), timezone.now()
    form = VerbForm(request.POST or None, verb=chosen, release=exception.release, at=now)
    answer = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid():
            try:
                decision = form.apply(exception, by=person(request), at=now)
            except Refused as refusal:
                form.show(refusal)
                answer = _answer_for(refusal)
            else:
                messages.success(request, decision.said_back)
                return HttpResponseRedirect(exception.get_absolute_url())
    elif not rights.may(person_or_none(request), chosen, exception, exception.status_at(now)):
        return _not_now(request, exception, chosen)
    context = {"form": form, "exception": exception, "verb": chosen, "now": now}
    context["status"] = exception.status_at(now)
    if chosen in MORE_TIME:
        context["earlier"] = [one for one in decisions_of(exception) if one.verb in MORE_TIME]
    return render(request, "governance/decide.html", context, status=answer)


@login_required
@require_POST
def confirm(request: HttpRequest, reference: str, condition: int) -> HttpResponse:
    """Say that a condition is met."""
    exception = get_object_or_404(ExceptionRequest.objects.referenced(reference))
    asked = get_object_or_404(Condition, pk=condition, exception=exception)
    try:
        asked.confirm(by=person(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{asked}” is confirmed.")
    return HttpResponseRedirect(exception.get_absolute_url())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an exception; an address in `proposal` answers what it can of the questions."""
    now = timezone.now()
    known = _known_of(request.GET.get("proposal", ""), now)
    form = AskForm(request.POST or None, initial=known, at=now)
    answer = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            exception = form.apply(by=person(request), at=now)
        except Refused as refusal:
            form.show(refusal)
            answer = _answer_for(refusal)
        else:
            messages.success(request, f"{exception} is asked for.")
            return HttpResponseRedirect(exception.get_absolute_url())
    asker = person_or_none(request)
    context = {"form": form, "asker": asker, "may_ask": rights.may_ask(asker)}
    return render(request, "governance/ask.html", context, status=answer)


def _exception(reference: str) -> ExceptionRequest:
    found = ExceptionRequest.objects.referenced(reference)
    related = found.select_related("release", "expires_with", "requester", "freeze")
    return get_object_or_404(related)


def _verb(word: str) -> Verb:
    for verb in Verb:
        if verb.value == word and verb not in {Verb.REQUEST, Verb.EXPIRE}:
            return verb
    raise Http404(f"There is no way to “{word}” an exception.")


def _answer_for(refusal: Refused) -> HTTPStatus:
    if isinstance(refusal, NotAllowed):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.OK if isinstance(refusal, InvalidInput) else HTTPStatus.CONFLICT


def _not_now(request: HttpRequest, exception: ExceptionRequest, verb: Verb) -> HttpResponse:
    """Why there is no form: it is somebody else's to decide, or the status does not allow it."""
    somebody, status = person_or_none(request), exception.status_at(timezone.now())
    ever = any(rights.may(somebody, verb, exception, one) for one in TRANSITIONS[verb])
    context = {
        "exception": exception,
        "verb": verb,
        "status": status,
        "is_theirs": ever,
        "who": rights.who_may(verb, exception.release),
        "from": " or ".join(one.label for one in TRANSITIONS[verb]),
    }
    answer = HTTPStatus.CONFLICT if ever else HTTPStatus.FORBIDDEN
    return render(request, "governance/not_now.html", context, status=answer)


def _known_of(address: str, now: datetime) -> dict[str, Any]:
    """What is known of a proposal already, as answers to the questions of a request."""
    release = Release.objects.current(now)
    address = address.replace("\0", "").strip()[:LONGEST_ADDRESS]
    if not address:
        return {"release": release, "freeze": _freeze_of(release, ChangeKind.FEATURE, at=now)}
    verdict = gate.verdict(address, at=now)
    proposal = verdict.proposal
    if proposal is None:
        freeze = _freeze_of(release, ChangeKind.FEATURE, at=now)
        return {"release": release, "freeze": freeze, "proposals": address}
    kind = ChangeKind(proposal.known_kind).counts_as
    release = verdict.release or release
    return {
        "release": release,
        "freeze": _freeze_of(release, kind, project=proposal.project_id, at=now),
        "title": proposal.title,
        "proposals": proposal.url,
    }


def _freeze_of(
    release: Release | None, kind: str, *, project: int | None = None, at: datetime
) -> Milestone | None:
    """The freeze that keeps such a change out: the last in force, or else the next to come.

    None where those in force let it pass: then it is for the reader to say from which.
    """
    freezes = [
        one
        for one in (release.milestones.all() if release else [])
        if one.blocks and one.project_id in {None, project}
    ]
    blocking = [one for one in freezes if kind in one.blocks]
    if any(one.at <= at for one in freezes):
        return next((one for one in reversed(blocking) if one.at <= at), None)
    return blocking[0] if blocking else None
