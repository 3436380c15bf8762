"""Who may say who signs in. allauth looks for `provider_classes` in a module of this name."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import get_random_string

from releases.models import HandleKind
from thaw.sign_in.account import Account, account_of
from thaw.sign_in.configuring import GITHUB_COM
from thaw.sign_in.connecting import Untrusted
from thaw.sign_in.github import GitHubAdapter
from thaw.sign_in.groups import parse_group_roles
from thaw.sign_in.openid import OpenIDConnectAdapter, nonce_of

STATE_CHARACTERS = 32
LONGEST_UID = 191  # as long as allauth's column


def uid(issuer: str, subject: Any) -> str:
    """Who somebody is there; with the issuer, for another one counts from 1 too."""
    named = f"{issuer.rstrip('/')}#{subject}"
    if not str(subject) or not named.isprintable() or len(named) > LONGEST_UID:
        raise Untrusted("its name for who signs in is empty or too long")
    return named


class Quiet:
    """Nothing of what a provider says goes into a login unseen: `Account` is what is kept."""

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return self.account_in(data).as_data()

    def account_in(self, data: dict[str, Any]) -> Account:
        raise NotImplementedError


class OpenIDConnect(Quiet, OpenIDConnectProvider):
    oauth2_adapter_class = OpenIDConnectAdapter

    def get_callback_url(self) -> str:
        return reverse("sign-in-back", args=[self.app.provider_id])

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        state_id = get_random_string(STATE_CHARACTERS)
        params = {**self.get_auth_params(), "nonce": nonce_of(state_id)}
        answer: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=params, state_id=state_id, **kwargs
        )
        return answer

    def extract_uid(self, data: dict[str, Any]) -> str:
        return uid(data["iss"], data["sub"])

    def account_in(self, data: dict[str, Any]) -> Account:
        told = data.get(self.app.settings["groups_claim"])
        groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        known = dict.fromkeys(rule.group for rule in parse_group_roles(self.app.settings["roles"]))
        verified = data.get("email_verified")
        return account_of(
            name=data.get("name"),
            username=data.get("preferred_username"),
            # Some say it in words; the word “false” is no yes either.
            emails=[data.get("email")] if verified is True or verified == "true" else [],
            unverified=data.get("email"),
            groups=[group for group in known if group in groups],
        )


class GitHub(Quiet, GitHubProvider):
    oauth2_adapter_class = GitHubAdapter

    def get_callback_url(self) -> str:
        return reverse("sign-in-back", args=[self.app.provider_id])

    def extract_uid(self, data: dict[str, Any]) -> str:
        return uid(self.app.settings["server_url"], data["id"])

    def account_in(self, data: dict[str, Any]) -> Account:
        server = self.app.settings["server_url"]
        prefix = "" if server == GITHUB_COM else f"{urlsplit(server).netloc}/"
        verified = [one for one in data["emails"] if one.get("verified") is True]
        verified.sort(key=lambda one: one.get("primary") is not True)
        return account_of(
            name=data.get("name"),
            username=data["login"],
            emails=[one.get("email") for one in verified],
            handle=(HandleKind.GITHUB, prefix + data["login"]),
        )


provider_classes = [OpenIDConnect, GitHub]
