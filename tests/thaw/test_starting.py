"""The one line in the journal of a process that starts as it should."""

import json
import time
import tomllib

import pytest

from tests.chaos.smtp import free_port
from tests.machine import redis_url
from tests.operations.units import command
from tests.thaw.places import PRODUCTION, ROOT
from thaw.starting import VERSION, stands_on

PATIENCE = 60  # seconds, on a machine that does much else
THAW = f"version={VERSION} code={ROOT} "


def lines(path):
    """Those of ours; Celery warns of who runs it as root before there is a log."""
    read = (json.loads(line) for line in path.read_text().splitlines() if line.startswith("{"))
    return [(line["level"], line["message"]) for line in read if line["logger"] == "thaw.starting"]


def told_by(place, name, *options, **changes):
    """What a unit's own command has said by the time that it has said something."""
    log = place.var / "said.log"
    _, *words = [*command(name), *options]
    if words[0] != "-m":
        words = ["-m", "celery", *words]
    process = place.start(*words, stdout=log, stderr=log, **PRODUCTION, **changes)
    until = time.monotonic() + PATIENCE
    try:
        while not lines(log):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
    return lines(log)


def on_files(place):
    """Database and broker of a place that names none."""
    return f"{on_a_file(place)} broker=sqla+sqlite:///{place.var}/broker.sqlite3"


def on_a_file(place):
    return f"{THAW}database=sqlite:///{place.var}/thaw.sqlite3"


def test_the_web_server_says_what_it_stands_on_and_where_it_listens(migrated_place):
    at = f"127.0.0.1:{free_port()}"
    told = told_by(migrated_place, "thaw-web.service", "--bind", at, "--workers", "2")
    stands = on_files(migrated_place)
    assert told == [("INFO", f"web is ready: {stands} listens=http://{at} processes=2")]


@pytest.mark.redis
def test_a_worker_says_its_name_and_whose_tasks_it_takes(migrated_place):
    broker = redis_url()
    told = told_by(migrated_place, "thaw-worker@.service", REDIS_URL=broker)
    stands = f"{on_a_file(migrated_place)} broker={broker}"
    assert told == [("INFO", f"worker is ready: {stands} name=worker-1@here")]


def test_beat_says_what_it_stands_on(migrated_place):
    told = told_by(migrated_place, "thaw-beat.service")
    assert told == [("INFO", f"beat is ready: {on_files(migrated_place)}")]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://thaw:s3cret@db.example.org:5432/thaw", "postgres://db.example.org:5432/thaw"),
        ("postgres://u:s%40cret@[::1],two/thaw?password=s3cret", "postgres://[::1],two/thaw"),
        ("postgres:///?service=thaw", "postgres:///"),
        ("rediss://:s3cret@cache:6380/2#s3cret", "rediss://cache:6380/2"),
        ("redis+socket://:s3cret@/run/redis.sock?virtual_host=1", "redis+socket:///run/redis.sock"),
    ],
)
def test_no_user_and_no_password_is_told_of_what_it_stands_on(url, told):
    assert stands_on(url) == told


def test_the_version_is_that_of_the_project():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
