"""Settings that say something of each host, `github.com=…`, and what is wrong with them.

Light, so that every start may ask: nothing of HTTP is imported.
"""

import re
from collections.abc import Container
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KINDS = ("forgejo", "gerrit", "github", "gitlab", "launchpad")  # with a reader in releases.forges
EXAMPLES = {
    "FORGE_HOSTS": "review.example.org=gerrit",
    "FORGE_BASE_URLS": "git.example.org=https://git.example.org/api",
    "FORGE_TOKENS": "github.com=...",
    "FORGE_SECRETS": "github.com=...",
    "STATUS_TOKENS": "github.com=...",
    "STATUS_BASE_URLS": "github.com=https://github.example.org/api",
}
OF_KNOWN_HOSTS = ("FORGE_BASE_URLS", "FORGE_TOKENS", "FORGE_PRIVATE_HOSTS")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)


def by_host(setting: str) -> dict[str, str]:
    """What a setting says, by host. Raises ImproperlyConfigured, without a word of the value."""
    return _by_host(setting, tuple(getattr(settings, setting)))


def base_urls(setting: str) -> dict[str, str]:
    """The addresses that a setting names, by host. Raises ImproperlyConfigured."""
    return {
        host: _base_url(url, f"{setting}: the address of {host}")
        for host, url in by_host(setting).items()
    }


def refuse_misspelt() -> None:
    """Raises ImproperlyConfigured for the first entry that cannot be read, or names no forge."""
    for setting in EXAMPLES:
        by_host(setting)
    for setting in ("FORGE_BASE_URLS", "STATUS_BASE_URLS"):
        base_urls(setting)
    for host, kind in by_host("FORGE_HOSTS").items():
        if kind not in KINDS:
            raise ImproperlyConfigured(
                f"FORGE_HOSTS: “{kind}” of {host} is none of {', '.join(KINDS)}."
            )
    for setting in OF_KNOWN_HOSTS:
        _refuse_unknown(setting, known=by_host("FORGE_HOSTS"))
    _refuse_what_no_webhook_is_sent_to()


def _refuse_unknown(setting: str, *, known: Container[str]) -> None:
    """What is said of a host that is asked for nothing would be read past in silence."""
    for place, entry in enumerate(getattr(settings, setting), start=1):
        if entry.partition("=")[0].strip().lower() not in known:
            raise ImproperlyConfigured(
                f"{setting}: the host of number {place} of its entries is not in FORGE_HOSTS. Add"
                f" it there, as {EXAMPLES['FORGE_HOSTS']}, or take it out here."
            )


def _refuse_what_no_webhook_is_sent_to() -> None:
    for entry in settings.WEBHOOK_HOSTS:
        scheme, found, host = entry.rpartition("://")
        is_http = scheme.lower() == "https" or (scheme.lower() == "http" and settings.DEBUG)
        if not _HOST.fullmatch(host) or (found and not is_http):
            raise ImproperlyConfigured(
                f"WEBHOOK_HOSTS names “{entry}”: write a host alone, without path or blank, such as"
                " hooks.example.org. Webhooks go over https."
            )


@cache
def _by_host(setting: str, entries: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for place, entry in enumerate(entries, start=1):
        host, _, value = (part.strip() for part in entry.partition("="))
        if not (_HOST.fullmatch(host) and value):
            # Nothing of it is repeated: what stands there may be the token alone.
            raise ImproperlyConfigured(
                f"{setting}: number {place} of its entries should look like {EXAMPLES[setting]}."
            )
        found[host.lower()] = value
    return found


def _base_url(url: str, called: str) -> str:
    """Encryption is left out for a server on a developer's own machine, never elsewhere."""
    is_here = settings.DEBUG and url.startswith(("http://127.0.0.1:", "http://[::1]:"))
    if not url.lower().startswith("https://") and not is_here:
        raise ImproperlyConfigured(f"{called} must begin with https://.")
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address in them, or a port that is no number
        is_whole = False
    if not is_whole or "@" in parts.netloc or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{called} must be a scheme, a host and a path, no more.")
    return url.rstrip("/")
