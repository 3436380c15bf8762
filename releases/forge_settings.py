"""What the settings say about forges, as the plain value that `releases.forges` takes."""

from dataclasses import replace

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from releases.forges.access import Access, Host, checked_base
from releases.host_settings import by_host


def access() -> Access:
    """The forges that may be asked, of the settings as they are. Raises ImproperlyConfigured."""
    found = {
        name: Host(name, forge, is_private=name in settings.FORGE_PRIVATE_HOSTS)
        for name, forge in by_host("FORGE_HOSTS").items()
    }
    for name, url in by_host("FORGE_BASE_URLS").items():
        base = _base(url)
        if name in found:
            is_plain = base.startswith("http://")
            found[name] = replace(found[name], base_url=base, allows_http=is_plain)
    for name, token in by_host("FORGE_TOKENS").items():
        if name in found:
            found[name] = replace(found[name], token=token)
    return Access(found, connections=settings.FORGE_CONNECTIONS, seconds=settings.FORGE_SECONDS)


def _base(url: str) -> str:
    """Encryption is left out for a server on a developer's own machine, never elsewhere."""
    try:
        return checked_base(url, allows_http=settings.DEBUG and _is_here(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"FORGE_BASE_URLS: {error}") from None


def _is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://[::1]:"))
