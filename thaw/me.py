"""What somebody was told, and how they want to be told: `/me/`, and unsubscribing by mail."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.mails import read_token
from governance.models import Channel, ExceptionRequest, Kind, Notice, Preference, Watch
from governance.offsets import offsets_in_words
from meetings.models import Action
from releases.models import Person, ProposalState
from thaw.sign_in.views import may_lead_away, ways_in

SHOWN = 50  # notices
SHOWN_OF_MINE = 20  # exceptions, proposals and actions
OPEN = [ProposalState.DRAFT, ProposalState.OPEN, ProposalState.APPROVED]


class PreferenceForm(forms.ModelForm):
    class Meta:
        model = Preference
        fields = [*Kind.values, "offsets", "digest_hour"]


def person_of(request: HttpRequest) -> Person | None:
    """The person that a login belongs to; a login may belong to nobody."""
    return getattr(request.user, "person", None)


@require_safe
@never_cache
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """One's own notices, the latest first, and one's preferences."""
    return may_lead_away(_page(request, person_of(request)))


def _page(
    request: HttpRequest, person: Person | None, form: PreferenceForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"person": person, "now": timezone.now(), **ways_in(request.user)}
    if person is not None:
        notices = list(Notice.objects.shown_to(person)[:SHOWN])
        preference = Preference.of([person.pk]).get(person.pk)
        context |= {
            "notices": notices,
            "watched": ExceptionRequest.objects.filter(watches__person=person),
            "mine": _mine(person, context["now"]),
            "unread": any(notice.read_at is None for notice in notices),
            "form": form or PreferenceForm(instance=preference),
            "usual": offsets_in_words(settings.REMINDER_OFFSETS),
        }
    refused = form is not None and bool(form.errors)
    return render(request, "me.html", context, status=400 if refused else 200)


def _mine(person: Person, now: datetime) -> dict[str, Any]:
    """What somebody has open here: their exceptions, proposals and actions."""
    asked = ExceptionRequest.objects.filter(requester=person).order_by("-pk")
    exceptions = asked.select_related("expires_with")[:SHOWN_OF_MINE]
    proposals = person.proposals.filter(state__in=OPEN).order_by("-pk")
    actions = Action.objects.open().of(person).with_story().order_by("-given_at", "-pk")
    return {
        "exceptions": [(one, one.status_at(now)) for one in exceptions],
        "proposals": proposals[:SHOWN_OF_MINE],
        "actions": actions[:SHOWN_OF_MINE],
    }


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that was due by now."""
    now = timezone.now()
    unread = Notice.objects.filter(recipient=person_of(request), read_at=None, due_at__lte=now)
    unread.update(read_at=now)
    return redirect("me")


@require_POST
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Store how somebody wants to be told; where something is wrong, the page says what."""
    person = person_of(request)
    if person is None:
        return redirect("me")
    known = Preference.of([person.pk]).get(person.pk)
    form = PreferenceForm(request.POST, instance=known or Preference(person=person))
    if not form.is_valid():
        return _page(request, person, form)
    form.save()
    messages.success(request, "Stored. It holds from the next notice on.")
    return redirect("me")


@require_POST
@login_required
def watch(request: HttpRequest, reference: str) -> HttpResponse:
    """Hear of an exception that is not one's own, or, with `stop`, no longer.

    Leads back to where one pressed: the exception's page says `here`.
    """
    exception = get_object_or_404(ExceptionRequest.objects.referenced(reference))
    person = person_of(request)
    if person is None:
        return redirect("me")
    if "stop" in request.POST:
        Watch.objects.filter(exception=exception, person=person).delete()
        messages.success(request, f"You are told no more of {exception.reference}.")
    else:
        Watch.objects.get_or_create(exception=exception, person=person)
        messages.success(request, f"You will be told what becomes of {exception.reference}.")
    return redirect(exception if "here" in request.POST.values() else "me")


@csrf_exempt  # a mail program posts it (RFC 8058); the token is what proves the right to
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of mail for whoever got this address in one; a GET asks first."""
    try:
        person_id, kind = read_token(token)
    except BadSignature:
        return render(request, "unsubscribe.html", {"bad": True}, status=404)
    person = get_object_or_404(Person, pk=person_id)
    context = {"person": person, "kind": Kind(kind).label}
    if request.method == "POST":
        preference, _ = Preference.objects.get_or_create(person=person)
        if preference.channel(kind) == Channel.MAIL:
            setattr(preference, kind, Channel.IN_APP)
            preference.save(update_fields=[kind])
        context["done"] = True
    return render(request, "unsubscribe.html", context)
