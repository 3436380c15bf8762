"""Search: what is found, what a question means, and what it may cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from governance.models import Until
from meetings.models import Meeting
from meetings.wording import SQLITE_TABLE
from releases.models import Person
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_person,
    make_proposal,
    make_release,
    utc,
)
from tests.thaw.logs import make_meeting
from thaw import finding, search
from thaw.questions import read

pytestmark = pytest.mark.django_db

GROUP = re.compile(r'<h2 id="(\w+)">.*?</h2>(.*?)</section>', re.DOTALL)


def page(client, q, **query):
    answer = client.get("/search/", {"q": q, **query})
    assert answer.status_code == 200
    return answer.content.decode()


def found(client, q, **query):
    """By kind, the texts found, without their marks."""
    texts = {}
    for name, rows in GROUP.findall(page(client, q, **query)):
        hits = re.findall(r'<a class="main" href="[^"]*">(.*?)</a>', rows)
        texts[name] = [re.sub("<.*?>", "", hit) for hit in hits]
    return texts


@pytest.fixture
def cactus(emptied_ledger):
    """A meeting, an exception with its decisions, a proposal and a person about volumes."""
    cactus = make_release(slug="cactus", name="Cactus")
    proposal = make_proposal(
        key="61001", branch="~jun/nova/volumes-api", title="Volumes API", release=cactus
    )
    exception = make_exception(
        freeze=make_freeze(release=cactus, at=utc(2011, 3, 24)),
        proposals=[proposal],
        title="Volumes through the API",
        at=utc(2011, 3, 25),
    )
    exception.grant(
        by=make_manager(name="Thea"),
        at=utc(2011, 3, 26),
        expires=Until(at=utc(2011, 4, 2)),
        rationale="Volumes are worth a week.",
    )
    make_person(name="Vera Volumes")
    make_meeting(
        "#agreed volumes-api has one more day",
        ("jun", "see https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001"),
        ("pim", "nothing of that kind"),
    )
    return exception


def test_words_find_what_has_them_on_every_floor(client, cactus):
    texts = found(client, "volumes")
    assert list(texts) == list(search.GROUPS)
    assert texts["items"] == ["volumes-api has one more day"]
    assert len(texts["lines"]) == 2
    assert texts["exceptions"] == [str(cactus)]
    assert texts["people"] == ["Vera Volumes"]
    assert any("Volumes are worth a week." in text for text in texts["decisions"])


QUESTIONS = [  # how many lines and items each finds
    ("volumes-api", 2, 1),
    ("VOLUMES day", 1, 1),
    ('"one more day"', 1, 1),
    ('"more one day"', 0, 0),
    ("61001", 1, 0),
    ("volume", 0, 0),
    ("volumes from:JUN", 1, 0),
    ("volumes from:thea kind:agreed", 0, 1),
    ("volumes kind:action", 0, 0),
    ("volumes before:2011-03-29", 0, 0),
    ("volumes after:2011-03-29 before:2011-04", 2, 1),
    ("volumes after:2012", 0, 0),
    ('volumes in:"release meeting"', 2, 1),
    ("volumes in:elsewhere", 0, 0),
]


def test_a_question_means_what_it_says(client, cactus):
    for q, lines, items in QUESTIONS:
        texts = found(client, q)
        assert (q, len(texts.get("lines", [])), len(texts.get("items", []))) == (q, lines, items)


def test_what_was_found_is_marked_and_what_others_wrote_stays_text(client):
    make_meeting("look at <b>frozen</b> things & more")
    html = page(client, "frozen b")
    assert (
        "look at &lt;<mark>b</mark>&gt;<mark>frozen</mark>&lt;/<mark>b</mark>&gt; things &amp;"
        in html
    )


@pytest.mark.parametrize("words", ["{}", " {} ", "ffe-{pk}"])
def test_an_exception_is_found_by_its_number(words, client):
    exception = make_exception(title="A console")
    asked = words.format(exception.reference, pk=exception.pk)
    html = client.get("/search/", {"q": asked}).content.decode()
    assert f'href="{exception.get_absolute_url()}">{exception}</a>' in html
    assert "Nothing is found" not in html


def test_a_line_that_is_found_leads_to_itself(client):
    meeting = make_meeting("the needle is here")
    assert f'href="{meeting.url_of_line(4)}"' in page(client, "needle")


def test_a_meeting_that_is_gone_is_found_no_more_and_another_in_its_place_is(client):
    make_meeting("the needle is here")
    Meeting.objects.all().delete()
    assert found(client, "needle") == {}
    make_meeting("no such thing", "but a needle")
    assert found(client, "needle")["lines"] == ["but a needle"]
    if connection.vendor == "sqlite":
        check = f"INSERT INTO {SQLITE_TABLE} ({SQLITE_TABLE}, rank) VALUES ('integrity-check', 1)"
        with connection.cursor() as cursor:
            cursor.execute(check)  # fails where the index has what the table has not


def test_a_month_begins_at_midnight_and_ends_before_the_next(client):
    make_meeting("needle", begins=utc(2011, 4, 1) - timedelta(seconds=3))
    counts = [
        len(found(client, f"needle {dates}").get("lines", []))
        for dates in ("before:2011-04", "after:2011-04", "after:2011-03 before:2011-05")
    ]
    assert counts == [0, 1, 1]


def test_one_kind_goes_on_page_by_page_newest_first_and_loses_no_line(client):
    for day in (3, 1, 2):
        said = [f"needle {day}-{number}" for number in range(40)]
        make_meeting(*said, begins=utc(2011, 3, day, 21))
    assert len(found(client, "needle")["lines"]) == search.FEW
    texts, url, pages = [], "/search/?q=needle&what=lines", 0
    while url:
        html = client.get(url).content.decode()
        texts += re.findall(r"<mark>needle</mark> (\d-\d+)</a>", html)
        more = re.search(r'href="([^"]+)" rel="next"', html)
        url = f"/search/{more[1].replace('&amp;', '&')}" if more else ""
        pages += 1
    assert pages == 3
    assert texts == [f"{day}-{number}" for day in (3, 2, 1) for number in reversed(range(40))]


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("x before:soon", "“soon” is no date"),
        ("x after:2011-13", "“2011-13” is no date"),
        ("x kind:odd", "“odd” is no kind that is known here"),
        ("a b c d e f g h i", "Only the first 8 words"),
    ],
)
def test_what_is_not_understood_is_said(q, said, client):
    assert said in page(client, q)


@pytest.mark.parametrize(
    "q",
    [
        *("", " ", '"', "***", "a* OR b", "NEAR(a b)", "'--", "a\0b", "x" * 5000, "from:", "%"),
        *("☃ ж", "(" * 200, '"a" "b', "in:%00", "💩", "text: a", "-a", "a & !b | <->"),
    ],
)  # fmt: skip
def test_no_question_is_an_error(q, client):
    make_meeting("a b")
    page(client, q)


def test_a_question_that_takes_too_long_is_given_up_in_words(client, monkeypatch):
    make_meeting(*["needle words"] * 3000)
    monkeypatch.setattr(search, "SECONDS", 0.001)
    assert "Not everything was searched" in page(client, "needle words")
    monkeypatch.undo()
    assert found(client, "needle")["lines"]


@pytest.mark.postgresql
def test_what_was_found_before_something_slow_stays(client, monkeypatch):
    def slow(asked):
        return Person.objects.filter(pk__in=RawSQL("SELECT length(pg_sleep(9)::text)", []))

    make_meeting("a needle")
    make_person(name="Vera")
    people = finding.KINDS["people"]._replace(asked=slow)
    monkeypatch.setitem(finding.KINDS, "people", people)
    monkeypatch.setattr(search, "SECONDS", 0.5)
    finding.composed.cache_clear()
    html = page(client, "needle")
    finding.composed.cache_clear()
    assert "Not everything was searched" in html
    assert "a <mark>needle</mark>" in html


@pytest.mark.parametrize("rows", [1, 5])
def test_a_search_costs_the_same_for_one_row_and_five(rows, client, emptied_ledger):
    release = make_release()
    freeze = make_freeze(release=release, at=utc(2011, 3, 1))
    for number in range(rows):
        make_meeting("#agreed needle", begins=utc(2011, 3, 1 + number))
        make_exception(
            freeze=freeze, title=f"needle {number}", at=utc(2011, 3, 2) + timedelta(hours=number)
        )
        make_person(name=f"needle {number}")
    with CaptureQueriesContext(connection) as captured:
        assert set(found(client, "needle")) >= {"lines", "items", "decisions", "exceptions"}
    asked = [one for one in captured if one["sql"].startswith(("SELECT", "WITH"))]
    assert len(asked) == 7 + (connection.vendor == "postgresql")
    assert len(captured) <= 10


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no other way to MATCH")
def test_words_are_looked_up_in_their_index(client):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    lines = finding.lines(read('needle "one more day"'))
    assert "Bitmap Index Scan on meetings_logline_words" in lines.explain()


DECISIONS = [  # how many of them each finds
    ("volumes", 2),  # the title, whatever the decision says
    ("worth", 1),
    ("volumes worth", 1),  # the one here, the other there
    ('"through the" week', 1),
    ("volumes nothing", 0),
    ("VOLUMES kind:grant", 1),
    ("%", 0),
    ("v_lumes", 0),
]


@pytest.mark.parametrize("few", [0, 500])
def test_a_decision_is_found_by_its_words_and_its_title(few, client, cactus, monkeypatch):
    monkeypatch.setattr(finding, "FEW_TITLES", few)
    for q, decisions in DECISIONS:
        assert (q, len(found(client, q).get("decisions", []))) == (q, decisions)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such index")
@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (finding.decisions, "decision_parts_of_words"),
        (finding.exceptions, "exception_parts_of_words"),
        (finding.proposals, "proposal_parts_of_words"),
    ],
)
def test_parts_of_words_are_looked_up_in_their_index(ask, index, client):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    asked = read("needle")
    asked.titled = finding.titles(asked)()
    plan = ask(asked).explain()
    assert f"Bitmap Index Scan on {index}" in plan, plan
