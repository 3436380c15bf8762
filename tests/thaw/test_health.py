import json
import time
from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from governance.models import Heartbeat
from governance.tasks import heartbeat
from tests.thaw.places import PRODUCTION, SETUP
from thaw import health

ASK = """
django.setup()
import time
from django.test import Client
began = time.monotonic()
answer = Client(raise_request_exception=False).get({url!r}, HTTP_HOST={host!r})
print(json.dumps([answer.status_code, answer.content.decode(), time.monotonic() - began]))
"""
NONE_YET = {"last_sweep": None, "due_unsent": 0, "failed": 0, "uncertain": 0}
CLOCKS = [f"has a clock {seconds}" for seconds in (88, 89, 90)]
RUNNING = "are worker and beat running?"


def ready(client):
    answer = client.get("/readyz")
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_healthz_says_that_the_process_answers_and_asks_the_database_nothing(
    client, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (
        200,
        b"ok\n",
        "text/plain",
    )


@pytest.mark.django_db
def test_readyz_is_content_after_a_heartbeat(client):
    heartbeat()
    well = {"database": "ok", "broker": "ok", "beat": "ok"}
    assert ready(client) == (200, {"ready": True, "checks": well, "reminders": NONE_YET})


@pytest.mark.django_db
def test_readyz_says_when_beat_has_never_run_and_the_log_says_so_once(client, caplog):
    not_yet = "has not beaten yet, and does so every 30 seconds"
    checks = {"database": "ok", "broker": "ok", "beat": f"{not_yet}: {RUNNING}"}
    assert ready(client) == (503, {"ready": False, "checks": checks, "reminders": NONE_YET})
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("ERROR", f"Not ready: beat {not_yet}: {RUNNING}")]


@pytest.mark.django_db
def test_readyz_says_when_the_last_beat_is_too_long_ago(client, settings):
    late = timezone.now() - timedelta(seconds=3 * settings.HEARTBEAT_SECONDS + 1)
    Heartbeat.record("beat", at=late)
    words = f"last beat {late:%Y-%m-%d %H:%M:%S} UTC: {RUNNING}"
    checks = {"database": "ok", "broker": "ok", "beat": words}
    assert ready(client) == (503, {"ready": False, "checks": checks, "reminders": NONE_YET})


@pytest.mark.postgresql
@pytest.mark.django_db
def test_readyz_says_that_two_hosts_have_two_times(client, time_machine):
    time_machine.move_to(timezone.now() + timedelta(seconds=90), tick=False)
    status, answer = ready(client)
    assert (status, answer["checks"]["database"].split(" seconds")[0] in CLOCKS) == (503, True)


@pytest.mark.django_db
def test_readyz_bears_with_two_missed_beats(client, settings):
    Heartbeat.record(
        "beat", at=timezone.now() - timedelta(seconds=3 * settings.HEARTBEAT_SECONDS - 5)
    )
    assert ready(client)[0] == 200


@pytest.mark.django_db
def test_a_heartbeat_is_one_row_that_moves_on():
    before = timezone.now()
    heartbeat()
    first = Heartbeat.last("beat")
    heartbeat()
    assert before <= first <= Heartbeat.last("beat")
    assert Heartbeat.objects.count() == 1


def test_readyz_says_within_seconds_that_the_broker_is_dead(migrated_place):
    began = time.monotonic()
    code = ASK.format(url="/readyz", host="127.0.0.1")
    status, body, took = migrated_place.tell(code, REDIS_URL="redis://127.0.0.1:1/0")
    assert (status, "does not answer (OperationalError)" in body) == (503, True)
    assert '"database": "ok"' in body
    assert took < 8, f"{took:.1f} s of {time.monotonic() - began:.1f} s"


def test_readyz_says_that_the_database_is_dead(place):
    code = ASK.format(url="/readyz", host="127.0.0.1")
    status, body, _ = place.tell(code, DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert status == 503
    assert '"database": "does not answer (OperationalError)"' in body


def test_readyz_says_that_the_database_is_not_migrated(place):
    status, body, _ = place.tell(ASK.format(url="/readyz", host="127.0.0.1"))
    assert (status, '"ready": false' in body) == (503, True)
    assert "migrations of this version: run manage.py migrate" in body


@pytest.mark.django_db
def test_readyz_says_how_many_migrations_a_new_version_waits_for(client, monkeypatch):
    heartbeat()
    monkeypatch.setattr(health, "_is_migrated", False)
    last = MigrationRecorder.Migration.objects.filter(app="thaw").latest("id")
    last.delete()
    status, answer = ready(client)
    words = "lacks 1 migration of this version: run manage.py migrate"
    assert (status, answer["checks"]["database"]) == (503, words)
    last.save()
    assert ready(client)[0] == 200


STATUS = """
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
answer = client.get("/status/")
print(json.dumps([answer.status_code, answer.content.decode()]))
"""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://nobody@127.0.0.1:1/nothing", "does not answer (OperationalError)"),
        ("", "cannot be read: is the database migrated?"),
    ],
)
def test_the_page_of_the_status_says_without_a_database_what_can_be_said(url, words, place):
    status, page = place.tell(STATUS, DATABASE_URL=url)
    assert (status, f"<td>{words}</td>" in page) == (503, True)
    assert ("Broker" in page, "Sign in" in page, "Due but unsent" in page) == (True, True, False)


ASK_EACH = """
django.setup()
from django.test import Client
asked = [Client().get("/healthz", HTTP_HOST=host) for host in {hosts!r}]
print(json.dumps([[answer.status_code, answer.content.decode()] for answer in asked]))
"""


def test_a_supervisor_is_answered_in_production_by_whatever_name_it_calls_the_host(place):
    hosts = ["127.0.0.1:8000", "10.0.0.12:8000", "web1", "no such name"]
    told = place.tell(ASK_EACH.format(hosts=hosts), **PRODUCTION)
    assert told == [[200, "ok\n"]] * 4


def test_who_asks_for_another_site_is_refused_which_is_no_fault_of_ours(place):
    code = ASK.format(url="/", host="forged.example.org")
    process = place.run("-c", SETUP + code, **PRODUCTION)
    assert json.loads(process.stdout)[0] == 400
    lines = process.stderr.splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert [(line["level"], "exc_info" in line) for line in told] == [("WARNING", False)]
    assert "forged.example.org" in told[0]["message"]
    silent = place.run("-c", SETUP + code, **PRODUCTION, LOG_LEVEL="ERROR")
    assert "{" not in silent.stderr
