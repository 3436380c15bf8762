"""Processes of Thaw, forked from a Python that has imported all that asks for no settings.

To start one takes a second, and most of that is imports. What is forked reads the environment, the
settings and what of Thaw needs them as any other process does.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.imported"])


class Forked:
    """`python *arguments` as a `Popen` would be; what it prints goes to two files."""

    def __init__(
        self,
        arguments: Sequence[str | bytes],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: str = os.devnull,
        stderr: str = os.devnull,
    ) -> None:
        for path in (stdout, stderr):
            Path(path).open("ab").close()  # it can be read before the process has begun
        told = ([os.fsdecode(one) for one in arguments], str(cwd), dict(env), stdout, stderr)
        self._process = FORKS.Process(target=_become, args=told, daemon=True)
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become(arguments: list[str], cwd: str, env: dict[str, str], stdout: str, stderr: str) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, path in enumerate((os.devnull, stdout, stderr)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    status = _run(*arguments)
    atexit._run_exitfuncs()  # noqa: SLF001 which the end of a fork leaves out
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def _run(first: str, *others: str) -> int:
    """What `python` does with its arguments; its exit status."""
    try:
        if first == "-c":
            sys.argv = ["-c", *others[1:]]
            exec(others[0], {"__name__": "__main__"})
        elif first == "-m":
            sys.argv = list(others)
            runpy.run_module(others[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = [first, *others]
            runpy.run_path(first, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 as Python ends with whatever it was
        sys.excepthook(*sys.exc_info())
        return 1
    return 0
