"""GitHub, or a server of GitHub Enterprise: who signs in, and which addresses it has verified."""

from typing import Any

from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.http import HttpRequest

from thaw.sign_in.connecting import Client, Untrusted, ask, ask_for_fields, callback_url


class GitHubAdapter(GitHubOAuth2Adapter):
    """allauth's, at the address that the settings name."""

    client_class = Client

    @property
    def access_token_url(self) -> str:
        return f"{self._settings['server_url']}/login/oauth/access_token"

    @property
    def authorize_url(self) -> str:
        return f"{self._settings['server_url']}/login/oauth/authorize"

    @property
    def _settings(self) -> dict[str, Any]:
        return dict(self.get_provider().app.settings)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(self.provider_id)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])  # used at once, never stored

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        headers = {
            "Authorization": f"Bearer {token.token}",
            "Accept": "application/vnd.github+json",
        }
        api = app.settings["api_url"]
        told = ask_for_fields(f"{api}/user", headers=headers)
        if not isinstance(told.get("id"), int) or not isinstance(told.get("login"), str):
            raise Untrusted("it does not say who signs in")
        told["emails"] = self._addresses(f"{api}/user/emails", headers)
        return self.get_provider().sociallogin_from_response(request, told)

    def _addresses(self, url: str, headers: dict[str, str]) -> list[dict[str, Any]]:
        """Empty where whoever registered Thaw there did not let it read them."""
        try:
            told = ask(url, headers=headers)
        except Untrusted:
            return []
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
