"""Thaw run in a process of its own: settings are read once, and memory is counted by process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.sample import ROOT


class Checkout:
    """This project with its data in another folder, on SQLite there or another database."""

    def __init__(self, var: Path, *, database_url: str = "", debug: bool) -> None:
        self._environment = os.environ | {
            "DATABASE_URL": database_url or f"sqlite:///{var / 'thaw.sqlite3'}",
            "DEBUG": str(debug),
            "DJANGO_SETTINGS_MODULE": "thaw.settings",
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "",
            "THAW_VAR": str(var),
            # What production asks for.
            "ALLOWED_HOSTS": "localhost",
            "SECRET_KEY": "not a secret, for nobody is served: 0123456789-abcdefghij",
            "SITE_URL": "https://localhost",
        }
        self._python("manage.py", "migrate", "--verbosity=0")

    def answer(self, module: str, *arguments: object) -> Any:
        """What a module of ours prints, which is JSON."""
        return json.loads(self._python("-m", module, *arguments))

    def peak_megabytes(self, *arguments: object) -> float:
        """Peak memory (RSS) of `manage.py` with these arguments."""
        return float(self.answer("bench.peak", sys.executable, "manage.py", *arguments)) / 1e6

    def _python(self, *arguments: object) -> str:
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, check=True, text=True, stdout=subprocess.PIPE
        ).stdout
