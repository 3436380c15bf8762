"""What the environment says, read once, with defaults that run a checkout."""

import logging
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("THAW_VAR") or ROOT / "var")  # empty is absent, not here

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5  # those of Django's own deployment check
SHORTEST_TOKEN = 20
FEWEST_DAYS_KEPT = 15  # after which nothing can be sent any more (governance.pruning)

env = Env()


class NamesAlone(logging.Filter):
    """Of a line in `.env` that cannot be read only the name is told: the rest may be a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING and isinstance(record.args, tuple):
            names = (re.match(r"\s*(?:export )?([A-Z_]+\b)?", str(line)) for line in record.args)
            record.args = tuple(f"{(name and name[1]) or ''} …" for name in names)
        return True


logging.getLogger("environ.environ").addFilter(NamesAlone())


def development_secret_key() -> str:
    """The key of this checkout: made on first use, readable by its owner alone."""
    path = VAR / "secret-key"
    VAR.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


def email_settings(url: str) -> dict[str, Any]:
    """Django's settings for an EMAIL_URL, `smtp://user:password@host:587?tls=true`.

    `tls=true` is STARTTLS, `ssl=true` TLS from the first byte. Raises ImproperlyConfigured for
    what would be read past in silence: mail must not go out in the clear by a misspelling.
    """
    found: dict[str, Any] = env.email_url_config(url)
    options = found.pop("OPTIONS", {})
    for name, setting in (("TLS", "EMAIL_USE_TLS"), ("SSL", "EMAIL_USE_SSL")):
        if name in options:
            found[setting] = str(options.pop(name)).lower() in {"1", "true", "yes", "on"}
    if options:
        unknown = ", ".join(sorted(options)).lower()
        raise ImproperlyConfigured(f"EMAIL_URL: nobody knows what {unknown} means; tls and ssl do.")
    if found.get("EMAIL_USE_TLS") and found.get("EMAIL_USE_SSL"):
        raise ImproperlyConfigured("EMAIL_URL: tls is STARTTLS, ssl is TLS from the start: choose.")
    return found


def refuse_other(name: str, value: str, known: list[str]) -> None:
    """Raises ImproperlyConfigured for a value that is none of those known."""
    if value not in known:
        raise ImproperlyConfigured(f"{name} is “{value}”: it is one of {', '.join(known)}.")


def refuse_half_configured(problems: Sequence[str]) -> None:
    """Raises ImproperlyConfigured with every problem there is, one a line."""
    if problems:
        raise ImproperlyConfigured("Thaw will not start:\n  - " + "\n  - ".join(problems))


def refuse_too_few(name: str, days: int, *, fewest: int) -> None:
    """Raises ImproperlyConfigured for a number of days that is neither 0 nor enough."""
    if days and days < fewest:
        raise ImproperlyConfigured(f"{name} is {days}: it is 0 (keep all), or {fewest} and more.")


def networks(name: str, values: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    """Raises ImproperlyConfigured for what is no network, such as `10.0.0.0/8`."""
    try:
        return [ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error


def short_token(name: str, token: str) -> list[str]:
    """What is wrong with a token that was set, in a sentence, if anything is."""
    if 0 < len(token) < SHORTEST_TOKEN:
        return [f"{name} is short: set at least {SHORTEST_TOKEN} random characters, or none."]
    return []


def refuse_insecure(
    *, secret_key: str, allowed_hosts: list[str], site_url: str, others: Sequence[str] = ()
) -> None:
    """Production starts only with a key, hosts and an address of its own, and without `others`.

    Raises ImproperlyConfigured with every problem at once, so that one round mends them.
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
    if not site_url.startswith("https://"):
        problems.append("SITE_URL must begin with https://: mail links and cookies rely on it.")
    problems += others
    if problems:
        raise ImproperlyConfigured(
            "Thaw will not start in production (DEBUG=false):\n  - " + "\n  - ".join(problems)
        )
