"""Signing in with a name and password or with an account elsewhere, and joining such accounts."""

import math
from typing import Any, TypeVar

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.forms import DisconnectForm
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import LoginView
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from releases.models import Person
from releases.plurals import number_of
from thaw.sign_in.account import Account
from thaw.sign_in.adapters import failed, speaks_of_groups
from thaw.sign_in.connecting import configured, origins
from thaw.sign_in.groups import follow

TROUBLE = (RequestException, OAuth2Error)
Answer = TypeVar("Answer", bound=HttpResponseBase)


class SignIn(LoginView):
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {"providers": configured()}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return may_lead_away(super().dispatch(request, *args, **kwargs))


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The answer to a try after too many that failed; each try begins the wait anew."""
    seconds = math.ceil(settings.AXES_COOLOFF_TIME * 3600)
    wait = number_of(math.ceil(seconds / 60), "minute")
    answer = render(request, "locked_out.html", {"wait": wait}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def may_lead_away(answer: Answer) -> Answer:
    """A form on this page may end at a configured provider, and nowhere else."""
    if configured():
        answer._csp_update = {"form-action": origins()}  # type: ignore[attr-defined] # noqa: SLF001 as csp_update does, with what is known only now
    return answer


def accounts_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[SocialAccount]:
    """The accounts that open a login, at providers that are asked now."""
    asked = [app["provider_id"] for app in configured()]
    known: QuerySet[SocialAccount] = SocialAccount.objects.order_by("pk")
    return known.filter(user_id=user.pk, provider__in=asked)


def ways_in(user: AbstractBaseUser | AnonymousUser) -> dict[str, Any]:
    """For one's own page: what opens one's login, and what else could; nothing costs nothing."""
    providers = configured()
    if not providers:
        return {}
    names = {app["provider_id"]: app["name"] for app in providers}
    accounts = [
        (account, names[account.provider], Account.from_data(account.extra_data).shown)
        for account in accounts_of(user)
    ]
    return {"providers": providers, "accounts": accounts}


@require_POST
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To a provider: to sign in or, with `join`, to join the account there to one's login."""
    provider = _provider(request, provider_id)
    process = AuthProcess.CONNECT if "join" in request.POST else AuthProcess.LOGIN
    if process == AuthProcess.CONNECT and not request.user.is_authenticated:
        return redirect("login")
    to = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    try:
        answer: HttpResponse = provider.redirect(request, process, to if ours else None)
    except TROUBLE as error:
        return failed(request, provider.name, exception=error)
    return answer


@require_safe
@never_cache
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """From a provider, with a code for who that was, or with why not."""
    provider = _provider(request, provider_id)
    view = OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))
    try:
        answer: HttpResponse = view(request)
    except TROUBLE as error:  # while allauth asks where to ask
        return failed(request, provider.name, exception=error)
    return answer


@require_POST
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """An account opens one's login no longer; what its groups gave ends with it."""
    account = get_object_or_404(accounts_of(request.user), pk=pk)
    form = DisconnectForm({"account": account.pk}, request=request)
    if form.is_valid():
        form.save()
        _end_roles(account)
    else:
        messages.error(request, " ".join(form.non_field_errors()))
    return redirect("me")


def _end_roles(account: SocialAccount) -> None:
    person = Person.objects.filter(user_id=account.user_id).first()
    if person is not None and speaks_of_groups(account):
        follow(person, [], rules=[], by=account.user, why="Left the account elsewhere")


def _provider(request: HttpRequest, provider_id: str) -> Any:
    if all(app["provider_id"] != provider_id for app in configured()):
        raise Http404
    return get_adapter().get_provider(request, provider_id)
