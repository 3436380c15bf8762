"""A long import may be stopped, and goes on where it was."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.meetings.conftest import ROOT, Run, manage

LOG = "21:00:00 <ada> #startmeeting {}\n21:00:09 <ada> #endmeeting\n"
STOPPED = (
    "Stopped after {} of 4 files. What these hold is stored; of the others, nothing. Run the same"
    " command again to go on: what is there is recognised.\n"
)


@pytest.fixture
def var(site, tmp_path):
    """A migrated database of its own."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "thaw.sqlite3").write_bytes((site / "thaw.sqlite3").read_bytes())
    return var


def _hears_ctrl_c():
    """What a shell starts in the background is deaf to it, and so is all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def stopped(var, paths, *, at):
    """Run the import, and press Ctrl-C once it has told of the meeting `at`."""
    environment = os.environ | {
        "THAW_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'thaw.sqlite3'}",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "import_meeting", *map(str, paths)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 nothing of ours runs beside it
    )
    told = ""
    while not told.split("\n")[-2:][0].startswith(at):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told += line
    for patience in (10, 60):  # Python may lose one that comes while it tidies up
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            out, err = process.communicate(timeout=patience)
            break
    return Run(process.returncode, told + out, err)


def test_ctrl_c_says_how_far_it_came_and_another_run_brings_the_rest_once(var, tmp_path):
    paths = [tmp_path / f"{name}.2011-03-29.log" for name in "abcd"]
    for path in paths:
        path.write_text(LOG.format(path.name[0]))
    # The third is a pipe into which nobody writes: the import waits there, and is stopped.
    paths[2].unlink()
    os.mkfifo(paths[2])
    done = stopped(var, paths, at="b.2011-03-29-21.00: imported")
    assert (done.status, done.out.count("\n")) == (130, 2)
    # The second is told of before it is counted, and the signal may come between the two.
    assert done.err in {STOPPED.format(1), STOPPED.format(2)}

    paths[2].unlink()
    paths[2].write_text(LOG.format("c"))
    again = manage("import_meeting", *paths, var=var)
    told = again.stdout.decode().splitlines()
    assert (again.returncode, again.stderr) == (0, b"")
    assert [line.partition(". ")[0] for line in told] == [
        "a.2011-03-29-21.00: already there, unchanged",
        "b.2011-03-29-21.00: already there, unchanged",
        "c.2011-03-29-21.00: imported",
        "d.2011-03-29-21.00: imported",
    ]
