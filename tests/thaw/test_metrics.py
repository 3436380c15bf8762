"""What Prometheus reads, and who may read it."""

import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from governance.gate import verdict
from governance.measured import SECONDS, counted
from governance.models import Heartbeat, Notice
from governance.reminders import SWEPT
from meetings.models import Source
from releases.models import ForgeStatus
from tests.chaos.smtp import free_port
from tests.factories import make_exception, make_freeze, make_person, make_proposal
from tests.thaw.places import PRODUCTION
from thaw.environment import networks

TOKEN = "0123456789-abcdefghij"
STRANGER = "203.0.113.9"


def values(text):
    """Every sample by its name and labels, `thaw_notices{state=due}`."""
    return {
        sample.name
        + (
            "{" + ",".join(f"{name}={value}" for name, value in sample.labels.items()) + "}"
            if sample.labels
            else ""
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def read(client):
    return lambda: values(client.get("/metrics").content.decode())


@pytest.mark.django_db
def test_it_tells_of_sweeps_notices_imports_and_forges(read):
    now = timezone.now()
    Heartbeat.record("beat", at=now)
    Heartbeat.record(SWEPT, at=now - timedelta(seconds=90))
    person = make_person()
    ago = {"due": 600, "failed": 300, "uncertain": 60, "sent": 60}
    for state, seconds in ago.items():
        Notice.objects.create(
            subject_kind=state,
            subject_id=1,
            kind="decision",
            deadline_at=now,
            recipient=person,
            about=state,
            state={"due": "pending"}.get(state, state),
            due_at=now,
            next_try_at=now - timedelta(seconds=seconds),
            sent_at=now,
        )
    Source.objects.create(sha256="0" * 64, name="a.log", size=1, format="irc", imported_at=now)
    ForgeStatus.objects.create(host="github.com", forge="github", failures=3)
    found = read()
    assert found["thaw_database_up"] == 1
    assert found["thaw_last_run_timestamp_seconds{job=sweep}"] == pytest.approx(
        now.timestamp() - 90
    )
    assert found["thaw_last_run_timestamp_seconds{job=beat}"] == pytest.approx(now.timestamp())
    assert [
        found[f"thaw_notices{{state={state}}}"] for state in ("due", "failed", "uncertain")
    ] == [
        1,
        1,
        1,
    ]
    assert found["thaw_oldest_due_notice_seconds"] == pytest.approx(600, abs=30)
    assert found["thaw_waiting_webhook_deliveries"] == 0
    assert found["thaw_imported_logs_total"] == 1
    assert found["thaw_last_import_timestamp_seconds"] == pytest.approx(now.timestamp())
    assert found["thaw_forge_failures{host=github.com}"] == 3


@pytest.mark.django_db
def test_it_costs_the_same_few_queries_however_much_there_is(client, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(6):
            client.get("/metrics")
        make_exception(status="granted")


@pytest.mark.django_db
def test_each_answer_of_the_gate_is_counted_by_its_code_and_timed(client):
    freeze = make_freeze()
    blocked = make_proposal(release=freeze.release)
    names = {
        "exception_missing": "thaw_gate_answers_total",
        "unknown_reference": "thaw_gate_answers_total",
    }

    def counts():
        by_code = [REGISTRY.get_sample_value(name, {"code": code}) for code, name in names.items()]
        return [*by_code, REGISTRY.get_sample_value("thaw_gate_seconds_count")]

    before = counts()
    client.get("/api/v1/gate/", {"ref": blocked.url})
    client.get("/api/v1/gate/", {"ref": "~nobody/nothing/here"})
    client.get("/check/", {"q": blocked.url})
    asked = {"refs": [blocked.url, blocked.url]}
    client.post("/api/v1/gate/", asked, content_type="application/json")
    assert [after - earlier for earlier, after in zip(before, counts(), strict=True)] == [4, 1, 3]


def test_counting_an_answer_costs_next_to_nothing(db):
    """Microseconds, against the milliseconds of an answer."""
    answer = verdict("~nobody/nothing/here", at=timezone.now())

    def least(act):
        times = []
        for _ in range(200):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
        return min(times)

    counting = least(lambda: (counted([answer]), SECONDS.observe(0.001)))
    assert counting < 0.0001


# --- Who may read it --------------------------------------------------------------------------


@pytest.fixture
def in_production(settings):
    """As the settings have it there, until somebody names a token or a network."""
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = "", []
    return settings


def status(client, **asked):
    return client.get("/metrics", **asked).status_code


@pytest.mark.django_db
def test_nobody_reads_it_before_somebody_is_named(client, admin_client, in_production):
    for who in (client, admin_client):
        assert status(who) == 403
        assert status(who, headers={"authorization": "Bearer "}) == 403
    assert client.post("/metrics").status_code == 405


@pytest.mark.django_db
def test_who_sends_the_token_reads_it(client, in_production):
    in_production.METRICS_TOKEN = TOKEN
    assert status(client, headers={"authorization": f"Bearer {TOKEN}"}) == 200
    for header in ("", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer ünlikely"):
        assert status(client, headers={"authorization": header}) == 403, header


@pytest.mark.django_db
def test_who_asks_from_a_network_that_is_named_reads_it(client, in_production):
    in_production.METRICS_NETWORKS = networks("METRICS_NETWORKS", ["10.0.0.0/8", "2001:db8::/32"])
    for address, expected in {
        "10.1.2.3": 200,
        "2001:db8::7": 200,
        "11.1.2.3": 403,
        "::1": 403,
        "": 403,
    }.items():
        assert status(client, REMOTE_ADDR=address) == expected, address


@pytest.mark.django_db
def test_behind_a_proxy_it_is_the_visitor_who_counts(client, in_production):
    in_production.METRICS_NETWORKS = networks("METRICS_NETWORKS", ["127.0.0.0/8"])
    headers = {"x-forwarded-for": f"127.0.0.1, {STRANGER}"}
    assert status(client, REMOTE_ADDR=STRANGER, headers={"x-forwarded-for": "127.0.0.1"}) == 403
    in_production.PROXY_COUNT = 1
    assert status(client, headers=headers) == 403
    assert status(client, headers={"x-forwarded-for": "127.0.0.1"}) == 200


GUARD = "print(json.dumps([settings.METRICS_TOKEN, [str(n) for n in settings.METRICS_NETWORKS]]))"


def test_production_names_nobody_and_a_checkout_this_machine(place):
    assert place.tell(GUARD, **PRODUCTION) == ["", []]
    assert place.tell(GUARD) == ["", ["127.0.0.0/8", "::1/128"]]
    named = {"METRICS_TOKEN": TOKEN, "METRICS_NETWORKS": "10.0.0.0/8, 192.0.2.7"}
    assert place.tell(GUARD, **PRODUCTION, **named) == [TOKEN, ["10.0.0.0/8", "192.0.2.7/32"]]


# --- Over several processes -------------------------------------------------------------------


def test_the_workers_of_gunicorn_count_together(migrated_place):
    port = free_port()
    server = migrated_place.start(
        *f"-m gunicorn thaw.wsgi --bind 127.0.0.1:{port} --workers 3 --log-level warning".split()
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{url}/healthz", timeout=60)
                break
            except httpx.ConnectError:
                assert time.monotonic() < until, "gunicorn did not start"
                time.sleep(0.1)
        for _ in range(30):  # each on a connection of its own, so that any worker may take it
            httpx.get(f"{url}/api/v1/gate/", params={"ref": "~nobody/at/all"}, timeout=60)
        told = [values(httpx.get(f"{url}/metrics", timeout=60).text) for _ in range(5)]
    finally:
        server.terminate()
        server.wait(timeout=20)
    counts = [found["thaw_gate_answers_total{code=unknown_reference}"] for found in told]
    assert counts == [30] * 5
    assert [found["thaw_gate_seconds_count"] for found in told] == [30] * 5
