import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from releases.models import Milestone, Release
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.thaw.logs import make_meeting
from thaw.demo import load_demo

pytestmark = [pytest.mark.once, pytest.mark.django_db]
DAY = timedelta(days=1)


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
        "<code>manage.py createsuperuser</code>",
        'Nothing yet: <a href="/meetings/new/">import a log</a>',
        'None yet. <a href="/meetings/new/">Import a log</a>',
    ):
        assert words in page


def steps(page):
    """Which of the first steps are done, and which are to do; nothing where none are shown."""
    part = page.partition('id="first-steps"')[2].partition("</ol>")[0]
    words = [re.sub(r"\s+", " ", re.sub(r"<.*?>", " ", one)) for one in part.split("<li")[1:]]
    return [" ".join(word.lstrip('>" ').split()[:4]) for word in words]


def test_who_is_signed_in_enters_their_own_login_as_the_person_who_decides(
    client, django_user_model
):
    root = django_user_model.objects.create_user("root")
    assert '<a href="/admin/releases/person/add/">person</a>' in home(client)
    client.force_login(root)
    assert f'<a href="/admin/releases/person/add/?user={root.pk}">person</a>' in home(client)
    make_person(user=root)
    assert '<a href="/admin/releases/person/add/">person</a>' in home(client)


def test_each_first_step_is_ticked_off_when_it_is_done_until_somebody_decides(
    client, time_machine, django_user_model
):
    time_machine.move_to(utc(2011, 3, 25), tick=False)
    seen = [steps(home(client))]
    assert all(step.startswith("To do ") for step in seen[0])
    done = [
        lambda: django_user_model.objects.create_user("root"),
        lambda: make_release(slug="cactus"),
        lambda: make_freeze(release=Release.objects.get()),
        lambda: make_manager(user=django_user_model.objects.get()),
        lambda: make_meeting("#agreed it waits"),
        lambda: make_exception(freeze=Milestone.objects.get()),
    ]
    for number, step in enumerate(done, start=1):
        step()
        seen.append(steps(home(client)))
        told = [one.startswith("Done ") for one in seen[-1]]
        wanted = [True] * number + [False] * (len(done) - number)
        assert told == (wanted if number < len(done) else [])


def test_a_milestone_that_blocks_nothing_and_a_manager_who_cannot_sign_in_are_no_steps(client):
    make_milestone(release=make_release())
    make_manager()
    assert [one.partition(" ")[0] for one in steps(home(client))] == ["To"] + ["Done"] + ["To"] * 4


@pytest.mark.parametrize("verb", ["grant", "deny"])
def test_where_somebody_has_decided_the_first_steps_are_over_and_cost_nothing(
    verb, client, time_machine, django_assert_num_queries
):
    time_machine.move_to(utc(2011, 3, 25), tick=False)
    release = make_release()
    make_milestone(release=release, kind="release", at=utc(2011, 4, 15))
    status = {"grant": "granted", "deny": "denied"}[verb]
    make_exception(release=release, status=status)
    with django_assert_num_queries(9):
        assert steps(home(client)) == []
    for _ in range(6):  # so that no decision is among the last entries of the ledger
        make_exception(release=release, at=utc(2011, 3, 28))
    assert steps(home(client)) == []


def test_the_first_steps_cost_a_few_queries_more(client, django_assert_num_queries):
    make_milestone(release=make_release(), blocks=["feature"])
    with django_assert_num_queries(9 + 3):
        assert steps(home(client)) != []


@pytest.mark.parametrize("debug", [True, False])
def test_the_demo_is_offered_where_it_may_be_loaded(debug, client, settings):
    settings.DEBUG = debug
    assert ("<code>manage.py load_demo</code>" in home(client)) is debug


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


