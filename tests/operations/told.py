"""The commands that docs/operations.md tells to run, run as they stand there."""

import re
import subprocess
import sys

from tests.thaw.places import ROOT

OPERATIONS = ROOT / "docs" / "operations.md"


def commands(heading):
    """The lines after `$` below a heading, to the next one."""
    parts = re.split(r"(?m)^##+ (.+)\n", OPERATIONS.read_text())
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return re.findall(r"(?m)^\$ (.+)$", sections[heading])


def run(command, *, environment, cwd=ROOT):
    """In a shell, with this environment's Python for that of the installed place."""
    command = command.replace(" manage.py", f" {ROOT}/manage.py")
    done = subprocess.run(
        ["/bin/sh", "-c", re.sub(r"(?<!\S)\.venv/bin/python", sys.executable, command)],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
