"""The whole way to a provider and back, over real HTTP, and what must not lead in."""

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from releases.models import Person
from tests.sign_in.conftest import query_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]

THEA = {"email": "thea@example.org", "email_verified": True, "name": "Thea Ito"}


@pytest.fixture
def thea(provider):
    provider.has("thea", preferred_username="thea", **THEA)
    return "thea"


def test_who_signs_in_at_the_provider_is_signed_in_here(oidc, thea, visitor):
    answer = visitor.sign_in(thea)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    person = Person.objects.get()
    assert (visitor.name, person.name, person.user.email) == ("thea", "Thea Ito", THEA["email"])
    assert [str(handle) for handle in person.handles.all()] == ["thea@example.org (Email)"]
    assert not person.user.has_usable_password()


def test_who_comes_again_is_the_same_whatever_is_said_of_them(oidc, provider, visitor):
    provider.has("17", preferred_username="thea", **THEA)
    visitor.sign_in("17")
    visitor.client.post("/logout/")
    provider.has("17", preferred_username="root", email="other@example.org", name="Root")
    visitor.sign_in("17")
    assert (visitor.name, User.objects.count(), Person.objects.count()) == ("thea", 1, 1)


def test_the_provider_is_asked_with_state_nonce_and_a_challenge(oidc, visitor):
    first, second = query_of(visitor.start()), query_of(visitor.start())
    assert first["code_challenge_method"] == "S256"
    assert set(first["scope"].split()) == {"openid", "profile", "email"}
    assert first["redirect_uri"] == f"{visitor.site}/login/oidc/callback/"
    for name in ("state", "nonce", "code_challenge"):
        assert (len(first[name]) >= 32, first[name] != second[name]) == (True, True), name


def test_what_a_visitor_adds_to_the_address_does_not_reach_the_provider(oidc, client):
    answer = client.post("/login/oidc/?scope=admin&auth_params=prompt%3Dnone&process=redirect")
    asked = query_of(answer.headers["Location"])
    assert ("admin" in asked["scope"], "prompt" in asked) == (False, False)


def test_the_session_gets_a_new_key_and_ends_in_time(oidc, thea, visitor):
    location = visitor.provider.answer(visitor.start(), sub=thea)
    before = visitor.client.session.session_key
    visitor.come_back(location)
    session = visitor.client.session
    assert session.session_key != before
    left = session.get_expiry_date() - timezone.now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)


def test_no_token_and_only_little_of_what_was_said_is_kept(oidc, provider, visitor):
    provider.has("thea", preferred_username="thea", birthdate="1970-01-01", groups=["x"], **THEA)
    visitor.sign_in("thea")
    account = SocialAccount.objects.get()
    assert SocialToken.objects.count() == 0
    assert (account.provider, account.uid) == ("oidc", f"{provider.url}#thea")
    assert account.extra_data == {
        "name": "Thea Ito",
        "username": "thea",
        "emails": ["thea@example.org"],
        "unverified": "",
        "groups": [],
        "handle": None,
    }


def test_signing_in_leads_to_where_somebody_was(oidc, thea, visitor):
    answer = visitor.sign_in(thea, next="/exceptions/?status=standing")
    assert answer.headers["Location"] == "/exceptions/?status=standing"


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_does_not_lead_to_another_site(to, oidc, thea, visitor):
    assert visitor.sign_in(thea, next=to).headers["Location"] == "/"
    assert visitor.client.get(f"/login/oidc/callback/?next={to}").status_code == 400


def test_signing_out_ends_the_session(oidc, thea, visitor):
    visitor.sign_in(thea)
    visitor.client.post("/logout/")
    assert visitor.name == ""


def test_a_code_works_once_and_in_one_session(oidc, thea, visitor):
    location = visitor.provider.answer(visitor.start(), sub=thea)
    path = location.removeprefix(visitor.site)
    stranger = Client()
    refused = stranger.get(path)
    assert (refused.status_code, "began elsewhere" in refused.content.decode()) == (400, True)
    assert "sessionid" not in stranger.cookies
    assert visitor.come_back(location).status_code == 302
    assert visitor.come_back(location).status_code == 400


