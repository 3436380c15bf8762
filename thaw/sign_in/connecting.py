"""How a provider is asked: over connections that lead to the configured hosts alone."""

import functools
from typing import Any

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from django.conf import settings
from django.urls import reverse

SECONDS = (3.05, 5)  # to connect, and for each piece of an answer
MOST_REDIRECTS = 3


class Untrusted(OAuth2Error):
    """What a provider answered cannot be used; the message says why and holds no secret."""


def configured() -> list[dict[str, Any]]:
    """Every provider that the settings name, in their order."""
    return [app for told in settings.SOCIALACCOUNT_PROVIDERS.values() for app in told["APPS"]]


def origins() -> list[str]:
    """`https://sso.example.org` of each host that a provider may be on; each once."""
    told = [origin for app in configured() for origin in app["settings"]["origins"]]
    return list(dict.fromkeys(told))


def is_allowed(url: Any) -> bool:
    """Whether an address that a provider named is on a host that the settings name."""
    return isinstance(url, str) and any(url.startswith(f"{origin}/") for origin in origins())


def open_session() -> requests.Session:
    """A session that reaches no other host, not by a redirect either."""
    session = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    session.adapters.clear()
    for origin in origins():
        session.mount(f"{origin}/", requests.adapters.HTTPAdapter())
    session.request = functools.partial(session.request, timeout=SECONDS)  # type: ignore[method-assign] # as allauth does
    return session


def ask(url: str, *, method: str = "GET", **request: Any) -> Any:
    """The JSON behind an address. Raises RequestException, or Untrusted where it refuses."""
    with open_session() as session:
        answer = session.request(method, url, **request)
        if answer.status_code >= requests.codes.server_error:
            raise requests.HTTPError(f"{answer.status_code} from a provider", response=answer)
        if not answer.ok:
            asked, _, _ = url.partition("?")  # what follows may hold what is secret
            raise Untrusted(f"{asked} answered with status {answer.status_code}")
        return answer.json()


def ask_for_fields(url: str, **request: Any) -> dict[str, Any]:
    """The same, where the answer must be an object."""
    found = ask(url, **request)
    if not isinstance(found, dict):
        raise Untrusted("an answer of it is no object")
    return found


class Client(OAuth2Client):
    """Exchanges the code, with its PKCE verifier, for a token; no answer goes into a message."""

    def get_access_token(
        self,
        code: str,
        pkce_code_verifier: str | None = None,
        extra_data: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback_url,
            "code_verifier": pkce_code_verifier or "",
        }
        auth = None
        if self.basic_auth:
            auth = requests.auth.HTTPBasicAuth(self.consumer_key, self.consumer_secret)
        else:
            fields |= {"client_id": self.consumer_key, "client_secret": self.consumer_secret}
        accept = {"Accept": "application/json"}
        told = ask_for_fields(
            self.access_token_url, method="POST", data=fields, auth=auth, headers=accept
        )
        if not isinstance(told.get("access_token"), str):
            raise Untrusted("it gave no token for the code")
        return told


def callback_url(provider_id: str) -> str:
    """Where a provider sends people back: on this site's own address, whatever host was asked."""
    return f"{settings.SITE_URL}{reverse('sign-in-back', args=[provider_id])}"
