"""What must hold before Thaw starts. All that is wrong is told at once: one round mends it."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5  # those of Django's own deployment check
SHORTEST_TOKEN = 20
SHORTEST_PRELOAD = 365 * 24 * 3600  # seconds: https://hstspreload.org
# A host as Django compares it; a dot before it lets in all that is below it.
_HOST = re.compile(r"\.?[a-z0-9.-]+|\[[a-f0-9:.]+\]", re.IGNORECASE)


def refuse_half_configured(problems: Sequence[str]) -> None:
    """Raises ImproperlyConfigured with every problem there is, one a line."""
    if problems:
        raise ImproperlyConfigured("Thaw will not start:\n  - " + "\n  - ".join(problems))


def refuse_insecure(
    *, secret_key: str, allowed_hosts: list[str], site_url: str, others: Sequence[str] = ()
) -> None:
    """Production starts only with a key, hosts and an address of its own, and without `others`.

    Raises ImproperlyConfigured.
    """
    problems = []
    if len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < FEWEST_CHARACTERS:
        problems.append(
            "SECRET_KEY is missing or weak: set at least 50 random characters"
            " (python3 -c 'import secrets; print(secrets.token_urlsafe(50))')."
        )
    if not allowed_hosts:
        problems.append("ALLOWED_HOSTS is empty: name the hosts that this site answers for.")
    if "*" in allowed_hosts:
        problems.append("ALLOWED_HOSTS holds '*': name the hosts, so that links cannot be forged.")
    problems += [
        f"ALLOWED_HOSTS holds {host!r}, which matches no request: write a host alone, without"
        " scheme, port, blank or slash (thaw.example.org)."
        for host in allowed_hosts
        if host != "*" and not _HOST.fullmatch(host)
    ]
    problems += _wrong_with_address(site_url, allowed_hosts)
    problems += others
    if problems:
        raise ImproperlyConfigured(
            "Thaw will not start in production (DEBUG=false):\n  - " + "\n  - ".join(problems)
        )


def _wrong_with_address(site_url: str, allowed_hosts: list[str]) -> list[str]:
    """A sentence of what is wrong first, if anything is. What may be a password is not repeated."""
    if not site_url.startswith("https://"):
        return ["SITE_URL must begin with https://: mail links and cookies rely on it."]
    if any(character.isspace() for character in site_url):
        return ["SITE_URL holds a blank: links in mail would end there. Take it out."]
    try:
        parts = urlsplit(site_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ["SITE_URL is no address: write https:// and a host (https://thaw.example.org)."]
    if "@" in parts.netloc:
        return ["SITE_URL holds a user's name: everybody would read it in links. Take it out."]
    host, told = f"[{host}]" if ":" in host else host, []
    if parts.path.strip("/") or parts.query or parts.fragment:
        told = ["SITE_URL is more than a host: links in mail would lead nowhere. End it there."]
    elif allowed_hosts and not validate_host(host, allowed_hosts):
        told = [f"SITE_URL leads to {host!r}, which ALLOWED_HOSTS does not let in: add it there."]
    return told


def short_token(name: str, token: str) -> list[str]:
    """What is wrong with a token that was set, in a sentence, if anything is."""
    if 0 < len(token) < SHORTEST_TOKEN:
        return [f"{name} is short: set at least {SHORTEST_TOKEN} random characters, or none."]
    return []


def idle_preload(*, preload: bool, subdomains: bool, seconds: int) -> list[str]:
    """What keeps browsers from taking this site into their lists, in a sentence, if anything."""
    if not preload or (subdomains and seconds >= SHORTEST_PRELOAD):
        return []
    told = (
        "SECURE_HSTS_PRELOAD asks browsers to list this name and all below it: for that they want"
        f" SECURE_HSTS_INCLUDE_SUBDOMAINS=true and SECURE_HSTS_SECONDS={SHORTEST_PRELOAD} or more."
        " Set both, or leave it out."
    )
    return [told]
