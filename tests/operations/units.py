"""What deploy/ says is run, as it can be run here."""

import subprocess
import sys
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.chaos.smtp import free_port
from tests.thaw.places import ROOT

DEPLOY = ROOT / "deploy"
INSTALLED = "/opt/thaw"  # where the units have it
HERE = f"{Path(sys.executable).parent}/"


def unit(name):
    """A unit as systemd reads it, one value a key."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(DEPLOY / "systemd" / name)
    return parser


def command(name, *, instance="1"):
    """The words of its ExecStart, with the programs of this environment."""
    started = unit(name)["Service"]["ExecStart"]
    for written, meant in {
        f"{INSTALLED}/.venv/bin/": HERE,
        "%i": instance,
        "%H": "here",
        "%%": "%",
    }.items():
        started = started.replace(written, meant)
    return started.split()


@contextmanager
def private_redis():
    """A Redis of one test's own, so that nobody else's worker takes what is put there; its URL."""
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", *f"--port {port} --bind 127.0.0.1 --appendonly no --save".split(), ""],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        with redis.Redis.from_url(url) as client:
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    assert server.poll() is None, "Redis did not start"
        yield url
    finally:
        server.kill()
        server.wait()
