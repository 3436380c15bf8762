"""One's tokens: made here, their secrets shown once, and revoked here."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from governance.refusals import InvalidInput, Refused
from governance.signed_in import person, person_or_none
from thaw.models import Scope, Token

LIVES = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is revoked"}


class TokenForm(forms.Form):
    name = forms.CharField(label="What it is for", max_length=100)
    scope = forms.ChoiceField(label="It may", choices=Scope.choices)
    lives = forms.ChoiceField(label="It works", choices=list(LIVES.items()), required=False)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of who is signed in; POST makes one and shows its secret, this once."""
    form = TokenForm(request.POST if request.method == "POST" else None, initial={"lives": "90"})
    secret, status = "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _, secret = _make(request, form)
                form, status = TokenForm(initial={"lives": "90"}), 201
            except Refused as refusal:
                field = refusal.field if isinstance(refusal, InvalidInput) else None
                form.add_error(field if field in form.fields else None, str(refusal))
    me = person_or_none(request)
    context = {
        "tokens": Token.objects.filter(person=me) if me else [],
        "form": form,
        "secret": secret,
        "me": me,
        "now": timezone.now(),
    }
    return render(request, "tokens.html", context, status=status)


def _make(request: HttpRequest, form: TokenForm) -> tuple[Token, str]:
    now, said = timezone.now(), form.cleaned_data
    days = said["lives"]
    return Token.objects.make(
        person=person(request),
        name=said["name"],
        scope=Scope(said["scope"]),
        at=now,
        expires_at=now + timedelta(days=int(days)) if days else None,
    )


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own; of another's there is nothing to see."""
    token = get_object_or_404(Token, pk=pk, person=person_or_none(request))
    try:
        token.revoke(at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Revoked: {token}.")
    return HttpResponseRedirect(reverse("tokens"))
