"""What must hold before Thaw starts. All that is wrong is told at once: one round mends it."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5  # those of Django's own deployment check
SHORTEST_TOKEN = 20


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
    if not site_url.startswith("https://"):
        problems.append("SITE_URL must begin with https://: mail links and cookies rely on it.")
    problems += others
    if problems:
        raise ImproperlyConfigured(
            "Thaw will not start in production (DEBUG=false):\n  - " + "\n  - ".join(problems)
        )


def short_token(name: str, token: str) -> list[str]:
    """What is wrong with a token that was set, in a sentence, if anything is."""
    if 0 < len(token) < SHORTEST_TOKEN:
        return [f"{name} is short: set at least {SHORTEST_TOKEN} random characters, or none."]
    return []
