"""A Django that is loaded once and forks for each `manage.py`, since loading takes a second.

`Preloaded(place)` makes a `.venv` whose `python` hands `manage.py` and its arguments over to such a
process, and does all else as the real one; so it does where the environment names other settings.
"""

import json
import os
import shlex
import signal
import socket
import sys
import time
from pathlib import Path

from tests.thaw.places import READ, Place

CLIENT = """import json, os, signal, socket, sys
settings = {{name: os.environ.get(name) for name in {names!r}}}
if sys.argv[1:2] != ["manage.py"] or settings != {settings!r}:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
asked = json.dumps([os.getcwd(), sys.argv[1:]]).encode()
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as process:
    process.connect({address!r})
    socket.send_fds(process, [asked], [0, 1, 2])
    child = int(process.recv(16))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    sys.exit(int(process.recv(16) or b"1"))
"""
QUIET = {"LOG_LEVEL": "ERROR"}  # what a slow machine warns of is no part of an answer
LONGEST = 1 << 16  # bytes of a command


class Preloaded:
    """The process for one place, and the folder that takes the place of `.venv`."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.venv = place, folder / ".venv"
        address = folder / "socket"
        (self.venv / "bin").mkdir(parents=True)
        environment = place.environment(QUIET)
        client = CLIENT.format(
            python=sys.executable,
            names=READ,
            settings={name: environment.get(name) for name in READ},
            address=str(address),
        )
        (folder / "client.py").write_text(client)
        python = self.venv / "bin" / "python"
        words = [sys.executable, "-IS", str(folder / "client.py")]
        python.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        python.chmod(0o755)
        self._process = place.start("-m", "tests.docs.preloaded", str(address), **QUIET)
        for _ in range(1200):
            if address.exists():
                return
            time.sleep(0.05)
        raise TimeoutError("Django was not loaded within a minute.")

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)


def main(address: str) -> None:
    import django  # noqa: PLC0415 it is this process alone that loads it
    from celery import current_app  # noqa: PLC0415 the same

    django.setup()
    from django.conf import settings  # noqa: PLC0415 the same
    from django.urls import get_resolver  # noqa: PLC0415 the same

    get_resolver(settings.ROOT_URLCONF).url_patterns  # noqa: B018 it imports every page
    current_app.connection_for_write().get_transport_cls()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a child ended
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"{address}.new")
        listener.listen()
        Path(f"{address}.new").rename(address)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    """Run one command with the other side's folder, input and output; tell its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, descriptors, _, _ = socket.recv_fds(connection, LONGEST, 3)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    cwd, arguments = json.loads(said)
    os.chdir(cwd)
    connection.send(str(os.getpid()).encode())
    connection.send(str(_run(arguments)).encode())
    os._exit(0)


def _run(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line  # noqa: PLC0415 loaded by now

    status = 0
    try:
        execute_from_command_line(arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    main(sys.argv[1])
