"""What happened, told to a receiver over real HTTP that takes it, fails, stalls and repeats."""

import hashlib
import hmac
import json
from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection

from governance import webhooks
from governance.models import Decision, Delivery, Webhook
from governance.models.webhooks import validate_receiver
from tests.api.receiver import receiving
from tests.factories import make_proposal, utc
from thaw.models import Token

HOUR = timedelta(hours=1)


@pytest.fixture
def tell(scene, settings):
    """`tell(receiver)`: a webhook to it, from the scene's now on."""

    def tell(receiver, **fields):
        settings.DEBUG = True
        settings.WEBHOOK_HOSTS = [*settings.WEBHOOK_HOSTS, receiver.origin]
        webhook = Webhook(name="CI", url=receiver.origin + "/thaw", **fields)
        last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first()
        webhook.begin(at=scene.now, last_decision=last or 0)
        webhook.save()
        return webhook

    return tell


def round_at(at):
    webhooks.plan(at=at)
    return dict(webhooks.deliver(clock=lambda: at))


def said(receiver):
    return [json.loads(body) for _, body in receiver.heard]


def test_decisions_moves_and_expiries_are_told_once(scene, tell):
    scene.ask(title="Before")
    with receiving() as receiver:
        tell(receiver)
        exception = scene.grant(scene.ask(at=scene.now))
        scene.gamma.move(to=utc(2011, 4, 6), by=scene.thea, at=scene.now, why="Two wait.")
        assert round_at(scene.now) == {"sent": 3}
        assert round_at(scene.now) == {}
        assert round_at(scene.until) == {"sent": 1}
        exception.expire(at=scene.until)
        assert round_at(scene.until) == {}
    asked, granted, moved, expired = said(receiver)
    assert (asked["event"], asked["decision"]["verb"]) == ("decision", "request")
    assert granted["decision"]["rationale"] == "Self-contained."
    assert granted["exception"]["ref"] == exception.reference
    assert (moved["event"], moved["move"]["why"]) == ("milestone-move", "Two wait.")
    assert (expired["event"], expired["exception"]["status"]) == ("expiry", "expired")


def test_a_webhook_tells_of_what_it_is_for(scene, tell):
    with receiving() as receiver:
        tell(receiver, happenings=["expiry"])
        scene.grant(scene.ask(at=scene.now))
        assert round_at(scene.now) == {}
        assert round_at(scene.until) == {"sent": 1}


def verifies(secret, headers, body):
    """As a receiver would check it, in a few lines of its own."""
    stamp = headers["X-Thaw-Timestamp"]
    want = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    signatures = headers["X-Thaw-Signature"].split(",")
    return any(hmac.compare_digest(f"v1={want}", one) for one in signatures)


def test_a_message_is_signed_over_its_instant(scene, tell):
    with receiving() as receiver:
        webhook = tell(receiver)
        scene.ask(at=scene.now)
        round_at(scene.now)
    [(headers, body)] = receiver.heard
    assert headers["X-Thaw-Timestamp"] == str(int(scene.now.timestamp()))
    assert verifies(webhook.secret(), headers, body)
    assert not verifies("another", headers, body)
    assert not verifies(webhook.secret(), headers, body + b" ")
    assert not verifies(webhook.secret(), headers | {"X-Thaw-Timestamp": "0"}, body)


def test_a_secret_is_changed_without_losing_a_message(scene, tell):
    with receiving() as receiver:
        webhook = tell(receiver)
        old = webhook.secret()
        webhook.rotate(at=scene.now)
        assert webhook.secret() != old
        scene.ask(at=scene.now)
        round_at(scene.now)
        scene.ask(at=scene.now + 25 * HOUR)
        round_at(scene.now + 25 * HOUR)
    first, later = receiver.heard
    assert verifies(old, *first)
    assert verifies(webhook.secret(), *first)
    assert not verifies(old, *later)
    assert verifies(webhook.secret(), *later)


def test_what_is_not_taken_is_tried_again_later_and_later_under_one_key(scene, tell):
    with receiving(500, 302, 404, 200) as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        at = scene.now
        assert round_at(at) == {"failed": 1}
        waits = []
        for want in ("failed", "failed", "sent"):
            due = Delivery.objects.get().next_try_at
            waits.append((due - at).total_seconds())
            assert round_at(due - timedelta(seconds=1)) == {}
            at = due
            assert round_at(at) == {want: 1}
    assert waits == [30, 60, 120]
    assert len({headers["X-Thaw-Delivery"] for headers, _ in receiver.heard}) == 1
    assert len({body for _, body in receiver.heard}) == 1


def test_a_receiver_that_never_takes_it_is_given_up_on_and_can_be_told_again(
    scene, tell, monkeypatch
):
    monkeypatch.setattr(webhooks, "MOST_TRIES", 2)
    with receiving(500) as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        round_at(scene.now)
        assert round_at(scene.now + HOUR) == {"given-up": 1}
        assert round_at(scene.now + 9 * HOUR) == {}
        assert Delivery.objects.get().send_again(at=scene.now)
        receiver.answers = [204]
        assert round_at(scene.now + 9 * HOUR) == {"sent": 1}
        assert not Delivery.objects.get().send_again(at=scene.now)


def test_a_receiver_that_stalls_delays_nobody_else(scene, tell, monkeypatch):
    monkeypatch.setattr(webhooks, "PATIENCE", 2)
    with receiving("stall") as stalling, receiving() as prompt:
        tell(stalling)
        tell(prompt)
        for _ in range(3):
            scene.ask(at=scene.now)
        assert round_at(scene.now) == {"failed": 1, "sent": 3}
    assert len(stalling.heard) == 1
    stalled = Delivery.objects.get(state="failed")
    assert stalled.detail == "There was no answer within 2 seconds."


