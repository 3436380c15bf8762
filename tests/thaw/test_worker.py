import sqlite3
import time
from contextlib import closing

import pytest

from tests.machine import redis_url

SEND = """
django.setup()
from governance.tasks import heartbeat
print(json.dumps(heartbeat.delay().id))
"""
PATIENCE = 20  # seconds, on a machine that does much else


def beats(place):
    with closing(sqlite3.connect(place.var / "thaw.sqlite3")) as database:
        return [job for (job,) in database.execute("SELECT job FROM governance_heartbeat")]


@pytest.mark.redis
def test_a_real_worker_runs_a_task_that_came_through_redis(migrated_place):
    broker = {"REDIS_URL": redis_url()}
    worker = migrated_place.start(
        *"-m celery --quiet --app thaw worker --pool solo --loglevel error".split(), **broker
    )
    try:
        migrated_place.tell(SEND, **broker)
        patience = time.monotonic() + PATIENCE
        while not beats(migrated_place) and time.monotonic() < patience:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(timeout=PATIENCE)
    assert beats(migrated_place) == ["beat"]
