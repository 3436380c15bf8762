import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import AnonRateThrottle

from tests.factories import make_exception, make_manager, make_person
from thaw.models import LONGEST, Scope, Token


@pytest.fixture
def thea(db, django_user_model):
    return make_manager(name="Thea", user=django_user_model.objects.create(username="thea"))


@pytest.fixture
def signed_in(thea):
    client = Client()
    client.force_login(thea.user)
    return client


def make(person, **fields):
    defaults = {"name": "CI", "scope": Scope.WRITE, "at": timezone.now()}
    return Token.objects.make(person=person, **defaults | fields)


def bearer(secret):
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_token_is_shown_once_and_kept_as_a_digest(thea, signed_in):
    page = signed_in.post("/me/tokens/", {"name": "CI", "scope": "write", "lives": "30"})
    assert page.status_code == 201
    secret = page.context["secret"]
    assert f"<code>{secret}</code>" in page.content.decode()
    token = Token.objects.get()
    assert secret not in str(Token.objects.values().get())
    assert secret not in signed_in.get("/me/tokens/").content.decode()
    assert token.expires_at - token.created_at == timedelta(days=30)
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_token_speaks_as_its_person_and_its_use_is_noted(thea):
    exception = make_exception()
    token, secret = make(thea)
    answer = bearer(secret).post(
        f"/api/v1/exceptions/{exception.reference}/deny/",
        {"rationale": "No."},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert exception.decisions.get(verb="deny").by == thea
    token.refresh_from_db()
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token, secret: secret[:-1],
        lambda token, secret: secret + "x" * LONGEST,
        lambda token, secret: token.digest,
        lambda token, secret: "",
        lambda token, secret: token.revoke(at=timezone.now()) or secret,
        lambda token, secret: (
            Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1)) and secret
        ),
        lambda token, secret: type(token.person.user).objects.update(is_active=False) and secret,
        lambda token, secret: type(token.person.user).objects.all().delete() and secret,
    ],
    ids="cut longer digest none revoked over inactive deleted".split(),
)
def test_what_is_no_working_token_opens_nothing(thea, spoil):
    token, secret = make(thea)
    spoilt = spoil(token, secret)
    for method in ("get", "post"):
        answer = getattr(bearer(spoilt), method)("/api/v1/exceptions/")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json() == {"detail": "This token is not known, or works no longer."}


def test_one_sees_and_revokes_ones_own_alone(thea, signed_in, django_user_model):
    other = make_person(user=django_user_model.objects.create(username="mallory"))
    theirs, secret = make(other, name="Theirs")
    assert "Theirs" not in signed_in.get("/me/tokens/").content.decode()
    assert signed_in.post(f"/me/tokens/{theirs.pk}/revoke/").status_code == 404
    assert bearer(secret).get("/api/v1/exceptions/").status_code == 200
    own, secret = make(thea)
    assert signed_in.get(f"/me/tokens/{own.pk}/revoke/").status_code == 405
    assert signed_in.post(f"/me/tokens/{own.pk}/revoke/").status_code == 302
    assert bearer(secret).get("/api/v1/exceptions/").status_code == 401


def test_a_stranger_is_asked_to_sign_in(db, client):
    assert client.get("/me/tokens/").status_code == 302
    assert client.post("/me/tokens/1/revoke/").status_code == 302


def test_a_login_of_nobody_makes_no_token(db, client, django_user_model):
    client.force_login(django_user_model.objects.create(username="root", is_superuser=True))
    page = client.post("/me/tokens/", {"name": "CI", "scope": "write", "lives": ""})
    assert page.status_code == 400
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "said", [{"name": ""}, {"scope": "admin"}, {"lives": "9999"}, {"name": "a\u202eb"}]
)
def test_a_token_needs_what_it_is_for(thea, signed_in, said):
    whole = {"name": "CI", "scope": "read", "lives": "30"}
    assert signed_in.post("/me/tokens/", whole | said).status_code == 400
    assert not Token.objects.exists()


def test_nothing_of_a_token_is_logged(thea, caplog, settings):
    _, secret = make(thea)
    with caplog.at_level(logging.DEBUG):
        bearer(secret).get("/api/v1/nothing/")
        bearer(secret).post("/api/v1/meetings/", b"{", content_type="application/json")
        bearer(secret + "x").get("/api/v1/exceptions/")
    assert caplog.records
    assert secret[5:] not in caplog.text


def test_a_session_needs_its_csrf_token(thea, settings):
    exception = make_exception()
    client = Client(enforce_csrf_checks=True)
    client.force_login(thea.user)
    answer = client.post(
        f"/api/v1/exceptions/{exception.reference}/deny/",
        {"rationale": "No."},
        content_type="application/json",
    )
    assert answer.status_code == 403
    exception.refresh_from_db()
    assert exception.status == "requested"


def test_who_asks_too_often_is_asked_to_wait(db, client, monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "3/min"})
    answers = [client.get("/api/v1/releases/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_who_tries_tokens_is_asked_to_wait_as_a_stranger_is(thea, client, monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "3/min"})
    _, secret = make(thea)
    guesses = [bearer(f"thaw_{number}").get("/api/v1/releases/") for number in range(4)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
    assert 0 < int(guesses[-1]["Retry-After"]) <= 60
    assert client.get("/api/v1/releases/").status_code == 429
    assert bearer(secret).get("/api/v1/releases/").status_code == 200
