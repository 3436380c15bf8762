"""SIGTERM loses nothing: what is under way is ended, and what waits is there for the next."""

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import httpx
import pytest
import redis

from tests.operations.hosts import PATIENCE, wait_for
from tests.operations.units import command, private_redis
from tests.thaw.places import ROOT

needs_redis = pytest.mark.skipif(
    not shutil.which("redis-server"), reason="no redis-server is installed"
)
# A token, and an exception that it may decide on.
PREPARE = """
django.setup()
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from tests.factories import make_exception, make_freeze, make_manager
from thaw.models import Scope, Token
now, manager = timezone.now(), make_manager()
manager.user = get_user_model().objects.create_user("thea")
manager.save()
_, secret = Token.objects.make(person=manager, name="CI", scope=Scope.WRITE, at=now)
exception = make_exception(freeze=make_freeze(at=now - timedelta(days=9)), at=now)
expires = (now + timedelta(days=9)).isoformat()
print(json.dumps([exception.reference, secret, expires]))
"""
SEND = """
django.setup()
from governance.tasks import heartbeat, sweep
from thaw.tasks import prune
for task in (heartbeat, sweep, prune):
    task.delay()
print(json.dumps("sent"))
"""


# --- The web server ---------------------------------------------------------------------------


@contextmanager
def as_systemd_opens_it():
    """A socket that stays open while what serves it comes and goes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


# As systemd hands a socket over: as the third file, and told whom it is for.
HANDED_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    " os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1');"
    " os.execv(sys.argv[2], sys.argv[2:])"
)


def serve(place, listener):
    """The unit's own command, on the socket of another unit."""
    fileno = str(listener.fileno())
    words = [sys.executable, "-c", HANDED_OVER, fileno, *command("thaw-web.service")]
    return subprocess.Popen(
        words,
        env=place.environment({}),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[listener.fileno()],
    )


class Decision:
    """A grant of which the server has read only half when it is to stop."""

    def __init__(self, address, reference, secret, expires):
        self.body = json.dumps({"rationale": "Agreed.", "expires": expires}).encode()
        head = (
            f"POST /api/v1/exceptions/{reference}/grant/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        )
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.socket.sendall(head.encode() + self.body[:10])

    def end(self):
        with closing(self.socket):
            self.socket.sendall(self.body[10:])
            answer = b"".join(iter(lambda: self.socket.recv(65536), b""))
        return answer.split(b"\r\n", 1)[0].decode()


def test_a_web_server_that_is_to_stop_ends_what_it_has_and_keeps_nobody_out(migrated_place):
    reference, secret, expires = migrated_place.tell(PREPARE)
    with as_systemd_opens_it() as listener:
        url = "http://{}:{}".format(*listener.getsockname())
        server = serve(migrated_place, listener)
        try:
            assert httpx.get(f"{url}/healthz", timeout=PATIENCE).text == "ok\n"
            decision = Decision(listener.getsockname(), reference, secret, expires)
            httpx.get(f"{url}/healthz", timeout=PATIENCE)  # so the one before is taken too
            server.terminate()
            time.sleep(0.5)
            assert server.poll() is None
            with closing(socket.create_connection(listener.getsockname())) as later:
                later.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                assert decision.end() == "HTTP/1.1 200 OK"
                assert server.wait(PATIENCE) == 0
                server = serve(migrated_place, listener)
                later.settimeout(PATIENCE)
                assert later.recv(15).endswith(b" 200 OK")
        finally:
            server.kill()
            server.wait()
    with closing(sqlite3.connect(migrated_place.var / "thaw.sqlite3")) as database:
        found = database.execute("SELECT verb FROM governance_decision ORDER BY id").fetchall()
    assert found == [("request",), ("grant",)]


# --- Workers and beat -------------------------------------------------------------------------


@contextmanager
def nobody_else_writes(place):
    """A transaction of our own, for which everybody who writes waits."""
    path = place.var / "thaw.sqlite3"
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def done(place):
    with closing(sqlite3.connect(place.var / "thaw.sqlite3")) as database:
        found = database.execute("SELECT job FROM governance_heartbeat")
        return {job for (job,) in found} - {"kept since"}


@needs_redis
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_is_stopped_leaves_every_task_done_or_to_be_done(how, migrated_place):
    """SIGTERM: the task under way is ended first. SIGKILL: it comes back for another worker."""
    with private_redis() as broker, closing(redis.Redis.from_url(broker)) as queue:
        migrated_place.tell(SEND, REDIS_URL=broker)
        words = command("thaw-worker@.service")
        with nobody_else_writes(migrated_place):
            worker = migrated_place.start(*words, REDIS_URL=broker)
            wait_for(lambda: queue.llen("celery") < 3, "a worker")
            time.sleep(0.5)
            worker.send_signal(how)
            time.sleep(0.5)
            assert (worker.poll() is None) == (how == signal.SIGTERM)
            assert done(migrated_place) == set()
        try:
            assert worker.wait(PATIENCE) == (0 if how == signal.SIGTERM else -how)
            if how == signal.SIGTERM:
                assert done(migrated_place) == {"beat"}
                assert (queue.llen("celery"), queue.hlen("unacked")) == (2, 0)
            # Three minutes later, as far as those tasks are concerned that nobody called done.
            for tag, since in queue.zrange("unacked_index", 0, -1, withscores=True):
                queue.zadd("unacked_index", {tag: since - 180})
            worker = migrated_place.start(*words, REDIS_URL=broker)
            wait_for(lambda: done(migrated_place) == {"beat", "sweep", "prune"}, "the others")
        finally:
            worker.kill()
            worker.wait()


@needs_redis
def test_a_beat_that_is_stopped_goes_on_where_it_was(migrated_place):
    with private_redis() as broker, closing(redis.Redis.from_url(broker)) as queue:
        environment = {"REDIS_URL": broker, "SWEEP_SECONDS": "1"}
        for _ in range(2):
            beat = migrated_place.start(*command("thaw-beat.service"), **environment)
            try:
                wait_for(lambda: queue.llen("celery") > 0, "a tick")
                beat.terminate()
                assert beat.wait(PATIENCE) == 0
            finally:
                beat.kill()
                beat.wait()
            queue.delete("celery")
