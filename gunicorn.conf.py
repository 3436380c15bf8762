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
    from thaw.settings import DEBUG, LOGGING, STATIC_ROOT
    from thaw.starting import tell

    refuse_misspelt()  # here, not in each worker: that would tell it in the midst of a traceback
except ImproperlyConfigured as error:  # a sentence for whoever wrote the settings
    sys.exit(str(error))

logconfig_dict = LOGGING  # its lines are like ours
control_socket_disable = True  # systemd and compose start and stop it
graceful_timeout = 30  # seconds that requests under way may take to end after SIGTERM

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where each worker counts, for any of them to add up
ROOM = 1 << 20  # bytes that a worker's counts may come to


def on_starting(server: Any) -> None:
    """Count from nothing, in a folder of this server's own."""
    if METRICS not in os.environ:
        try:
            os.environ[METRICS] = mkdtemp(prefix="thaw-metrics-")
        except OSError:  # which names all that were tried, this folder too
            sys.exit(
                "There is no folder for temporary files that can be written, neither /tmp nor"
                " another: make room there, or name one in TMPDIR."
            )
        server.counts_in = os.environ[METRICS]


def when_ready(server: Any) -> None:
    listens = ",".join(map(str, server.LISTENERS))
    tell("web", listens=listens, processes=server.cfg.workers)
    if not DEBUG and not Path(STATIC_ROOT, "staticfiles.json").exists():
        server.log.error(
            "There is no %s/staticfiles.json, and so no page: run manage.py collectstatic"
            " --no-input, and restart the web server.",
            STATIC_ROOT,
        )


def post_fork(server: Any, worker: Any) -> None:
    """Counts are files in memory: the kernel ends whoever writes to one that finds no room."""
    folder = os.environ[METRICS]
    if shutil.disk_usage(folder).free < ROOM:
        server.log.warning(
            "%s has no room left: for /metrics process %d counts for itself alone. Make room, and"
            " restart the web server.",
            folder,
            worker.pid,
        )
        del os.environ[METRICS]


def on_reload(server: Any) -> None:
    """Told, since it looks like a restart; what the master has imported is in each worker."""
    server.log.warning(
        "SIGHUP: processes are new, settings and code are not. Restart the web server for those."
    )


def pre_exec(server: Any) -> None:
    """SIGUSR2 would start a second server that no supervisor knows, with the settings of this."""
    server.log.warning(
        "SIGUSR2: no second web server is started beside this one. Restart it: what its socket is"
        " asked meanwhile waits."
    )
    os._exit(0)  # of the process that was to become it


def on_exit(server: Any) -> None:
    shutil.rmtree(getattr(server, "counts_in", ""), ignore_errors=True)
