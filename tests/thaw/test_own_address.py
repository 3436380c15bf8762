"""What leaves the site names the address that is configured, whatever host somebody asked for.

A proxy may keep an answer and give it to others: a host that one visitor made up, or the name by
which a supervisor asks, must not be where everybody's links lead.
"""

import json

import pytest
from django.utils import timezone

from tests.factories import make_release
from tests.thaw.logs import make_meeting
from tests.thaw.pages import public_pages
from thaw.demo import load_demo

pytestmark = pytest.mark.django_db

SITE = "https://thaw.example.org"
ASKED = {"host": "localhost:4711", "x-forwarded-host": "evil.example"}  # the first is allowed
ELSEWHERE = ("localhost", "4711", "evil.example", "testserver")
FEEDS = ["/decisions/feed.atom", "/exceptions/feed.atom", "/releases/cactus/calendar.ics"]


@pytest.fixture
def ask(client, settings):
    settings.SITE_URL = SITE

    def ask(url):
        answer = client.get(url, headers=ASKED)
        assert answer.status_code == (404 if url == "/nothing/here" else 200), url
        return answer.getvalue().decode()

    return ask


@pytest.mark.parametrize("name", ["minutes.txt", "minutes.html", "minutes/", "log.txt", "log.html"])
def test_an_export_of_a_meeting_names_no_host_that_was_asked_for(name, ask):
    text = ask(f"{make_meeting('#agreed no more').get_absolute_url()}{name}")
    assert [word for word in ELSEWHERE if word in text] == []


def test_minutes_as_text_lead_to_the_log_on_the_site(ask):
    own = make_meeting("#agreed no more").get_absolute_url()
    assert f" {SITE}{own}log.html" in ask(f"{own}minutes.txt").replace("\n", " ")


def test_pages_and_feeds_name_no_host_that_was_asked_for(ask):
    load_demo(at=timezone.now(), password="any")
    for url in [*public_pages(), *FEEDS]:
        text = ask(url)
        assert [word for word in ELSEWHERE if word in text] == [], url


def test_the_next_page_of_the_api_is_on_the_site(ask):
    for slug in ("cactus", "diablo"):
        make_release(slug=slug)
    first = json.loads(ask("/api/v1/releases/?page_size=1"))
    assert first["next"].startswith(f"{SITE}/api/v1/releases/?page_size=1&cursor=")
    second = json.loads(ask(first["next"]))
    assert second["previous"].startswith(f"{SITE}/api/v1/releases/?page_size=1&cursor=")
