"""Runs the whole suite: on SQLite, and again on PostgreSQL where one answers.

`make test` calls it; arguments go to pytest. With REQUIRE_SERVICES=1 a missing service is a
failure instead of a skip.
"""

import os
import subprocess
import sys
import tempfile

from tests.machine import MISSING, postgresql_url, required

NO_TESTS_CHOSEN = 5  # pytest's own exit status
SHARED_OUT = ["--numprocesses", "logical", "--dist", "worksteal"]  # a process for each core


def main(arguments: list[str]) -> int:
    postgresql = postgresql_url()
    print(
        f"--- The suite on SQLite{'' if postgresql else ' (PostgreSQL: none found)'} ---",
        flush=True,
    )
    worst = run(arguments, database="")
    if postgresql:
        print("--- The suite on PostgreSQL ---", flush=True)
        worst = max(worst, run(arguments, database=postgresql))
    elif required():
        print(f"FAILED: {MISSING['postgresql']}", file=sys.stderr)
        return 1
    return worst


def run(arguments: list[str], *, database: str) -> int:
    """pytest in a process of its own, since settings are read once; with a var/ of its own."""
    with tempfile.TemporaryDirectory(prefix="thaw-tests-") as var:
        environment = os.environ | {"THAW_VAR": var, "DATABASE_URL": database}
        if not database:
            del environment["DATABASE_URL"]
        # Where no bytecode is kept, each of a hundred processes would compile everything again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-m", "pytest", *SHARED_OUT, *arguments]
        status = subprocess.run(command, env=environment, check=False).returncode
    return 0 if status == NO_TESTS_CHOSEN and arguments else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
