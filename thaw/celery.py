"""The Celery app: one worker pool and one beat, each a process of its own."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")

app = Celery("thaw")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["thaw", "governance", "meetings", "releases"])
