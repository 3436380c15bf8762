import pytest
from django.test import Client
from django.utils import timezone

from tests.thaw.pages import Html, admin_pages, public_pages
from thaw.demo import load_demo

pytestmark = [pytest.mark.once, pytest.mark.django_db]

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def answers(client, admin_user):
    """Each page with its answer: the public ones read by a stranger, the admin by a superuser."""
    load_demo(at=timezone.now(), password="any")
    public = {url: client.get(url) for url in public_pages()}
    client.force_login(admin_user)
    return public | {url: client.get(url) for url in admin_pages()}


def test_every_page_answers_with_a_strict_policy_and_holds_nothing_inline(answers):
    for url, answer in answers.items():
        assert answer.status_code == (404 if url == "/nothing/here" else 200), url
        rules = answer.headers["Content-Security-Policy"].split("; ")
        assert dict(rule.split(" ", 1) for rule in rules) == POLICY, url
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, url
        assert Html(answer.content.decode()).inline == [], url
    assert len(answers) > 40


def test_health_and_refusals_carry_the_policy_too(client):
    for url in ("/healthz", "/readyz"):
        assert "script-src 'self'" in client.get(url).headers["Content-Security-Policy"]
    assert "script-src 'self'" in client.post("/").headers["Content-Security-Policy"]


def test_a_public_page_has_one_heading_one_main_part_and_a_language(client):
    load_demo(at=timezone.now(), password="any")
    for url in public_pages():
        if not url.startswith("/admin/"):
            html = client.get(url).content.decode()
            tags = Html(html).tags
            assert (tags.count("h1"), tags.count("main"), tags.count("nav")) == (1, 1, 1), url
            assert html.startswith('<!doctype html>\n<html lang="en">'), url


def test_public_pages_set_no_cookie(client):
    for url in public_pages():
        if "login" not in url:
            assert client.get(url).cookies == {}, url


def test_the_cookie_of_a_session_is_not_for_scripts_or_other_sites(client, django_user_model):
    django_user_model.objects.create_superuser("ttx", password="an old secret")
    answer = client.post("/admin/login/", {"username": "ttx", "password": "an old secret"})
    cookies = {
        name: (bool(cookie["httponly"]), cookie["samesite"])
        for name, cookie in answer.cookies.items()
    }
    assert cookies == {"csrftoken": (True, "Lax"), "sessionid": (True, "Lax")}


def test_a_forged_form_is_refused(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert (
        client.post("/admin/releases/project/add/", {"name": "x", "slug": "x"}).status_code == 403
    )
