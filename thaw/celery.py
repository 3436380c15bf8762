"""The Celery app: one worker pool and one beat, each a process of its own."""

import os
import sys
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_ready
from django.core.exceptions import ImproperlyConfigured

from releases.host_settings import refuse_misspelt
from thaw.environment import refuse_unwritable_var
from thaw.starting import tell

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")

program = Path(sys.argv[0])
if "celery" in {program.name, program.parent.name}:  # or `python -m celery`
    try:
        refuse_misspelt()  # which reads the settings
        if "beat" in sys.argv:  # it keeps when it was last time for what
            refuse_unwritable_var()
    except ImproperlyConfigured as error:  # a sentence for whoever wrote the settings
        sys.exit(str(error))

app = Celery("thaw")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["thaw", "governance", "meetings", "releases"])


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: object) -> None:
    tell("worker", name=sender.hostname)


@beat_init.connect
def _beat_is_ready(**_: object) -> None:
    tell("beat")
