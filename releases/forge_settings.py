"""What the settings say about forges, as the plain value that `releases.forges` takes."""

from dataclasses import replace
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from releases.forges.access import Access, Host, checked_base


def access() -> Access:
    """The forges that may be asked, of the settings as they are. Raises ImproperlyConfigured."""
    return _access(
        tuple(settings.FORGE_HOSTS),
        tuple(settings.FORGE_BASE_URLS),
        tuple(settings.FORGE_TOKENS),
        frozenset(settings.FORGE_PRIVATE_HOSTS),
        settings.FORGE_CONNECTIONS,
        settings.FORGE_SECONDS,
        settings.DEBUG,
    )


@cache
def _access(
    hosts: tuple[str, ...],
    base_urls: tuple[str, ...],
    tokens: tuple[str, ...],
    private: frozenset[str],
    connections: int,
    seconds: float,
    debug: bool,  # noqa: FBT001 one of many plain values
) -> Access:
    found = {}
    for entry in hosts:
        name, forge = _pair(entry, "FORGE_HOSTS", "review.example.org=gerrit")
        found[name] = Host(name, forge, is_private=name in private)
    for entry in base_urls:
        name, url = _pair(entry, "FORGE_BASE_URLS", "git.example.org=https://git.example.org/api")
        try:
            # Encryption is left out for a server on a developer's own machine, never elsewhere.
            base = checked_base(url, allows_http=debug and _is_here(url))
        except ValueError as error:
            raise ImproperlyConfigured(f"FORGE_BASE_URLS: {error}") from None
        if name in found:
            is_plain = base.startswith("http://")
            found[name] = replace(found[name], base_url=base, allows_http=is_plain)
    for entry in tokens:
        name, token = _pair(entry, "FORGE_TOKENS", "github.com=...")
        if name in found:
            found[name] = replace(found[name], token=token)
    return Access(found, connections=connections, seconds=seconds)


def _pair(entry: str, setting: str, example: str) -> tuple[str, str]:
    name, equals, value = entry.strip().partition("=")
    if not (name and equals and value):
        # The value is not repeated: it may be a token.
        raise ImproperlyConfigured(f"{setting}: “{name[:40]}” should look like {example}.")
    return name.strip().lower(), value.strip()


def _is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://[::1]:"))
