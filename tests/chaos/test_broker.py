"""Redis gone for a while, or silent: pages go on, and everything arrives when it is back."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager, suppress

import pytest
from redis import Redis, RedisError

from tests.chaos.smtp import free_port
from tests.thaw.places import Place

OUTAGE = float(os.environ.get("CHAOS_OUTAGE", "2"))  # seconds
PATIENCE = 40

pytestmark = [pytest.mark.chaos, pytest.mark.once]  # on a SQLite of its own

PREPARE = """
django.setup()
from tests.chaos.mortal import prepare
print(json.dumps(prepare(3)))
"""
DECIDE = """
django.setup()
import time
from governance.models import Notice
from tests.factories import make_exception, make_manager
from tests.governance.steps import decide
exception, manager, took = make_exception(), make_manager(), []
for verb in ("grant", "revoke"):
    began = time.monotonic()
    decide(exception, verb, by=manager)
    took.append(time.monotonic() - began)
print(json.dumps([took, Notice.objects.filter(subject_kind="decision").count()]))
"""


@pytest.fixture
def place(tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path)
    return Place(tmp_path)


@contextmanager
def silent_broker():
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_decision_waits_a_moment_for_a_silent_broker_and_the_next_one_not_at_all(place):
    with silent_broker() as url:
        took, told = place.tell(DECIDE, REDIS_URL=url)
    assert told == 2
    assert took[0] < 3, took
    assert took[1] < took[0] / 2, took


@pytest.mark.redis
@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server is installed")
def test_what_is_due_while_redis_is_gone_arrives_when_it_is_back(place):
    """Two beats and a worker, through a Redis of the test's own that is killed and comes back."""
    port = free_port()
    environment = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "SWEEP_SECONDS": "1"}
    redis = start_redis(port)
    celery = "-m celery --quiet --app thaw"
    started = [
        place.start(*f"{celery} worker --pool solo --loglevel critical".split(), **environment),
        *(
            place.start(
                *f"{celery} beat --loglevel critical --pidfile= -s {place.var}/beat-{n}".split(),
                **environment,
            )
            for n in range(2)
        ),
    ]
    try:
        wait_for(lambda: swept(place), "a first sweep")
        redis.kill()
        redis.wait()
        keys = place.tell(PREPARE, REDIS_URL=environment["REDIS_URL"])
        time.sleep(OUTAGE)
        redis = start_redis(port)
        wait_for(lambda: len(arrived(place)) >= len(keys), "the mail")
        assert sorted(arrived(place)) == sorted(keys)
    finally:
        for process in [*started, redis]:
            process.send_signal(signal.SIGKILL)
            process.wait()


def start_redis(port):
    """Waits until it answers: while it was gone, somebody else may have used its port."""
    command = f"redis-server --port {port} --bind 127.0.0.1 --appendonly no --daemonize no"
    started = []

    def answers():
        if not started or started[-1].poll() is not None:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen([*command.split(), "--save", ""], **quiet))
        with suppress(RedisError), Redis(port=port) as client:
            return client.ping() and started[-1].poll() is None

    wait_for(answers, "Redis")
    return started[-1]


def swept(place):
    with closing(sqlite3.connect(place.var / "thaw.sqlite3")) as database:
        found = database.execute("SELECT 1 FROM governance_heartbeat WHERE job = 'sweep'")
        return found.fetchone() is not None


def arrived(place):
    return [path.stem for path in (place.var / "mail").glob("*.eml")]


def wait_for(happened, what):
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(0.1)