@pytest.mark.parametrize(("way", "ends"), [("drip", "failed"), ("flood", "sent")])
def test_a_receiver_holds_nobody_up_however_it_answers(way, ends, scene, tell, monkeypatch):
    monkeypatch.setattr(webhooks, "PATIENCE", 0.5)
    with receiving(way) as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        assert round_at(scene.now) == {ends: 1}


def test_one_that_somebody_died_over_is_sent_again_under_its_key(scene, tell):
    with receiving() as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        webhooks.plan(at=scene.now)
        taken = webhooks.claim(at=scene.now, owner="who dies", resting=set())
        assert webhooks.claim(at=scene.now, owner="another", resting=set()) is None
        assert round_at(scene.now + timedelta(seconds=59)) == {}
        assert round_at(scene.now + timedelta(seconds=60)) == {"sent": 1}
    assert receiver.heard[0][0]["X-Thaw-Delivery"] == str(taken.key)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.org/",
        "http://hooks.example.org/",
        "https://hooks.example.org:8443/",
        "https://user@hooks.example.org/",
        "https://hooks.example.org@127.0.0.1/",
        "http://127.0.0.1:9000/",
        "ftp://hooks.example.org/",
        "https://[",
        "",
    ],
)
def test_only_hosts_that_are_listed_are_spoken_to(settings, url):
    settings.WEBHOOK_HOSTS = ["hooks.example.org", "http://127.0.0.1:9000"]
    settings.DEBUG = False
    validate_receiver("https://hooks.example.org/thaw")
    with pytest.raises(ValidationError):
        validate_receiver(url)


def test_a_host_that_is_listed_no_longer_is_told_nothing(scene, tell, settings):
    with receiving() as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        settings.WEBHOOK_HOSTS = []
        assert round_at(scene.now) == {"failed": 1}
    assert receiver.heard == []


@pytest.mark.postgresql  # one in memory is one for both workers
@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_thing_once(scene, tell, emptied_ledger):
    with receiving() as receiver:
        tell(receiver)
        for _ in range(6):
            scene.ask(at=scene.now)
        webhooks.plan(at=scene.now)
        ready, ended = Barrier(2), []

        def work():
            ready.wait()
            ended.append(webhooks.deliver(clock=lambda: scene.now))
            connection.close()

        workers = [Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert sum(ended, Counter()) == {"sent": 6}
    assert len({headers["X-Thaw-Delivery"] for headers, _ in receiver.heard}) == 6
    assert len(receiver.heard) == 6


@pytest.fixture
def root(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root"))
    return client


def test_a_webhook_is_made_on_its_page_and_tells_of_nothing_older(scene, root, settings):
    settings.DEBUG = True
    scene.ask()
    with receiving() as receiver:
        settings.WEBHOOK_HOSTS = [receiver.origin]
        said = {"name": "CI", "url": receiver.origin, "happenings": "[]", "is_active": "on"}
        page = root.post("/admin/governance/webhook/add/", said | {"url": "https://elsewhere/"})
        assert "and to no other" in page.content.decode()
        root.post("/admin/governance/webhook/add/", said)
        webhook = Webhook.objects.get()
        scene.ask()
        assert round_at(scene.now) == {"sent": 1}
    address = f"/admin/governance/webhook/{webhook.pk}/secret/"
    page = root.get(address).content.decode()
    assert webhook.secret() in page
    assert f"decision {Decision.objects.latest('pk').pk}" in page
    root.post(address)
    assert webhook.secret() not in root.get(address).content.decode()
    assert root.get(f"/admin/governance/webhook/{webhook.pk}/change/").status_code == 200


def test_who_may_not_change_a_webhook_sees_no_secret(scene, tell, client, django_user_model):
    with receiving() as receiver:
        webhook = tell(receiver)
    user = django_user_model.objects.create_user("clerk", is_staff=True)
    client.force_login(user)
    address = f"/admin/governance/webhook/{webhook.pk}/secret/"
    assert client.get(address).status_code == client.post(address).status_code == 403
    webhook.refresh_from_db()
    assert webhook.generation == 1


def test_who_may_only_look_is_offered_nothing_that_would_be_refused(
    scene, tell, client, django_user_model
):
    scene.ask(at=scene.now)
    with receiving() as receiver:
        webhook = tell(receiver)
    user = django_user_model.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    token, _ = Token.objects.make(person=scene.jun, name="CI", scope="read", at=scene.now)
    proposal = make_proposal()
    for path, refused in {
        f"governance/webhook/{webhook.pk}/change/": "/secret/",
        f"releases/milestone/{scene.gamma.pk}/change/": "/move/",
        f"releases/mergeproposal/{proposal.pk}/change/": "/reclassify/",
        "governance/delivery/": 'name="action"',
        "thaw/token/": 'name="action"',
    }.items():
        answer = client.get(f"/admin/{path}")
        assert (answer.status_code, refused in answer.text) == (200, False), path
    client.post("/admin/thaw/token/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is None


def test_deliveries_and_tokens_are_shown_and_looked_after(scene, tell, root):
    with receiving(500) as receiver:
        tell(receiver)
        scene.ask(at=scene.now)
        round_at(scene.now)
    delivery = Delivery.objects.get()
    assert "It was answered with 500." in root.get("/admin/governance/delivery/").content.decode()
    ticked = {"action": "tell_again", "_selected_action": [delivery.pk]}
    root.post("/admin/governance/delivery/", ticked)
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    token, _ = Token.objects.make(person=scene.jun, name="CI", scope="read", at=scene.now)
    assert token.start in root.get("/admin/thaw/token/").content.decode()
    root.post("/admin/thaw/token/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None
