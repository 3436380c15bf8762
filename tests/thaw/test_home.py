import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_milestone, make_project, make_release, utc
from tests.thaw.logs import make_meeting
from thaw.demo import load_demo

pytestmark = pytest.mark.django_db


def strip(page):
    """The release's milestones about now: how each stands, its name, and how far it is."""
    found = re.findall(r'<li class="(.*?)"[^>]*><b>(.*?)</b><span>(.*?)</span>', page)
    return [(stands, name, re.sub("<.*?>", "", away)) for stands, name, away in found]


def home(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_base_says_what_to_do_first(client):
    page = home(client)
    for words in (
        "<h1>No release yet</h1>",
        '<a href="/admin/releases/release/add/">admin</a>',
        "<code>manage.py load_demo</code>",
        "Nothing yet: import a log",
        "None yet. Import one:",
    ):
        assert words in page


def test_the_demo_shows_where_the_release_stands_and_what_was_agreed(client):
    load_demo(at=timezone.now(), password="any")
    page = home(client)
    for words in (
        '<h1><a href="/releases/cactus/">Cactus (2011.2)</a></h1>',
        "Blocked now: feature, translatable strings, dependency",
        "Next is <strong>GammaFreeze</strong>, which blocks feature, dependency, bug fix",
        "volumes-api stands until EOD",
        "xan file a bug for revoking credentials",
        "Latest meetings",
    ):
        assert words in page
    assert [name for _, name, _ in strip(page)] == [
        "FeatureFreeze",
        "StringFreeze",
        "Now",
        "GammaFreeze",
        "RC1",
        "Cactus",
    ]


def test_what_was_taken_back_or_not_counted_is_not_on_the_first_page(client):
    make_meeting(
        ("pim", "#agreed it goes in as it is"),
        "#agreed it waits",
        "#agreed it is withdrawn",
        "#undo",
        "#info nova has 41 bugs",
    )
    page = home(client)
    told = ["it goes in as it is", "it waits", "it is withdrawn", "nova has 41 bugs"]
    assert [words in page for words in told] == [False, True, False, False]


def test_the_newest_eight_items_and_four_meetings_are_shown_newest_first(client):
    for number in range(1, 8):
        begins = utc(2011, 3, number, 21)
        said = [f"#agreed Point {number}{letter}." for letter in "ab"]
        make_meeting(*said, title=f"Meeting no. {number}.", begins=begins)
    page = home(client)
    points = [f"Point {number}{letter}." for number in range(7, 3, -1) for letter in "ba"]
    meetings = [f">Meeting no. {number}.<" for number in range(7, 3, -1)]
    for expected in (points, meetings):
        assert sorted(expected, key=page.index) == expected
    assert [words in page for words in ("Point 3b.", ">Meeting no. 3.<")] == [False, False]


def test_a_milestone_passes_at_its_very_instant(client, time_machine):
    make_milestone(release=make_release(), name="GammaFreeze", at=utc(2011, 4, 5, 10))
    seen = []
    for away in (-timedelta(days=2), -timedelta(minutes=1), timedelta(0), timedelta(hours=3)):
        time_machine.move_to(utc(2011, 4, 5, 10) + away, tick=False)
        page = home(client)
        seen += [(stands, away) for stands, name, away in strip(page) if name == "GammaFreeze"]
    assert seen == [
        ("ahead next", "in 2 days"),
        ("ahead next", "in 1 minute"),
        ("passed", "now"),
        ("passed", "3 hours ago"),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_first_page_costs_the_same_for_one_row_and_three(
    rows, client, django_assert_num_queries
):
    release = make_release()
    for number in range(1, rows + 1):
        make_milestone(release=release, kind="release", project=make_project())
        make_meeting("#agreed one thing", "#action thea two things", begins=utc(2011, 3, number))
    with django_assert_num_queries(9):
        home(client)


@pytest.mark.parametrize(
    "url", ["/nothing", "/releases/", "/meetings/no.2011-01-01-00.00/", "/%00"]
)
def test_what_is_not_here_is_said_in_words_with_ways_on(url, client):
    answer = client.get(url)
    page = answer.content.decode()
    assert answer.status_code == 404
    for words in ("<h1>There is nothing at this address</h1>", 'href="/"', 'href="/meetings/"'):
        assert words in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("url", ["/", "/meetings/", "/healthz", "/readyz"])
def test_pages_are_only_read(url, method, client):
    assert getattr(client, method)(url).status_code == 405


def test_a_head_request_is_answered_like_a_get_without_the_body(client):
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
