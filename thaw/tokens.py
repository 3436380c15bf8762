"""Who speaks to the API, and what their token lets them do."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle

from thaw.models import Scope, Token

SCHEME = "Bearer"


class TriedTokens(AnonRateThrottle):
    """Tries of tokens that are none count as what a stranger asks from that address.

    The rates are looked at only after who asks is known, which here never comes.
    """

    def get_cache_key(self, request: Request, view: Any) -> str:
        # Theirs asks for the user, who is just being found out.
        key: str = self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
        return key


class Bearer(BaseAuthentication):
    """`Authorization: Bearer thaw_…`: the person who made the token, while they may sign in."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        header: str = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, secret = header.strip().partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = Token.objects.of_secret(secret.strip(), at=timezone.now())
        # One answer for all, so that it tells nothing of tokens that there were.
        if token is None or token.person.user is None or not token.person.user.is_active:
            tried = TriedTokens()
            if not tried.allow_request(request, None):
                raise Throttled(tried.wait())
            raise AuthenticationFailed("This token is not known, or works no longer.")
        return token.person.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class BearerSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # theirs
    target_class = Bearer
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of yours: made, and revoked, on /me/tokens/.",
        }


class OpenToRead(BasePermission):
    """Anybody may read, as on the pages; who changes something is signed in, with the scope."""

    message = "This token may only read: make one that may write."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            return False
        return not isinstance(request.auth, Token) or request.auth.scope == Scope.WRITE