def test_a_state_is_over_after_ten_minutes(oidc, thea, visitor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    location = visitor.provider.answer(visitor.start(), sub=thea)
    time_machine.shift(601)
    assert (visitor.come_back(location).status_code, visitor.name) == (400, "")


def test_beginning_takes_a_form_of_this_site(oidc):
    client = Client(enforce_csrf_checks=True)
    assert client.get("/login/oidc/").status_code == 405
    assert client.post("/login/oidc/").status_code == 403


def test_who_does_not_let_the_provider_tell_reads_so(oidc, visitor):
    answer = visitor.come_back(visitor.provider.answer(visitor.start(), action="deny"))
    assert (answer.status_code, visitor.name) == (403, "")
    assert "Example SSO was not to say who you are." in answer.content.decode()


def test_a_provider_that_signs_anew_what_it_said_is_believed(oidc, thea, provider, visitor):
    """Else what is refused below would be so for another reason."""
    (published,) = provider.http.get("/jwks").json()["keys"]
    for kid in (None, published["kid"]):
        provider.lie(kid=kid)
        assert (visitor.sign_in(thea).status_code, visitor.name) == (302, "thea")
        visitor.client.post("/logout/")


REFUSED = {
    "another nonce": {"nonce": "0" * 64},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce that is none": {"claims": {"nonce": ["0" * 64]}},
    "another client": {"claims": {"aud": "another"}},
    "another client that acts": {"claims": {"azp": "another"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "an hour ago": {"claims": {"exp": 1_700_000_000}},
    "for ever": {"claims": {"exp": None}},
    "nobody": {"claims": {"sub": None}},
    "a signature by somebody else": {"signed": "by somebody else"},
    "a signature with what is public": {"signed": "with what it publishes"},
    "a key that it does not publish": {"kid": "another"},
    "no signature": {"signed": "by nobody"},
    "no token at all": {"/oauth2/token": {"id_token": "x"}},
    "no ID token": {"/oauth2/token": {"id_token": None}},
    "no token": {"/oauth2/token": {"access_token": None}},
    "a refused code": {"/oauth2/token": 400},
    "no keys": {"/jwks": {"keys": []}},
    "keys that are none": {"/jwks": {"keys": [7, {"kty": "RSA"}]}},
    "no list of keys": {"/jwks": {"keys": None}},
    "information of somebody else": {"/userinfo": {"sub": "root"}},
    "information that is none": {"/userinfo": "[]"},
}
IN_TROUBLE = {
    "no JSON": {"/userinfo": "<html>"},
    "a server in trouble": {"/oauth2/token": 503},
    "keys in trouble": {"/jwks": 500},
}


@pytest.mark.parametrize("case", [*REFUSED, *IN_TROUBLE])
def test_a_provider_that_says_what_does_not_hold_signs_nobody_in(
    case, oidc, thea, provider, visitor, caplog
):
    provider.lie(**(REFUSED | IN_TROUBLE)[case])
    answer = visitor.sign_in(thea)
    assert (answer.status_code, visitor.name, User.objects.count()) == (502, "", 0)
    said = "What Example SSO answered cannot be used." if case in REFUSED else "does not answer now"
    assert said in answer.content.decode()
    told = [record for record in caplog.records if "Example SSO was not" in record.message]
    assert [record.levelname for record in told] == ["WARNING"]


DESCRIPTION = "/.well-known/openid-configuration"
ELSEWHERE = {
    "another issuer": {"issuer": "https://evil.example"},
    "a token endpoint elsewhere": {"token_endpoint": "https://evil.example/token"},
    "a page elsewhere": {"authorization_endpoint": "http://127.0.0.1:1/authorize"},
    "a name that begins alike": {"jwks_uri": "http://127.0.0.1.evil.example/jwks"},
    "information elsewhere": {"userinfo_endpoint": "https://evil.example/userinfo"},
    "no page at all": {"authorization_endpoint": None},
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_description_that_leads_elsewhere_is_not_followed(case, configure, provider, client):
    provider.lie(**{DESCRIPTION: ELSEWHERE[case]})
    configure()
    answer = client.post("/login/oidc/")
    assert (answer.status_code, "cannot be used" in answer.content.decode()) == (502, True)


def test_a_description_is_kept_for_minutes(oidc, provider, visitor):
    visitor.start()
    provider.lie(**{DESCRIPTION: 500})
    visitor.start()


def test_a_provider_may_write_its_name_with_a_stroke_at_the_end(configure, thea, provider, visitor):
    configure(server=f"{provider.url}/")
    assert visitor.sign_in(thea).status_code == 302


def test_a_provider_that_does_not_answer_is_said_to_be_away_and_is_let_rest(configure, client):
    configure(server="http://127.0.0.1:9")
    for _ in range(2):
        answer = client.post("/login/oidc/")
        assert answer.status_code == 502
        assert "Example SSO does not answer now." in answer.content.decode()


def test_where_a_provider_was_looked_for_is_told_to_whoever_runs_the_site(
    configure, client, provider, caplog
):
    configure(server="http://127.0.0.1:9/realms/misspelt")
    client.post("/login/oidc/")
    asked = "/realms/misspelt/.well-known/openid-configuration"
    assert caplog.messages[0] == (
        f"Example SSO was not reached: http://127.0.0.1:9{asked}: ConnectionError."
    )
    caplog.clear()
    configure(server=f"{provider.url}/realms/misspelt")
    client.post("/login/oidc/")
    assert caplog.messages[0] == (
        f"Example SSO was not believed: {provider.url}{asked} answered with status 404."
    )
    caplog.clear()
    provider.lie(**{DESCRIPTION: 503})
    configure()
    client.post("/login/oidc/")
    assert caplog.messages[0] == (
        f"Example SSO was not reached: {provider.url}{DESCRIPTION}: status 503."
    )


def test_what_was_secret_is_in_no_log(oidc, thea, provider, visitor, caplog, settings):
    caplog.set_level("DEBUG")
    provider.lie(**{"/userinfo": {"sub": "root"}})
    location = provider.answer(visitor.start(), sub=thea)
    visitor.come_back(location)
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    assert "Example SSO was not believed" in caplog.text
    for secret in (app["secret"], query_of(location)["code"], "id_token", "access_token"):
        assert secret not in caplog.text.replace(location, ""), secret


def test_a_login_that_was_closed_stays_closed(oidc, thea, visitor):
    visitor.sign_in(thea)
    visitor.client.post("/logout/")
    User.objects.update(is_active=False)
    answer = visitor.sign_in(thea)
    assert (answer.status_code, visitor.name) == (403, "")
    assert "This login is closed." in answer.content.decode()


@pytest.mark.parametrize("path", ["/login/github/", "/login/nobody/", "/login/openid_connect/"])
def test_a_provider_that_is_not_set_up_is_not_there(path, oidc, client):
    assert (client.post(path).status_code, client.get(f"{path}callback/").status_code) == (404, 404)


def test_a_name_and_a_password_still_sign_in_and_are_still_throttled(oidc, client):
    User.objects.create_user("sol", password="an old secret")
    right, wrong = ({"username": "sol", "password": word} for word in ("an old secret", "x"))
    assert client.post("/login/", right).status_code == 302
    client.post("/logout/")
    assert [client.post("/login/", wrong).status_code for _ in range(8)] == [200] * 7 + [429]
    assert client.post("/login/", right).status_code == 429


def test_a_provider_costs_a_page_no_query_but_ones_own_page_one(
    configure, client, django_assert_num_queries, django_user_model
):
    with django_assert_num_queries(0):
        client.get("/login/")
    client.force_login(django_user_model.objects.create_user("sol"))
    with django_assert_num_queries(3):
        client.get("/me/")
    configure()
    with django_assert_num_queries(4):
        client.get("/me/")
    client.logout()
    with django_assert_num_queries(0):
        client.get("/login/")


def test_without_a_provider_there_is_nothing_of_it(client):
    page = client.get("/login/")
    assert "Sign in with" not in page.content.decode()
    assert "form-action 'self';" in f"{page.headers['Content-Security-Policy']};"
    assert client.post("/login/oidc/").status_code == 404


def test_of_allauth_no_page_is_reachable(oidc, client, admin_client):
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in names if name.startswith(("account_", "socialaccount_"))} == set()
    for path in ("/accounts/login/", "/signup/", "/3rdparty/", "/login/signup/", "/email/"):
        assert client.get(path).status_code in {404, 405}, path
    for model in ("account/emailaddress", "socialaccount/socialapp", "socialaccount/socialtoken"):
        assert admin_client.get(f"/admin/{model}/").status_code == 404, model


def test_a_form_may_end_at_the_configured_provider_alone_and_only_where_there_is_one(
    configure, provider, client, admin_client
):
    configure(hosts=("login.example.org",))
    allowed = f"form-action 'self' {provider.url} https://login.example.org"
    assert allowed in client.get("/login/").headers["Content-Security-Policy"]
    assert allowed in admin_client.get("/me/").headers["Content-Security-Policy"]
    assert "form-action 'self';" in client.get("/").headers["Content-Security-Policy"] + ";"
