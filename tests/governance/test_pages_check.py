"""`/check/`: may it land, who said so and until when; or why not, and what to do about it."""

import re

import pytest

from releases.models import ChangeKind
from tests.factories import make_proposal

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("that_morning", "shipped"),
]

URL = "https://code.launchpad.net/~jun/nova/vnc_console/+merge/54805"


def plain(html):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
    return re.sub(r" ([,.:;)])", r"\1", text).replace("( ", "(")


def check(client, words, **headers):
    answer = client.get("/check/", {"q": words}, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def told(html):
    """The verdict, and the ways on."""
    verdict = re.search(r'<p class="verdict">(.*?)</p>', html, re.DOTALL)
    ways = re.search(r'<ul class="ways">(.*?)</ul>', html, re.DOTALL)
    found = re.findall(r"<li>(.*?)</li>", ways[1], re.DOTALL) if ways else []
    return plain(verdict[1]), [plain(way) for way in found]


@pytest.fixture
def console(scene):
    return make_proposal(
        project=scene.nova,
        release=scene.release,
        key="54805",
        url=URL,
        branch="~jun/nova/vnc_console",
        title="A console",
    )


def test_what_is_not_confirmed_yet_leads_to_where_it_is(scene, console, client):
    exception = scene.grant(scene.ask(proposals=[console]), conditions=["release note"])
    own = exception.get_absolute_url()
    link = f'<a href="{own}#conditions">One condition is not confirmed yet</a>.'
    assert link in check(client, URL)
    assert '<h3 id="conditions">' in client.get(own).content.decode()


@pytest.mark.parametrize(
    "words", [URL, "54805", "~jun/nova/vnc_console", "vnc_console", "vnc-console", " VNC-console "]
)
def test_what_stands_is_told_with_its_end_in_its_zone_who_granted_it_and_where(
    words, scene, console, client
):
    exception = scene.ask(proposals=[console])
    scene.grant(exception, source_url="/meetings/m/#l-196")
    html = check(client, words)
    assert told(html) == (
        (
            f"May land. {exception.reference} stands until Fri 1 April 00:00 Honolulu (Fri 1 April"
            " 2011 10:00 UTC), 2 d 1 h left; granted by Thea in this line,"
            " Wed 30 March 2011 09:00 UTC."
        ),
        [],
    )
    assert '<a href="/meetings/m/#l-196" rel="nofollow noopener">in this line</a>' in html
    assert f"<title>May land: {words.strip()} — Thaw</title>" in html


WAIT = "Wait for the release after this one: Cactus ships Thu 14 April 2011 00:00 UTC"
MEND = "If it mends a bug, ask a release manager to count it as a bug fix: those may still land"
MANAGER = "a release manager"
AGAIN = "If something has changed since, ask again"
WAYS = {
    "nothing": ["Ask for an exception", MEND, WAIT],
    "withdraw": ["Ask for an exception", MEND, WAIT],
    "undecided": [f"Wait for {MANAGER} to decide on FFE", WAIT],
    "deny": ["Read why in FFE", AGAIN, WAIT],
    "defer": ["Read why in FFE", WAIT],
    "land": ["Ask for an exception", WAIT],
    "expired": [f"Ask {MANAGER} to extend FFE", WAIT],
}


@pytest.mark.parametrize("case", WAYS)
def test_what_may_not_land_is_told_with_what_to_do(case, scene, console, client):
    if case != "nothing":
        exception = scene.ask(proposals=[console])
        if case == "expired":
            scene.grant(exception, at=scene.asked_at, expires=scene.now)
        elif case == "land":
            scene.decide(scene.grant(exception), case)
        elif case != "undecided":
            scene.decide(exception, case)
    verdict, ways = told(check(client, "vnc_console"))
    assert verdict.startswith("May not land. ")
    assert [re.sub(r"FFE-\d+", "FFE", way) for way in ways] == WAYS[case]


def test_asking_starts_from_the_proposals_own_address(console, client):
    quoted = "https%3A%2F%2Fcode.launchpad.net%2F~jun%2Fnova%2Fvnc_console%2F%2Bmerge%2F54805"
    assert f'href="/exceptions/new/?proposal={quoted}"' in check(client, "54805")


def test_a_bug_fix_is_not_blocked_and_says_so(console, scene, client):
    console.reclassify(to=ChangeKind.BUGFIX, by=scene.thea, at=scene.asked_at, why="It is one.")
    assert told(check(client, "54805")) == (
        "May land. FeatureFreeze does not block this kind of change (bug fix).",
        [],
    )


def test_what_nobody_knows_is_said_and_an_address_can_be_entered(client):
    verdict, ways = told(html := check(client, "nothing"))
    assert verdict == (
        "Not known here. Nothing here is known as “nothing”. FeatureFreeze of Cactus has held since"
        " Thu 24 March 2011 10:00 UTC: what is not known here may not land."
    )
    assert ways == ["Ask for an exception, with its address"]
    assert 'href="/exceptions/new/"' in html
    assert "Paste the address of a merge proposal, its number" in html
    verdict, ways = told(check(client, "https://github.com/termie/nova/pull/1"))
    assert verdict.startswith("Not known here. Nothing here is known as")
    assert "FeatureFreeze of Cactus has held since" in verdict
    assert ways == ["Enter it by asking for an exception"]


@pytest.mark.parametrize("decided", ["granted", "denied", "nothing"])
def test_of_several_of_a_name_the_page_says_which_one_it_is_about(decided, scene, console, client):
    make_proposal(branch="~sol/nova/vnc_console", release=scene.release)
    newest = make_proposal(branch="~sol/nova/vnc_console", release=scene.release)
    if decided != "nothing":
        exception = scene.ask(proposals=[newest])
        scene.grant(exception) if decided == "granted" else scene.decide(exception, "deny")
    which = (
        f"This is about {newest.url}; “vnc_console” also names 2 others. Ask for one of them by its"
        " address."
    )
    assert which in told(check(client, "vnc_console"))[0]
    assert "This is about" not in check(client, newest.url)


def test_two_branches_of_that_name_are_not_confused_by_a_near_spelling(console, client):
    make_proposal(branch="~sol/nova/VNC_console", key="54806")
    make_proposal(branch="~sol/nova/vnc-console", key="54807")
    assert told(check(client, "Vnc-Console"))[0].startswith("Not known here.")


@pytest.mark.parametrize("words", ["\0", "\N{RIGHT-TO-LEFT OVERRIDE}x", "<script>", "x" * 3000])
def test_junk_is_answered_and_never_breaks_the_page(words, client):
    html = check(client, words)
    assert "<script>\n" not in html
    assert '<p class="verdict"><strong>Not known here.</strong>' in html


def test_while_one_types_only_the_answer_is_sent(console, client):
    part = check(client, "54805", HTTP_HX_REQUEST="true")
    assert "<html" not in part
    assert told(part)[0].startswith("May not land.")
    assert "HX-Request" in client.get("/check/?q=54805").headers["Vary"]


def test_an_empty_question_is_a_field_and_no_answer(client):
    html = client.get("/check/").content.decode()
    assert 'name="q"' in html
    assert "verdict" not in html.split("<main")[1]


@pytest.mark.parametrize("amount", [1, 5])
def test_an_answer_costs_the_same_however_many_exceptions_there_were(
    amount, scene, console, client, django_assert_num_queries
):
    for _ in range(amount):
        scene.decide(scene.ask(proposals=[console]), "withdraw")
    with django_assert_num_queries(4):
        check(client, "54805")
