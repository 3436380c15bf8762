"""What `manage.py check --deploy` says of Thaw beside what Django says."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def mail_leaves_the_host(
    app_configs: Sequence[Any] | None, **options: Any
) -> list[checks.CheckMessage]:
    """Mail that is only written down, or is from nobody, is no fault, and easily an oversight."""
    if settings.EMAIL_URL and parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith("@localhost"):
        told = f"Mail comes from {settings.DEFAULT_FROM_EMAIL}, which few servers take."
        hint = "Name an address of yours in DEFAULT_FROM_EMAIL."
        return [checks.Warning(told, hint=hint, id="thaw.W004")]
    if settings.EMAIL_URL:
        return []
    told = f"Mail leaves this host for nobody: it is written to {settings.EMAIL_FILE_PATH}."
    return [checks.Warning(told, hint="Name a server in EMAIL_URL.", id="thaw.W001")]


@checks.register(checks.Tags.security, deploy=True)
def more_than_one_host_is_served(
    app_configs: Sequence[Any] | None, **options: Any
) -> list[checks.CheckMessage]:
    """What stands in for PostgreSQL and Redis suits one host with one worker alone."""
    told: list[checks.CheckMessage] = []
    if not settings.DATABASE_URL:
        name = settings.DATABASES["default"]["NAME"]
        words = f"Everything is kept in the SQLite file {name}, for one host with one worker."
        hint = "Name a database in DATABASE_URL: PostgreSQL, or this file if you mean it."
        told.append(checks.Warning(words, hint=hint, id="thaw.W002"))
    if not settings.REDIS_URL:
        words = "Tasks wait in a file beside the data, for one host with one worker."
        told.append(checks.Warning(words, hint="Name a Redis in REDIS_URL.", id="thaw.W003"))
    return told


@checks.register(checks.Tags.security, deploy=True)
def pages_lead_somewhere(
    app_configs: Sequence[Any] | None, **options: Any
) -> list[checks.CheckMessage]:
    """Who asks a proxy for https would be sent there again, and again."""
    if settings.PROXY_COUNT or not settings.SECURE_SSL_REDIRECT:
        return []
    told = "BEHIND_PROXY is false: behind a proxy that ends TLS every page leads back to itself."
    hint = "Set BEHIND_PROXY=true if such a proxy, and nobody else, can ask this host."
    return [checks.Warning(told, hint=hint, id="thaw.W005")]
