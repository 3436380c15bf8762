"""Runs the whole suite: on SQLite, and again on PostgreSQL where one answers.

`make test` calls it; `--only postgresql` runs one round, other arguments go to pytest. With
REQUIRE_SERVICES=1 a missing service is a failure instead of a skip.
"""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser

from tests.machine import MISSING, postgresql_url, required

NO_TESTS_CHOSEN = 5  # pytest's own exit status
# A process more than there are cores, since some tests wait for what others do.
SHARED_OUT = ["--numprocesses", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]
ROUNDS = ["sqlite", "postgresql"]


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(add_help=False)
    parser.add_argument("--only", choices=ROUNDS)
    chosen, for_pytest = parser.parse_known_args(arguments)
    rounds = [chosen.only] if chosen.only else ROUNDS
    postgresql, worst = postgresql_url(), 0
    if "sqlite" in rounds:
        print("--- The suite on SQLite ---", flush=True)
        worst = run(for_pytest, database="")
    if "postgresql" in rounds and postgresql:
        print("--- The suite on PostgreSQL ---", flush=True)
        worst = max(worst, run(for_pytest, database=postgresql))
    elif "postgresql" in rounds:
        print(f"Not run on PostgreSQL: {MISSING['postgresql']}", file=sys.stderr)
        return 1 if required() else worst
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
