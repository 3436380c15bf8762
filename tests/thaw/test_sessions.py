"""Who is signed in: a cookie that only we can make, that others cannot plant, read or keep."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

PASSWORD = "an old secret"
# As a cookie may be written (RFC 2109 lets octal numbers stand for characters), and what it holds.
FORGED = [
    '"\\000aaaaaaaa"',
    '"\\012aaaaaaaa"',
    "a" * 41,
    "a" * 8000,
    "A" * 32,
    "'; DROP--",
    '"\\377' * 9,
]


@pytest.fixture
def thea(django_user_model):
    return django_user_model.objects.create_user("thea", password=PASSWORD)


@pytest.mark.parametrize("cookie", FORGED, ids=lambda cookie: cookie[:12])
def test_a_forged_cookie_is_that_of_a_stranger(cookie):
    answer = Client().get("/me/", HTTP_COOKIE=f"sessionid={cookie}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/me/")


def test_a_session_that_somebody_planted_is_not_the_one_after_signing_in(thea):
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/login/", {"username": "thea", "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_out_ends_the_session_where_it_is_kept_and_by_post_alone(thea):
    client = Client()
    client.post("/login/", {"username": "thea", "password": PASSWORD})
    cookie = client.cookies["sessionid"].value
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    stolen = Client()
    stolen.cookies["sessionid"] = cookie
    assert stolen.get("/me/").status_code == 302
    assert not Session.objects.exists()


@pytest.mark.parametrize("change", ["a new password", "no login any more", "deleted"])
def test_a_session_ends_with_what_it_stands_for(change, thea):
    client = Client()
    client.force_login(thea)
    assert client.get("/me/").status_code == 200
    if change == "a new password":
        thea.set_password("another secret")
        thea.save()
    elif change == "deleted":
        thea.delete()
    else:
        thea.is_active = False
        thea.save()
    assert client.get("/me/").status_code == 302


def test_a_page_of_ones_own_is_kept_by_no_cache(thea):
    client = Client()
    client.force_login(thea)
    for path in ("/me/", "/me/tokens/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


PAGES = ["/", "/exceptions/", "/proposals/", "/search/", "/nothing-here/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_names_its_reader_is_kept_by_their_browser_alone(path, thea):
    client = Client()
    client.force_login(thea)
    answer = client.get(path)
    assert "thea" in answer.content.decode()
    kept = set(answer.headers.get("Cache-Control", "none").split(", "))
    assert kept == {"private", "no-cache"}


def test_what_names_nobody_is_told_nothing_of_caches(thea):
    for path in PAGES:
        assert "Cache-Control" not in Client().get(path).headers, path
    client = Client()
    client.force_login(thea)
    assert "private" not in client.get("/exceptions/feed.atom")["Cache-Control"]
    assert "Cache-Control" not in client.get("/exceptions/export.csv").headers


def test_to_say_whose_a_page_is_asks_the_database_nothing(thea, settings):
    def asked():
        client = Client()
        client.force_login(thea)
        with CaptureQueriesContext(connection) as queries:
            client.get("/exceptions/")
            client.get("/healthz")
            client.get("/favicon.ico")
        return len(queries)

    asked()  # what is looked up once in a process
    with_it = asked()
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "reader_alone" not in one]
    assert asked() == with_it
