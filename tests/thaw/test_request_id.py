"""One request, told under one id by the web process and by the worker that goes on with it."""

import json
import shutil
import time

import pytest
from django.test import Client

from tests.operations.units import private_redis

GIVEN = "3f2b8a16-9d0e-4c53-8f7a-5b1c2d3e4f50"
PATIENCE = 30  # seconds, on a machine that does much else
GRANT = f"""
django.setup()
from django.test import Client
from django.utils import timezone
from datetime import timedelta
from tests.factories import make_exception, make_freeze, make_manager
from thaw.models import Scope, Token
from django.contrib.auth import get_user_model
now = timezone.now()
exception = make_exception(freeze=make_freeze(at=now - timedelta(days=9)), at=now)
manager = make_manager()  # there was none yet who would be told of the request
manager.user = get_user_model().objects.create_user("thea")
manager.save()
_, secret = Token.objects.make(person=manager, name="CI", scope=Scope.WRITE, at=now)
body = {{"rationale": "Agreed.", "expires": (now + timedelta(days=9)).isoformat()}}
answer = Client().post(
    f"/api/v1/exceptions/{{exception.reference}}/grant/", body, content_type="application/json",
    headers={{"authorization": f"Bearer {{secret}}", "x-request-id": "{GIVEN}"}},
)
assert answer.status_code == 200, answer.content
print(json.dumps(answer.headers["X-Request-ID"]))
"""


def lines(text):
    """All but what Celery warns of before there is a log: who runs it as root."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.fixture
def broker():
    with private_redis() as url:
        yield url


@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server is installed")
def test_a_decision_and_the_mail_that_a_worker_sends_of_it_are_told_under_one_id(
    migrated_place, broker
):
    environment = {"REDIS_URL": broker, "LOG_FORMAT": "json"}
    log = migrated_place.var / "worker.log"
    words = "-m celery --quiet --app thaw worker --pool solo".split()
    worker = migrated_place.start(*words, stderr=log, **environment)
    try:
        web = migrated_place.run(
            "-c",
            "import json, django\n" + GRANT,
            **environment,
        )
        assert web.returncode == 0, web.stderr
        until = time.monotonic() + PATIENCE
        while "Notices: 1 sent" not in log.read_text() and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(timeout=PATIENCE)
    assert json.loads(web.stdout) == GIVEN
    (decided,) = [line for line in lines(web.stderr) if line["logger"] == "thaw.request_lines"]
    assert decided["message"].startswith("POST /api/v1/exceptions/FFE-1/grant/: 200 in ")
    told = log.read_text()
    (sent,) = [line for line in lines(told) if line["message"] == "Notices: 1 sent"] or [told]
    assert {decided["request_id"], sent["request_id"]} == {GIVEN}


@pytest.mark.django_db
def test_each_request_has_an_id_of_its_own_unless_it_brings_one(client):
    made = {client.get("/healthz").headers["X-Request-ID"] for _ in range(3)}
    assert len(made) == 3
    brought = client.get("/healthz", headers={"x-request-id": GIVEN})
    assert brought.headers["X-Request-ID"] == GIVEN


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["x" * 5000, "1; forged", "a\tb", "'><script>"])
def test_an_id_that_is_none_is_not_taken_over(given, client):
    answer = client.get("/healthz", headers={"x-request-id": given})
    assert len(answer.headers["X-Request-ID"]) == 32
    assert given not in answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_what_changes_something_leaves_one_line_and_reading_none(client, caplog):
    caplog.set_level("INFO", logger="thaw.request_lines")
    client.get("/")
    client.post("/nothing/here%0Aforged?secret=1", {"password": "hunter2"})
    (line,) = [found.getMessage() for found in caplog.records if found.name == "thaw.request_lines"]
    assert line.partition(" in ")[0] == "POST /nothing/here%0Aforged: 404"


def test_the_next_request_in_the_same_thread_does_not_inherit_the_id(db):
    from django_guid import get_guid  # noqa: PLC0415 for this one alone

    Client().get("/healthz", headers={"x-request-id": GIVEN})
    assert get_guid() is None
