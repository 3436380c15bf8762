"""How gunicorn runs, wherever it is started: it reads this by itself. Ports and numbers of workers
are said where it is started (Procfile, deploy/).
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # not yet gunicorn's own doing

from django.core.exceptions import ImproperlyConfigured

from releases.host_settings import refuse_misspelt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")
try:
    from thaw.settings import LOGGING
    from thaw.starting import tell

    refuse_misspelt()  # here, not in each worker: that would tell it in the midst of a traceback
except ImproperlyConfigured as error:  # a sentence for whoever wrote the settings
    sys.exit(str(error))

logconfig_dict = LOGGING  # its lines are like ours
control_socket_disable = True  # systemd and compose start and stop it
graceful_timeout = 30  # seconds that requests under way may take to end after SIGTERM

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where each worker counts, for any of them to add up


def on_starting(server: Any) -> None:
    """Count from nothing, in a folder of this server's own."""
    if METRICS not in os.environ:
        os.environ[METRICS] = mkdtemp(prefix="thaw-metrics-")
        server.counts_in = os.environ[METRICS]


def when_ready(server: Any) -> None:
    listens = ",".join(map(str, server.LISTENERS))
    tell("web", listens=listens, processes=server.cfg.workers)


def on_exit(server: Any) -> None:
    shutil.rmtree(getattr(server, "counts_in", ""), ignore_errors=True)
