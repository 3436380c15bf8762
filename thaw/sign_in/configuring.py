"""With which accounts people sign in, as the environment says; read by the settings alone."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

GITHUB_COM = "https://github.com"
USUAL_SCOPES = ("openid", "profile", "email")


def origin(url: str) -> str:
    """`https://sso.example.org:8443` of any address there; nothing where it is none."""
    try:
        parts = urlsplit(url)
        is_none = parts.port == 0
    except ValueError:  # brackets without an address in them, or a port that is no number
        return ""
    return "" if is_none else f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(frozen=True)
class OpenIDConnect:
    """The one provider of OpenID Connect: a company's, a project's, a forge's."""

    server: str  # its issuer, as its own discovery document spells it
    client_id: str
    secret: str = field(repr=False)
    name: str = ""  # on the button
    hosts: tuple[str, ...] = ()  # beside the server's own
    scopes: tuple[str, ...] = USUAL_SCOPES
    groups_claim: str = "groups"
    roles: tuple[str, ...] = ()  # `group=role` or `group=role:project`
    new_people: bool = True
    session_hours: int = 12
    allows_http: bool = False

    def problems(self) -> list[str]:
        """What is missing or unusable, each by its setting; none where nothing is set."""
        needed = {
            "OIDC_SERVER": self.server,
            "OIDC_CLIENT_ID": self.client_id,
            "OIDC_SECRET": self.secret,
        }
        optional = {"OIDC_NAME": self.name, "OIDC_HOSTS": self.hosts, "OIDC_ROLES": self.roles}
        found = _half(needed, optional)
        if self.server:
            found += _address("OIDC_SERVER", self.server, allows_http=self.allows_http)
        if "/.well-known/" in self.server:
            found.append("OIDC_SERVER is the issuer: leave out /.well-known/ and what follows it.")
        found += [
            f"OIDC_HOSTS names “{host}”: a host alone, such as login.example.org, is needed."
            for host in self.hosts
            if origin(f"https://{host}/") != f"https://{host}".lower() or not host
        ]
        if self.server and "openid" not in self.scopes:
            found.append("OIDC_SCOPES lacks openid: without it nobody says who signs in.")
        return found

    def provider(self) -> dict[str, Any]:
        """The provider as allauth's settings have it; nothing where it is not set up."""
        if not self.server:
            return {}
        return _app(
            "openid_connect",
            provider_id="oidc",
            name=self.name or urlsplit(self.server).netloc,
            client_id=self.client_id,
            secret=self.secret,
            settings={
                "server_url": self.server,
                "origins": [
                    origin(self.server),
                    *(f"https://{host}".lower() for host in self.hosts),
                ],
                "scope": list(self.scopes),
                "groups_claim": self.groups_claim,
                "roles": list(self.roles),
                "new_people": self.new_people,
                "session_hours": self.session_hours,
            },
        )


@dataclass(frozen=True)
class GitHub:
    """github.com, or a server of GitHub Enterprise."""

    client_id: str
    secret: str = field(repr=False)
    url: str = GITHUB_COM
    new_people: bool = False
    allows_http: bool = False

    def problems(self) -> list[str]:
        """What is missing or unusable, each by its setting; none where nothing is set."""
        needed = {"GITHUB_CLIENT_ID": self.client_id, "GITHUB_SECRET": self.secret}
        return _half(needed, {}) + _address("GITHUB_URL", self.url, allows_http=self.allows_http)

    def provider(self) -> dict[str, Any]:
        """GitHub as allauth's settings have it; nothing where it is not set up."""
        if not self.client_id:
            return {}
        url = self.url.rstrip("/")
        api = "https://api.github.com" if url == GITHUB_COM else f"{url}/api/v3"
        return _app(
            "github",
            provider_id="github",
            name="GitHub",
            client_id=self.client_id,
            secret=self.secret,
            settings={
                "server_url": url,
                "api_url": api,
                "origins": [origin(url), origin(api)],
                "scope": ["user:email"],
                "roles": [],
                "new_people": self.new_people,
                "session_hours": None,
            },
        )


def _app(kind: str, *, settings: dict[str, Any], **fields: str) -> dict[str, Any]:
    return {kind: {"APPS": [{**fields, "settings": {"oauth_pkce_enabled": True, **settings}}]}}


def _half(needed: dict[str, str], optional: dict[str, Any]) -> list[str]:
    """What is missing of settings that are needed together, where any of them is set."""
    told = [name for name, value in {**needed, **optional}.items() if value]
    return [
        f"{name} is missing: {told[0]} is set, and sign-in needs both."
        for name, value in needed.items()
        if told and not value
    ]


def _address(name: str, url: str, *, allows_http: bool) -> list[str]:
    schemes = ("https://", "http://") if allows_http else ("https://",)
    if not url.lower().startswith(schemes):
        return [f"{name} must begin with https://: who signs in is told over it."]
    parts = urlsplit(url if origin(url) else "")
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        return [f"{name} is no plain address of a server."]
    return []
