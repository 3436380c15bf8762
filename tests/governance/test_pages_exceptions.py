"""What everybody can read: the list of exceptions, each one's page, and the first page."""

import re
from datetime import timedelta

import pytest

from releases.models import Review
from tests.factories import (
    make_person,
    make_proposal,
    utc,
)

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("that_morning"),
]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(client, url):
    answer = client.get(url)
    assert (url, answer.status_code) == (url, 200)
    return answer.content.decode()


def plain(html):
    """The text of a page, each run of blanks as one."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
    return re.sub(r" ([,.:])", r"\1", text)


def rows(html):
    """The list's rows, each as the words of its cells."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    return [
        [plain(cell) for cell in re.findall(r"<td\b.*?</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    ]


def section(html, name):
    """The records under a heading of that id, each in words."""
    part = html[html.index(f'<section aria-labelledby="{name}">') :]
    part = part[: part.index("</section>")]
    return [plain(record) for record in re.findall(r"<li\b.*?</li>", part, re.DOTALL)]


def in_status(scene, status):
    ways = {
        "undecided": scene.ask,
        "granted": scene.grant,
        "bound": lambda: scene.grant(expires=scene.gamma),
        "denied": lambda: scene.decide(scene.ask(), "deny"),
        "deferred": lambda: scene.decide(scene.ask(), "defer"),
        "withdrawn": lambda: scene.decide(scene.grant(), "withdraw"),
        "landed": lambda: scene.decide(scene.grant(), "land"),
        "lapsed": lambda: scene.grant(at=scene.asked_at + HOUR, expires=scene.now),
        "revoked": lambda: scene.decide(scene.grant(), "revoke"),
        "reverted": lambda: scene.decide(scene.decide(scene.grant(), "land"), "revert"),
        "reopened": lambda: scene.decide(scene.decide(scene.ask(), "deny"), "reopen"),
    }
    return ways[status]()


# What the list says of each: how it stands, and until when.
LISTED = {
    "undecided": ["Undecided", ""],
    "granted": ["Granted 2 d 1 h left", "1 Apr 2011 10:00 UTC"],
    "bound": ["Granted 6 d 1 h left", "5 Apr 2011 10:00 UTC"],
    "denied": ["Denied", ""],
    "deferred": ["Deferred", ""],
    "withdrawn": ["Withdrawn", ""],
    "landed": ["Landed", ""],
    "lapsed": ["Expired", "30 Mar 2011 09:00 UTC"],
    "revoked": ["Revoked", ""],
    "reverted": ["Reverted", ""],
    "reopened": ["Undecided", ""],
}
STANDING = {
    "undecided": "Undecided",
    "granted": "Granted until Fri 1 April 2011 10:00 UTC 2 d 1 h left",
    "bound": "Granted until Tue 5 April 2011 10:00 UTC, with GammaFreeze 6 d 1 h left",
    "denied": "Denied",
    "deferred": "Deferred",
    "withdrawn": "Withdrawn (its deadline was Fri 1 April 2011 10:00 UTC )",
    "landed": "Landed (its deadline was Fri 1 April 2011 10:00 UTC )",
    "lapsed": "Expired (its deadline was Wed 30 March 2011 09:00 UTC )",
    "revoked": "Revoked (its deadline was Fri 1 April 2011 10:00 UTC )",
    "reverted": "Reverted (its deadline was Fri 1 April 2011 10:00 UTC )",
    "reopened": "Undecided",
}


# --- The list -------------------------------------------------------------------------------------


def test_without_an_exception_the_list_says_where_to_ask_for_one(client):
    html = read(client, "/exceptions/")
    assert "No exception was asked for yet." in html
    assert 'href="/exceptions/new/"' in html


def test_the_list_tells_what_each_is_for_and_how_it_stands(scene, client):
    proposals = [make_proposal(key="61001"), make_proposal(key="61002")]
    volumes = scene.grant(scene.ask(title="Volumes", proposals=proposals))
    whole = scene.ask(title="All of nova", proposals=[], project=scene.nova, by=scene.ondine)
    assert rows(read(client, "/exceptions/")) == [
        [
            *LISTED["undecided"],
            f"{whole.reference} All of nova",
            "FeatureFreeze Cactus",
            "a whole project",
            "Ondine",
        ],
        [
            *LISTED["granted"],
            f"{volumes.reference} Volumes",
            "FeatureFreeze Cactus",
            "61002, 61001",
            "Jun",
        ],
    ]


def test_the_list_tells_each_status_by_the_clock(scene, client):
    made = [in_status(scene, status) for status in STANDING]
    assert {row[2]: row[:2] for row in rows(read(client, "/exceptions/"))} == {
        str(exception): words for exception, words in zip(made, LISTED.values(), strict=True)
    }


def test_fifty_stand_on_a_page_and_each_on_one_page_only(scene, client):
    names = [str(scene.ask(title=f"Number {number}")) for number in range(101)][::-1]
    pages, url = [], "/exceptions/"
    while url:
        html = read(client, url)
        pages.append([row[2] for row in rows(html)])
        older = re.search(r'href="\?before=(\d+)" rel="next"', html)
        url = older and f"/exceptions/?before={older[1]}"
    assert pages == [names[:50], names[50:100], names[100:]]


def test_exactly_fifty_have_no_older_ones(scene, client):
    for _ in range(50):
        scene.ask()
    assert 'rel="next"' not in read(client, "/exceptions/")


def test_before_the_first_there_is_none(scene, client):
    html = read(client, f"/exceptions/?before={scene.ask().pk}")
    assert "No exception was asked for before that one." in html


@pytest.mark.parametrize(
    "junk", ["", "abc", "-1", "1.5", "1 2", "²", "%00", "9" * 60, "'; DROP TABLE x", "FFE-1"]
)
def test_junk_for_a_page_shows_the_first(junk, scene, client):
    exception = scene.ask()
    answer = client.get("/exceptions/", {"before": junk})
    assert answer.status_code == 200
    assert [row[2] for row in rows(answer.content.decode())] == [str(exception)]


@pytest.mark.parametrize("number", ["9" * 9, "9" * 10, "9" * 20, "1" + "0" * 25, "٩٩٩"])
def test_a_number_beyond_the_last_shows_the_first_page(number, scene, client):
    exception = scene.ask()
    answer = client.get("/exceptions/", {"before": number})
    assert [row[2] for row in rows(answer.content.decode())] == [str(exception)]


# --- One exception --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STANDING)
def test_a_page_says_how_it_stands_in_its_title_and_its_first_line(status, scene, client):
    exception = in_status(scene, status)
    html = read(client, exception.get_absolute_url())
    (first,) = re.findall(r'<p class="standing"[^>]*>(.*?)</p>', html, re.DOTALL)
    word = STANDING[status].split()[0].lower()
    assert plain(first) == STANDING[status]
    assert f"<title>{exception}: {word} — Thaw</title>" in html
    assert html.count("<h1>") == 1


def test_the_ledger_is_told_in_order_with_who_why_when_and_where(scene, client):
    exception = scene.ask(source_url="https://example.org/asked", quote="may volumes go in?")
    scene.grant(
        exception, at=scene.asked_at + HOUR, over_budget="Small.", source_url="/meetings/m/#l-9"
    )
    exception.extend(
        by=scene.thea,
        at=scene.asked_at + 2 * HOUR,
        expires=scene.until + DAY,
        rationale="One day\nmore.",
    )
    scene.decide(exception, "refuse_extension", rationale="That was the last.")
    scene.decide(exception, "land", at=scene.now + HOUR, rationale="Merged.")
    html = read(client, exception.get_absolute_url())
    assert section(html, "ledger") == [
        (
            "Asked for by Jun Without it the API stays incomplete. may volumes go in?"
            " Tue 29 March 2011 21:00 UTC · where it was said"
        ),
        (
            "Granted by Thea, until Fri 1 April 2011 10:00 UTC Self-contained."
            " Beyond the budget: Small. Tue 29 March 2011 22:00 UTC · where it was said"
        ),
        (
            "Extended by Thea, until Sat 2 April 2011 10:00 UTC One day more."
            " Tue 29 March 2011 23:00 UTC"
        ),
        "Extension refused by Thea That was the last. Wed 30 March 2011 09:00 UTC",
        "Landed by Thea Merged. Wed 30 March 2011 10:00 UTC",
    ]
    for url in ("https://example.org/asked", "/meetings/m/#l-9"):
        assert f'href="{url}"' in html


def test_an_expiry_is_told_without_a_person(scene, client):
    exception = in_status(scene, "lapsed")
    exception.expire(at=scene.now)
    *_, expired = section(read(client, exception.get_absolute_url()), "ledger")
    assert expired == "Expired Its deadline passed. Wed 30 March 2011 09:00 UTC"


def test_a_grant_keeps_its_deadline_when_the_milestone_moves_and_names_the_milestone(scene, client):
    exception = scene.grant(expires=scene.gamma)
    told = "GammaFreeze has moved since it was decided: then it was Tue 5 April 2011 10:00 UTC"
    assert told not in plain(read(client, exception.get_absolute_url()))
    scene.gamma.move(to=utc(2011, 4, 9, 10), by=scene.thea, at=scene.now + HOUR, why="more bugs")
    html = read(client, exception.get_absolute_url())
    granted = section(html, "ledger")[1]
    assert "until Tue 5 April 2011 10:00 UTC, with GammaFreeze" in granted
    assert "until Sat 9 April 2011 10:00 UTC, with GammaFreeze" in plain(html)
    assert told in plain(html)
    assert 'href="/releases/cactus/#moves"' in html


def test_the_words_of_a_deadline_are_told_with_their_zone(scene, sign_in, client):
    exception = scene.ask()
    said = {"deadline": "2011-04-01 00:00 Pacific/Honolulu", "rationale": "A week."}
    url = f"/admin/governance/exceptionrequest/{exception.pk}/decide/grant/"
    assert sign_in(scene.thea).post(url, said).status_code == 302
    html = read(client, exception.get_absolute_url())
    assert (
        "The deadline was given as “2011-04-01 00:00 Pacific/Honolulu” in Pacific/Honolulu." in html
    )
    assert STANDING["granted"] in plain(html)


def test_words_that_name_a_milestone_are_told_without_a_zone(scene, sign_in, client):
    exception = scene.ask()
    said = {"deadline": "until GammaFreeze", "rationale": "A week."}
    url = f"/admin/governance/exceptionrequest/{exception.pk}/decide/grant/"
    assert sign_in(scene.thea).post(url, said).status_code == 302
    html = read(client, exception.get_absolute_url())
    assert "The deadline was given as “until GammaFreeze”.</p>" in html


def test_it_tells_what_it_is_for_and_on_which_conditions(scene, client):
    proposal = make_proposal(title="Volumes through the API", state="approved", url=FORGE)
    Review.objects.create(
        proposal=proposal, reviewer=scene.vera, verdict="approve", at=scene.now, comment="Sound."
    )
    exception = scene.ask(
        proposals=[proposal],
        risk_of_landing="Low.",
        risk_of_not_landing="Half a year.",
        testing="A week.",
    )
    scene.grant(exception, conditions=["nova-core review", "release note"])
    exception.conditions.first().confirm(by=scene.ondine, at=scene.now)
    html = read(client, exception.get_absolute_url())
    assert section(html, "request") == [
        (
            f"Volumes through the API approved, not merged Launchpad {proposal.key}"
            " Approve by Vera: Sound."
        ),
        "nova-core review confirmed by Ondine, Wed 30 March 2011 09:00 UTC",
        "release note not confirmed yet",
    ]
    assert f'href="{FORGE}" rel="nofollow noopener">' in html
    words = plain(html)
    for told in (
        "From FeatureFreeze of Cactus, asked by Jun.",
        "Risk of landing it Low.",
        "Risk of leaving it out Half a year.",
        "Testing done A week.",
    ):
        assert told in words


FORGE = "https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001"


@pytest.mark.parametrize(("named", "is_told"), [([], True), (["61001"], False)])
def test_only_what_is_for_a_whole_project_says_so(named, is_told, scene, client):
    proposals = [make_proposal(key=key, project=scene.nova) for key in named]
    exception = scene.ask(project=scene.nova, proposals=proposals)
    words = plain(read(client, exception.get_absolute_url()))
    assert ("Everything of Nova" in words) == is_told


@pytest.mark.parametrize("spelling", ["FFE-{}", "ffe-{}", "Ffe-{}", "FFE-0{}"])
def test_its_name_is_read_in_any_case(spelling, scene, client):
    exception = scene.ask()
    html = read(client, f"/exceptions/{spelling.format(exception.pk)}/")
    assert f"<h1>{exception}</h1>" in html


@pytest.mark.parametrize(
    "junk",
    [
        "FFE-",
        "FFE-0",
        "FFE-99999",
        "FFE-99999999999999999999",
        "FFE-" + "9" * 200,
        "FFE--1",
        "FFE-1.0",
        "FFE-1-1",
        "FFE-²",
        "FFE-\N{ARABIC-INDIC DIGIT ONE}",
        "FFE1",
        "1",
        "FFX-1",
        "new-1",
        "%00",
        "FFE-1%00",
        "<script>",
    ],
)
def test_what_is_no_name_of_an_exception_is_not_here(junk, scene, client):
    scene.ask()
    answer = client.get(f"/exceptions/{junk}/")
    assert answer.status_code == 404
    assert "<h1>There is nothing at this address</h1>" in answer.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_pages_are_only_read(method, scene, client):
    urls = ("/exceptions/", scene.ask().get_absolute_url())
    assert [getattr(client, method)(url).status_code for url in urls] == [405, 405]


# --- Cost -----------------------------------------------------------------------------------------

COSTS = {"/exceptions/": 4, "exception": 6, "/": 9}


@pytest.mark.parametrize("amount", [1, 3])
@pytest.mark.parametrize("page", COSTS)
def test_a_page_costs_the_same_for_one_row_and_three(
    page, amount, scene, shipped, client, django_assert_num_queries
):
    for _ in range(amount):
        proposals = [make_proposal(author=make_person()) for _ in range(amount)]
        for proposal in proposals:
            for _ in range(amount):
                Review.objects.create(
                    proposal=proposal, reviewer=make_person(), verdict="approve", at=scene.now
                )
        conditions = [f"review {number}" for number in range(amount)]
        asked = scene.ask(proposals=proposals, by=scene.ondine)
        exception = scene.grant(asked, expires=scene.gamma, conditions=conditions)
        for condition in exception.conditions.all()[:2]:
            condition.confirm(by=scene.ondine, at=scene.now)
        for _ in range(amount):
            scene.decide(exception, "refuse_extension")
        scene.ask()
    url = exception.get_absolute_url() if page == "exception" else page
    with django_assert_num_queries(COSTS[page]):
        read(client, url)
