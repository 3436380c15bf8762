"""OpenID Connect: what a provider says about who signs in, and whether it is believed."""

from typing import Any

import jwt
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from requests import RequestException

from thaw.sign_in.connecting import Client, Untrusted, ask_for_fields, callback_url, is_allowed

KEPT_SECONDS = 300  # a discovery document; keys are asked for each time, for they are changed
REST_SECONDS = 5
LEEWAY_SECONDS = 60  # between the provider's clock and ours
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint",)
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]


def nonce_of(state_id: str) -> str:
    """What an ID token must repeat: bound to the state, which the session holds and uses once."""
    return salted_hmac("thaw.sign_in.nonce", state_id, algorithm="sha256").hexdigest()


def discovered(app: SocialApp) -> dict[str, Any]:
    """The provider's own description. Raises Untrusted unless it is that of who was configured."""
    server: str = app.settings["server_url"]
    key = f"sign-in:described:{server}"
    if found := cache.get(key):
        return dict(found)
    found = _asked(server.rstrip("/"))
    issuer = found.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") != server.rstrip("/"):
        raise Untrusted("its discovery document is that of another issuer")
    for endpoint in [*ENDPOINTS, *(one for one in OPTIONAL if found.get(one))]:
        if not is_allowed(found.get(endpoint)):
            raise Untrusted(f"its {endpoint} is on a host that OIDC_HOSTS does not name")
    cache.set(key, found, KEPT_SECONDS)
    return found


def _asked(server: str) -> dict[str, Any]:
    """The document itself. One that did not answer is let rest: nobody else waits for it too."""
    resting = f"sign-in:rests:{server}"
    if cache.get(resting):
        raise RequestException("it did not answer a moment ago")
    try:
        return ask_for_fields(f"{server}/.well-known/openid-configuration")
    except RequestException:
        cache.set(resting, value=True, timeout=REST_SECONDS)
        raise


class OpenIDConnectAdapter(OpenIDConnectOAuth2Adapter):
    """allauth's, with the ID token's signature and nonce checked and hosts held to the settings."""

    client_class = Client

    @property
    def openid_config(self) -> dict[str, Any]:
        return discovered(self.get_provider().app)

    @property
    def basic_auth(self) -> bool:
        known = self.openid_config.get("token_endpoint_auth_methods_supported")
        return "client_secret_post" not in (known or ["client_secret_basic"])

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(self.provider_id)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])  # used at once, never stored

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        config = self.openid_config
        told = self._verified(kwargs["response"].get("id_token"), app, config)
        if not constant_time_compare(told["nonce"], nonce_of(request.GET.get("state", ""))):
            raise Untrusted("its ID token is of another sign-in")
        more: dict[str, Any] = {}
        if config.get("userinfo_endpoint"):
            bearer = {"Authorization": f"Bearer {token.token}"}
            more = ask_for_fields(config["userinfo_endpoint"], headers=bearer)
            if more.get("sub") != told["sub"]:
                raise Untrusted("its user information is of somebody else")
        claims = {**told, **more, "iss": config["issuer"]}
        if "email" in more:  # an address and whether it is verified are said in one breath
            claims["email_verified"] = more.get("email_verified")
        return self.get_provider().sociallogin_from_response(request, claims)

    def _verified(self, id_token: Any, app: SocialApp, config: dict[str, Any]) -> dict[str, Any]:
        """The claims of an ID token that this provider signed, for us, and that still holds."""
        if not isinstance(id_token, str):
            raise Untrusted("it gave no ID token")
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            keys = jwt.PyJWKSet.from_dict(ask_for_fields(config["jwks_uri"])).keys
            fitting = [key for key in keys if kid is None or key.key_id == kid]
            if len(fitting) != 1:
                raise Untrusted("its ID token is signed with a key that it does not publish")
            claims = jwt.decode(
                id_token,
                key=fitting[0],
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise Untrusted(f"its ID token does not hold ({type(error).__name__})") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise Untrusted("its ID token was made for somebody else")
        if not isinstance(claims["nonce"], str):
            raise Untrusted("its ID token is of another sign-in")
        return dict(claims)
