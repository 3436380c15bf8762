"""Hosts that run what the units run, and can lose a process at any instant."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx

from tests.chaos.smtp import free_port
from tests.operations.units import command
from tests.thaw.places import PRODUCTION, ROOT, Place

PATIENCE = 60  # seconds, on a machine that does much else
BEHIND_TLS = {"X-Forwarded-Proto": "https"}


class Nursery:
    """Where their processes come from."""

    def __init__(self, var, environment):
        var.mkdir(parents=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.nursery"],
            env=Place(var).environment(PRODUCTION | {"BEHIND_PROXY": "true"} | environment),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *order):
        print(json.dumps(order), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, "the nursery has ended"
        return json.loads(line)

    def end(self):
        self.process.communicate()


class Host:
    """One machine: its folder, and its processes by their units' names."""

    def __init__(self, var, nursery):
        var.mkdir(parents=True)
        self.var, self.nursery, self.port, self.running = var, nursery, free_port(), {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names):
        """`web`, `beat`, or `worker@` and its number."""
        of_its_own = {
            "web": ["--bind", f"127.0.0.1:{self.port}"],
            "beat": ["--schedule", str(self.var / "schedule")],
        }
        for name in names:
            kind, at, number = name.partition("@")
            words = command(f"thaw-{kind}{at}.service", instance=number) + of_its_own.get(kind, [])
            self.running[name] = self.nursery.ask("start", words, str(self.var / f"{name}.log"))

    def kill(self, name):
        """SIGKILL to all of it at once, as when the machine takes it away; its exit status."""
        child = self.running.pop(name)
        os.killpg(child, signal.SIGKILL)
        return self.nursery.ask("wait", child)

    def answers(self):
        try:
            return httpx.get(f"{self.url}/healthz", timeout=PATIENCE).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def hosts_at(folder, environment, *, names=("one", "two")):
    """Hosts that share a database and a broker."""
    nursery = Nursery(folder / "nursery", environment)
    hosts = [Host(folder / name, nursery) for name in names]
    try:
        yield hosts
    finally:
        for host in hosts:
            for name in list(host.running):
                host.kill(name)
        nursery.end()


def wait_for(happened, what, *, patience=PATIENCE):
    until = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(0.05)
