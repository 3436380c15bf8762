"""What `manage.py check --deploy` says of Thaw beside what Django says."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def mail_leaves_the_host(
    app_configs: Sequence[Any] | None, **options: Any
) -> list[checks.CheckMessage]:
    """Mail that is only written down is no fault, and easily an oversight."""
    if settings.EMAIL_URL:
        return []
    told = f"Mail leaves this host for nobody: it is written to {settings.EMAIL_FILE_PATH}."
    return [checks.Warning(told, hint="Name a server in EMAIL_URL.", id="thaw.W001")]