def test_what_stands_is_shown_the_first_to_end_first_whatever_bounds_it(client, time_machine):
    time_machine.move_to(utc(2011, 3, 28), tick=False)
    release = make_release()
    freeze = make_freeze(release=release)
    gamma = make_milestone(release=release, name="GammaFreeze", at=utc(2011, 4, 5))
    ships = make_milestone(release=release, name="Cactus", kind="release", at=utc(2011, 4, 15))
    branches = [
        make_proposal(release=release, project=make_project(), branch=f"~jun/nova/{name}")
        for name in ("volumes", "quotas")
    ]
    by_hand = make_person(name="Jun")
    by_hand.memberships.create(role="contributor")
    for title, expires, asked in (
        ("Last", ships, {}),
        ("First", utc(2011, 3, 29), {"proposals": branches, "by": by_hand}),
        ("Over", utc(2011, 3, 27), {}),
        ("Third", utc(2011, 4, 10), {}),
        ("Second", gamma, {}),
    ):
        make_exception(freeze=freeze, title=title, status="granted", expires=expires, **asked)
    make_exception(title="Of another release", status="granted", expires=utc(2011, 5, 1))
    page = home(client)
    listed = page[page.index('id="standing"') : page.index('id="waiting"')]
    shown = re.findall(r'class="main" href="(.*?)">(.*?)<', listed)
    assert [title.partition(" ")[2] for _, title in shown] == ["First", "Second", "Third", "Last"]
    assert all(url == f"/exceptions/{title.partition(' ')[0]}/" for url, title in shown)
    for words in (
        "with GammaFreeze ·",
        "asked by Jun · <code>quotas</code> · <code>volumes</code></span>",
        "2011 00:00 UTC</time> · asked by",
    ):
        assert words in listed


@pytest.mark.parametrize("bound", [True, False])
def test_no_more_is_shown_of_what_stands_than_twenty(bound, client, time_machine):
    time_machine.move_to(utc(2011, 3, 28), tick=False)
    release = make_release()
    ships = make_milestone(release=release, kind="release", at=utc(2011, 4, 15))
    freeze, project = make_freeze(release=release), make_project()
    manager, expires = make_manager(), ships if bound else utc(2011, 4, 1)
    asked = {"by": manager, "manager": manager, "project": project, "freeze": freeze}
    for _ in range(21):
        make_exception(status="granted", expires=expires, **asked)
    assert home(client).count('class="left calm"') == 20 + 1  # and the next milestone


@pytest.mark.parametrize("rows", [1, 3])
def test_the_first_page_costs_the_same_for_one_row_and_three(
    rows, client, django_assert_num_queries
):
    release = make_release()
    for number in range(1, rows + 1):
        make_milestone(release=release, kind="release", project=make_project())
        make_meeting("#agreed one thing", "#action thea two things", begins=utc(2011, 3, number))
        for status in ("requested", "granted"):
            make_exception(release=release, status=status, expires=timezone.now() + DAY)
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


IN_A_CHECKOUT = """
django.setup()
from django.test import Client
urls = ["/nothing/", "/nothing", "/meetings/no.2011-01-01-00.00/", "/releases/no/", "/search"]
answers = [Client().get(url) for url in urls]
here = "<h1>There is nothing at this address</h1>"
told = [[answer.status_code, here in answer.content.decode()] for answer in answers]
print(json.dumps([settings.DEBUG, *told]))
"""


def test_in_a_checkout_it_is_said_in_the_same_words_and_not_in_django_s(migrated_place):
    assert migrated_place.tell(IN_A_CHECKOUT) == [True, *[[404, True]] * 4, [301, False]]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("url", ["/", "/meetings/", "/healthz", "/readyz"])
def test_pages_are_only_read(url, method, client):
    assert getattr(client, method)(url).status_code == 405


def test_a_head_request_is_answered_like_a_get_without_the_body(client):
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (OperationalError("no route to host"), 503, "<h1>The database does not answer</h1>"),
        (RuntimeError("a slip"), 500, "<h1>Something broke on our side</h1>"),
    ],
)
def test_a_database_that_is_away_is_told_as_that_and_not_as_a_fault_of_ours(
    fault, status, words, monkeypatch
):
    monkeypatch.setattr("thaw.views._releases", Mock(side_effect=fault))
    answer = Client(raise_request_exception=False).get("/")
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert answer.get("Retry-After") == {503: "60"}.get(status)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("zebra", "Showing everything with “zebra”, the newest first."),
        ("zebra from:thea", "Showing everything with “zebra”, from thea, the newest first."),
        ("from:thea", "Showing everything from thea, the newest first."),
    ],
)
def test_a_search_says_what_it_shows_in_a_sentence(asked, shown, client):
    page = client.get("/search/", {"q": asked}).content.decode()
    assert f'<p class="shown">{shown}' in page
