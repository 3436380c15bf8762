"""Every address there is, asked in every way and with values that mean harm: no fault is ours.

Addresses come from a walk of the URL patterns, so that a new one is tried without being named here.
"""

from urllib.parse import unquote

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_filters import CharFilter

from tests.properties.requests import MARK, NAMES
from tests.routes import escaped, real, routes
from thaw.api import RESOURCES
from thaw.demo import load_demo

pytestmark = pytest.mark.django_db

ROUTES = routes()
PAGES = [route for route in ROUTES if not route.template.startswith(("admin/", "api/"))]
ADMIN = [route for route in ROUTES if route.template.startswith("admin/")]
API = [route for route in ROUTES if route.template.startswith("api/")]
UNWELL = "readyz"  # says 503 where no beat has been
WAYS = ("HEAD", "POST", "OPTIONS", "DELETE", "TRACE")  # the others are treated as one of these
CHANGES = {"POST", "DELETE"}
DOCUMENT = "api/v1/schema/"  # which takes a second to make
PAGED = ("cursor", "page_size")
ENDS = {"logout/", "admin/logout/"}  # the session, of which there is one
# Those of them that have broken something somewhere; `make fuzz` tries them all everywhere.
WORST = [
    "\0", "9" * 19, "9" * 40, "\u0661\u0662", "\ud800", "x" * 3000, "\"'><i>mark</i>", "\r\nX: y",
    "0001-01-01T00:00:00+14:00_1", "9999-12-31T23:59:59Z", "FFE-" + "9" * 30, "%s%n",
]  # fmt: skip


@pytest.fixture
def manager(django_user_model, settings):
    """The client of a release manager who may do everything in the admin."""
    settings.API_RATES = {"anon": None, "user": None}
    load_demo(at=timezone.now(), password="any")
    user = django_user_model.objects.get(username="thea")
    user.is_superuser = True
    user.save()
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def status_of(client, url, method="GET", query=""):
    """The status of the answer, read to its end; what it changed is taken back."""
    with transaction.atomic():
        answer = client.generic(method, url, QUERY_STRING=query)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if method in CHANGES:
            transaction.set_rollback(True)
    if answer.headers.get("Content-Type", "").startswith(("text/html", "image/svg")):
        assert MARK.encode() not in body, (url, query)
    assert "Content-Security-Policy" in answer.headers, url
    return answer.status_code


def faults(asked):
    """Those of the questions, by their statuses, that are answered by a fault of ours."""
    return [(question, status) for question, status in asked if status >= 500]


def reaches(route, url):
    """Whether an address is this route's: what its pattern does not take, its view never sees."""
    try:
        return resolve(unquote(url, errors="replace")).func == route.view
    except Resolver404:
        return False


@pytest.mark.once
def test_every_address_answers_every_method(manager):
    asked = [
        ((method, route.template), status_of(manager, route.url(real(route)), method))
        for route in PAGES + API
        if route.template not in {*ENDS, DOCUMENT}
        for method in WAYS
    ]
    assert {question for question, _ in faults(asked)} <= {("HEAD", UNWELL)}
    traced = {
        template for (method, template), status in asked if (method, status) == ("TRACE", 200)
    }
    assert traced == set()
    assert len(asked) > 450


def test_no_name_in_an_address_breaks_its_page(manager):
    asked = []
    for turn, route in enumerate(PAGES + API + ADMIN):
        values = real(route)
        # The admin reads the keys of all its records in one place: each gets some of the values.
        worst = WORST[turn % 4 :: 4] if route in ADMIN else WORST
        for name in route.names:
            for hostile in worst:
                url = route.url(values | {name: hostile})
                if reaches(route, url):
                    asked.append(((route.template, name, hostile), status_of(manager, url)))
    assert faults(asked) == []
    assert len(asked) > 300


@pytest.fixture
def read(monkeypatch):
    """The names that a page has read of its query, found by watching it."""
    seen = set()

    def watched(method):
        def watch(query, name, *default):
            seen.add(name)
            return method(query, name, *default)

        return watch

    for method in ("__getitem__", "__contains__", "getlist"):
        monkeypatch.setattr(QueryDict, method, watched(getattr(QueryDict, method)))
    return seen


def test_nothing_in_a_query_breaks_a_page(manager, read):
    asked, names = [], {}
    for route in PAGES:
        url = route.url(real(route))
        read.clear()
        if route.template in ENDS or status_of(manager, url) != 200:
            continue
        names[route.template] = set(read)
        for hostile in WORST if read else ():
            query = "&".join(f"{name}={escaped(hostile)}" for name in names[route.template])
            asked.append(((route.template, hostile), status_of(manager, url, query=query)))
    assert faults(asked) == []
    assert names["check/"] == {"q"}
    assert names["decisions/"] == {"verb", "release", "by", "q", "before"}
    assert len(asked) > 150


def test_nothing_in_a_query_breaks_a_list_or_a_form_of_the_admin(manager):
    asked = []
    for route in ADMIN:
        if route.names or route.template in ENDS:
            continue
        for turn in range(3):  # each name gets three of the values, with others beside them
            given = {name: WORST[(4 * turn + at) % len(WORST)] for at, name in enumerate(NAMES)}
            query = "&".join(f"{name}={escaped(value)}" for name, value in given.items())
            status = status_of(manager, route.url({}), query=query)
            asked.append(((route.template, turn), status))
    assert faults(asked) == []
    assert len(asked) > 90


def test_no_filter_of_the_api_breaks_a_list(manager):
    asked = []
    for resource, view in RESOURCES.items():
        filters = view.filterset_class.base_filters
        words = [name for name, one in filters.items() if type(one) is CharFilter]
        # What is no word is refused, and then the others are not asked for: each by itself.
        for names in [words, *([name] for name in [*filters, *PAGED] if name not in words)]:
            for hostile in WORST:
                query = "&".join(f"{name}={escaped(hostile)}" for name in names)
                status = status_of(manager, f"/api/v1/{resource}/", query=query)
                asked.append(((resource, names, hostile), status))
    assert faults(asked) == []
    assert {status for _, status in asked} == {200, 400}
