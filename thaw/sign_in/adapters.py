"""Where allauth asks us: who may sign in, as whom, and what is said when it fails."""

import logging
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from requests import RequestException, Session

from governance.refusals import NotAllowed
from releases.models import Person
from thaw.sign_in.account import Account
from thaw.sign_in.connecting import Untrusted, configured, open_session
from thaw.sign_in.failing import CLOSED, not_signed_in
from thaw.sign_in.groups import follow, parse_group_roles
from thaw.sign_in.people import login_for, note_handle

BACKEND = "django.contrib.auth.backends.ModelBackend"  # a session is as any other
_log = logging.getLogger(__name__)


class SocialAccounts(DefaultSocialAccountAdapter):
    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        # The name of a message, and no password.
        "no_password": "It is the only way in to this login: join another account first.",
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the settings; a row in the database makes no provider."""
        told = settings.SOCIALACCOUNT_PROVIDERS.items()
        apps = [SocialApp(provider=kind, **app) for kind, one in told for app in one["APPS"]]
        return [
            app
            for app in apps
            if provider in {None, app.provider, app.provider_id}
            and client_id in {None, app.client_id}
        ]

    def get_requests_session(self) -> Session:
        return open_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # pre_social_login has made the login, or refused

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("me")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The provider has said who it is: decide who that is here, and which roles follow."""
        try:
            with transaction.atomic():
                if sociallogin.state["process"] == AuthProcess.CONNECT:
                    self._join(request, sociallogin)
                else:
                    self._enter(request, sociallogin)
        except NotAllowed as refused:
            raise ImmediateHttpResponse(
                not_signed_in(request, str(refused), status=403)
            ) from refused
        except IntegrityError as error:  # the same account, at the same moment, once more
            sentence = "Two sign-ins met. Try again."
            raise ImmediateHttpResponse(not_signed_in(request, sentence, status=409)) from error

    def _enter(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        provider = sociallogin.provider
        account = Account.from_data(sociallogin.account.extra_data)
        rules = provider.app.settings
        if not sociallogin.is_existing:
            user = login_for(account, provider=provider.name, new_people=rules["new_people"])
            sociallogin.connect(request, user)
        if not sociallogin.user.is_active:
            raise NotAllowed(CLOSED)
        person = Person.objects.filter(user=sociallogin.user).first()
        if person is not None and speaks_of_groups(sociallogin.account):
            follow(
                person,
                account.groups,
                rules=parse_group_roles(rules["roles"]),
                by=sociallogin.user,
                why=f"Signed in with {provider.name}",
            )

    def _join(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """From within: the account opens the login of who is signed in, from now on."""
        if sociallogin.is_existing and sociallogin.user != request.user:
            raise NotAllowed("That account opens another login here.")
        # Who signed out meanwhile has no key; None would find whoever has no login.
        person = Person.objects.filter(user_id=request.user.pk or 0).first()
        if person is not None:
            note_handle(Account.from_data(sociallogin.account.extra_data), person)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        raise ImmediateHttpResponse(
            failed(
                request,
                provider.name,
                error=error,
                exception=exception,
                began_here="state" in (extra_context or {}),
            )
        )


class Logins(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        login(request, user, backend=BACKEND)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return not_signed_in(request, CLOSED, status=403)

    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        """A session that a provider opened ends in time for it to say again who that is."""
        hours = told["signal_kwargs"]["sociallogin"].provider.app.settings["session_hours"]
        if hours:
            request.session.set_expiry(timezone.now() + timedelta(hours=hours))
        answer: HttpResponse = super().post_login(request, user, **told)
        return answer


def speaks_of_groups(account: SocialAccount) -> bool:
    """Whether this account's provider says in which groups somebody is."""
    return any(
        app["settings"].get("groups_claim")
        for app in configured()
        if app["provider_id"] == account.provider
    )


def _where(exception: RequestException) -> str:
    """What was asked, and what became of it; nothing of its query, which may hold a secret."""
    why = type(exception).__name__
    if exception.response is not None:
        why = f"status {exception.response.status_code}"
    if exception.request is None or exception.request.url is None:
        return why
    asked, _, _ = exception.request.url.partition("?")
    return f"{asked}: {why}"


def failed(
    request: HttpRequest,
    provider: str,
    *,
    error: str | None = None,
    exception: Exception | None = None,
    began_here: bool = True,
) -> HttpResponse:
    """The page for a sign-in that came to nothing, and a line for whoever runs the site."""
    if error == AuthError.CANCELLED:
        return not_signed_in(request, f"{provider} was not to say who you are.", status=403)
    if isinstance(exception, RequestException):
        _log.warning("%s was not reached: %s.", provider, _where(exception))
        sentence = f"{provider} does not answer now. Try again in a while."
        return not_signed_in(request, sentence, status=502)
    if exception is not None:
        why = exception if isinstance(exception, Untrusted) else type(exception).__name__
        _log.warning("%s was not believed: %s.", provider, why)
        sentence = (
            f"What {provider} answered cannot be used. Whoever runs this site finds why in its log."
        )
        return not_signed_in(request, sentence, status=502)
    if began_here:
        return not_signed_in(request, f"{provider} refused. Try again in a while.", status=502)
    return not_signed_in(request, "This sign-in is over, or began elsewhere. Begin again.")
