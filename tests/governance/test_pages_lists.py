"""Lists: what an address asks for, in words; pages that never skip a row; the same few queries."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.models import Review
from tests.factories import make_member, make_milestone, make_person, make_proposal, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(client, url):
    answer = client.get(url)
    assert (url, answer.status_code) == (url, 200)
    return answer.content.decode()


def plain(html):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
    return re.sub(r" ([,.:])", r"\1", text)


def names(html):
    """What the rows are of, in their order."""
    return [plain(name) for name in re.findall(r'<a class="main"[^>]*>(.*?)</a>', html)]


def shown(html):
    sentence = re.search(r'<p class="shown">(.*?)</p>', html, re.DOTALL)[1]
    return plain(re.sub(r"<a .*?</a>", "", sentence))


def following(html):
    found = re.search(r'href="([^"]*)" rel="next"', html)
    return found and found[1].replace("&amp;", "&")


@pytest.fixture
def several(scene):
    """One of each kind that a filter tells apart, by the words of its title."""
    swift = make_proposal(project=scene.swift, release=scene.release, branch="~sol/swift/rings")
    elsewhere = make_release(slug="diablo", name="Diablo")
    freeze = make_milestone(release=elsewhere, blocks=["feature"])
    return {
        "waits": scene.ask(title="waits"),
        "stands": scene.grant(scene.ask(title="stands", proposals=[swift])),
        "ends": scene.grant(scene.ask(title="ends"), expires=scene.now + HOUR),
        "over": scene.grant(scene.ask(title="over"), at=scene.asked_at, expires=scene.now),
        "denied": scene.decide(scene.ask(title="denied", by=scene.ondine), "deny"),
        "whole": scene.ask(title="whole", proposals=[], project=scene.swift),
        "other": scene.ask(
            title="other", release=elsewhere, freeze=freeze, proposals=[make_proposal()]
        ),
    }


ASKED = {
    "": ("all exceptions", "other whole denied over ends stands waits"),
    "status=standing": ("exceptions that stand", "ends stands"),
    "status=expiring": ("exceptions that end within a day", "ends"),
    "status=expired": ("exceptions that expired", "over"),
    "status=requested": ("exceptions that wait for a decision", "other whole waits"),
    "status=denied": ("exceptions that were denied", "denied"),
    "status=landed": ("", ""),
    "project=swift": ("exceptions for Swift", "whole stands"),
    "release=diablo": ("exceptions of Diablo", "other"),
    "q=RINGS": ("", ""),
    "q=rings": ("exceptions with “rings”", "stands"),
    "q=OVE": ("exceptions with “OVE”", "over"),
    "status=requested&release=cactus&q=a": (
        "exceptions that wait for a decision of Cactus with “a”",
        "waits",
    ),
    "status=nonsense&release=%00&project=-1&by=x&q=%00": (
        "all exceptions",
        ASKED_ALL := "other whole denied over ends stands waits",
    ),
}


def test_an_address_shows_what_it_asks_for_and_says_so(several, client):
    for query, (words, titles) in ASKED.items():
        html = read(client, f"/exceptions/?{query}")
        found = [name.split(" ", 1)[1] for name in names(html)]
        assert (query, found) == (query, titles.split())
        if titles:
            assert shown(html) == f"Showing {words}"
        else:
            assert "No exception is like that." in html


def test_a_person_is_chosen_by_following_a_link(several, scene, client):
    html = read(client, f"/exceptions/?by={scene.ondine.pk}")
    assert [name.split(" ", 1)[1] for name in names(html)] == ["denied"]
    assert shown(html) == "Showing exceptions asked by Ondine"
    assert f'<input type="hidden" name="by" value="{scene.ondine.pk}">' in html


def test_each_word_of_the_sentence_can_be_taken_away(several, client):
    html = read(client, "/exceptions/?status=requested&release=cactus&q=a")
    without = re.findall(r'<a href="([^"]*)" aria-label="without', html)
    assert [one.replace("&amp;", "&") for one in without] == [
        "?release=cactus&q=a",
        "?status=requested&q=a",
        "?status=requested&release=cactus",
    ]


def pages_of(client, url):
    """The rows of each page, following the link to the next."""
    found, path = [], url.partition("?")[0]
    while url:
        html = read(client, url)
        found.append(names(html))
        url = following(html)
        url = url and path + url
    return found


def test_those_that_stand_come_by_the_time_left_and_each_once(scene, client):
    # Two end together, so that the key decides between them across the pages' border.
    ends = [scene.until + number // 2 * HOUR for number in range(60)]
    made = [
        scene.grant(scene.ask(title=f"n{number}"), expires=at) for number, at in enumerate(ends)
    ]
    first, second = pages_of(client, "/exceptions/?status=standing&release=cactus")
    assert (len(first), len(second)) == (50, 10)
    assert first + second == [str(exception) for exception in made]


def test_decisions_come_newest_first_each_once_with_their_filters(scene, client):
    for number in range(30):
        scene.decide(scene.ask(title=f"n{number}"), "deny", rationale=f"Reason {number}.")
    first, second = pages_of(client, "/decisions/?release=cactus")
    assert (len(first), len(second)) == (50, 10)
    html = read(client, f"/decisions/?verb=deny&by={scene.thea.pk}&q=Reason+7.")
    assert shown(html) == "Showing decisions “denied” by Thea with “Reason 7.”"
    assert [name.split()[1] for name in names(html)] == ["n7"]


def test_people_come_by_name_and_each_once(scene, client):
    # Namesakes on both sides of the pages' border, so that the key decides between them.
    made = [make_person(name=f"N{number // 3:02}") for number in reversed(range(60))]
    everybody = sorted([*made, scene.thea, scene.vera, scene.ondine, scene.jun], key=by_name)
    first, second = pages_of(client, "/people/")
    assert (len(first), len(second)) == (50, 14)
    assert first + second == [person.name for person in everybody]
    (address,) = re.findall(r'href="(\?after=\d+)" rel="next"', read(client, "/people/"))
    assert address == f"?after={everybody[49].pk}"
    for junk in ("x", "999999", "1_1", "%00"):
        assert names(read(client, f"/people/?after={junk}")) == first


def by_name(person):
    return person.name, person.pk


JUNK = ["x", "_1", "2011-03-30_1", "9999999999999999999_1", "\0_1", "1_"]
JUNK += ["0001-01-01T00:00:00%2B14:00_1", "9999-12-31T23:59:59-14:00_1"]  # beyond the calendar


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("page", ["/decisions/?before=", "/exceptions/?status=standing&after="])
def test_junk_for_a_page_shows_the_first_one(page, junk, scene, client):
    exception = scene.grant()
    assert str(exception) in names(read(client, page + junk.replace("\0", "%00")))


def test_an_empty_list_says_what_would_fill_it(client):
    for url, words in {
        "/decisions/": "No decision was made yet",
        "/proposals/": "No merge proposal is known yet",
        "/decisions/?q=x": "No decision is like that.",
        "/proposals/?q=x": "No merge proposal is like that.",
        "/people/?q=x": "Nobody is like that",
    }.items():
        assert words in plain(read(client, url))


def test_proposals_are_found_by_state_kind_project_branch_and_address(scene, client):
    rings = make_proposal(title="rings", project=scene.swift, branch="~sol/swift/ring-tool")
    draft = make_proposal(title="draft", state="draft", change_kind="docs", release=scene.release)
    make_proposal(title="elsewhere", release=make_release())
    scene.ask(proposals=[rings])
    everything = ["elsewhere", "draft", "rings"]
    for query, found in {
        "": everything,
        "status=in-review": ["elsewhere", "rings"],
        "status=draft": ["draft"],
        "kind=docs": ["draft"],
        "release=cactus": ["draft", "rings"],
        "release=cactus&status=draft": ["draft"],
        "release=cactus&q=ring-tool": ["rings"],
        f"release=cactus&before={draft.pk}": ["rings"],
        "project=swift": ["rings"],
        "q=ring-tool": ["rings"],
        f"q={rings.url}": ["rings"],
        f"q={draft.key}": ["draft"],
        "status=%00": everything,
    }.items():
        html = read(client, f"/proposals/?{query.replace('+', '%2B')}")
        assert (query, names(html)) == (query, found)


SPOKEN = [
    "77",
    "#77",
    "nova#77",
    "Nova#77",
    "openstack/nova#77",
    "proposal:github:openstack/nova#77",
]


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_proposal_and_its_exception_are_found_by_what_people_say_of_its_number(
    spoken, scene, client
):
    proposal = make_proposal(title="api", forge="github", key="openstack/nova#77")
    other = make_proposal(title="other", forge="github", key="openstack/swift#78")
    exception, _ = scene.ask(proposals=[proposal]), scene.ask(proposals=[other])
    assert names(read(client, f"/proposals/?q={quote(spoken)}")) == ["api"]
    assert names(read(client, f"/exceptions/?q={quote(spoken)}")) == [str(exception)]


def test_who_has_a_role_in_another_project_is_not_found_as_having_it_in_this_one(scene, client):
    leads = "/people/?role=project-lead&project="
    scene.vera.memberships.create(role="contributor", project=scene.swift)
    assert names(read(client, f"{leads}nova")) == ["Vera"]
    assert "Nobody is like that" in plain(read(client, f"{leads}swift"))


def test_a_proposal_has_one_address_and_others_lead_there(client):
    make_proposal(forge="gerrit", key="1")
    proposal = make_proposal(key="54464")
    for name in ("54464", str(proposal.pk), "launchpad:54464"):
        answer = client.get(f"/proposals/{name}/", follow=True)
        assert answer.request["PATH_INFO"] == "/proposals/launchpad:54464/"
    assert client.get("/proposals/54464/").status_code == 302


def test_a_number_that_is_a_key_on_two_forges_is_read_as_ours(client):
    first, second = make_proposal(forge="gerrit", key="77"), make_proposal(key="77")
    assert client.get("/proposals/77/").status_code == 404
    assert client.get(f"/proposals/{second.pk}/").url == second.get_absolute_url()
    assert first.get_absolute_url() == "/proposals/gerrit:77/"


@pytest.mark.parametrize(
    "key", ["openstack/nova#12", "group/sub/project!7", "review.opendev.org/803322", "a b?c%d&é"]
)
def test_any_key_of_any_forge_makes_an_address_that_is_read_back(key, client):
    proposal = make_proposal(forge="github", key=key, title="<b>It</b>")
    html = read(client, proposal.get_absolute_url())
    assert "<h1>&lt;b&gt;It&lt;/b&gt;</h1>" in html


@pytest.mark.parametrize(
    "name", ["0", "9" * 30, "launchpad:", ":", "x" * 3000, "%00", "a:%00", "²"]
)
def test_what_is_no_proposal_is_not_here(name, client):
    make_proposal()
    assert client.get(f"/proposals/{name}/").status_code == 404


def test_a_proposal_says_first_whether_it_may_land(scene, shipped, client):
    exception = scene.grant()
    proposal = exception.proposals.get()
    html = read(client, proposal.get_absolute_url())
    assert plain(re.search(r'<p class="verdict">(.*?)</p>', html, re.DOTALL)[1]).startswith(
        f"May land. {exception.reference} stands until Fri 1 April 00:00 Honolulu"
    )
    assert f"<title>{proposal}: may land — Thaw</title>" in html


def test_a_state_that_nobody_has_told_is_said_once_to_be_unknown(scene, shipped, client):
    proposal = make_proposal(author=scene.jun, release=scene.release, branch="~jun/nova/console")
    exception = scene.ask(proposals=[proposal])
    pages = [one.get_absolute_url() for one in (exception, scene.jun, scene.release)]
    for url in ("/proposals/", "/search/?q=console&what=proposals", *pages):
        told = plain(read(client, url).partition("<main")[2]).lower()
        assert (url, told.count("not known yet")) == (url, 1)
    told = plain(read(client, proposal.get_absolute_url()))
    assert "State not known yet: no forge was asked Counts as" in told
    assert "in review" not in told.lower()


def test_a_proposal_without_a_title_is_named_once(scene, client):
    proposal = make_proposal(key="61002", release=scene.release)
    exception = scene.ask(proposals=[proposal])
    for url in ("/proposals/", exception.get_absolute_url(), scene.release.get_absolute_url()):
        html = read(client, url)
        assert (url, plain(html).count("Launchpad 61002")) == (url, 1)
        assert f'href="{proposal.url}"' in html


def test_a_proposal_names_the_conditions_that_are_not_confirmed_where_they_can_be(
    scene, shipped, client
):
    exception = scene.grant(conditions=["a review", "a release note", "docs"])
    exception.conditions.first().confirm(by=scene.ondine, at=scene.now)
    html = read(client, exception.proposals.get().get_absolute_url())
    told = re.search(r'<p class="unmet">(.*?)</p>', html, re.DOTALL)[1]
    assert plain(told) == "Not confirmed yet: a release note, docs"
    own = read(client, exception.get_absolute_url())
    for url in re.findall(r'href="([^"]*)"', told):
        path, _, anchor = url.partition("#")
        assert (path, own.count(f'id="{anchor}"')) == (exception.get_absolute_url(), 1)


def test_no_condition_is_named_where_none_is_open(scene, shipped, client):
    denied = scene.decide(scene.ask(), "deny")
    for exception in (scene.grant(), denied):
        html = read(client, exception.proposals.get().get_absolute_url())
        assert "Not confirmed yet" not in html


def test_a_person_is_told_by_what_they_did_and_no_mail_address_is_shown(scene, client):
    scene.ondine.handles.create(kind="email", value="ondine@example.org")
    scene.ondine.handles.create(kind="irc", value="ondine_")
    asked = scene.ask(by=scene.ondine)
    scene.decide(asked, "deny")
    for url in (scene.ondine.get_absolute_url(), "/people/"):
        html = read(client, url)
        assert "ondine_" in html
        assert "example.org" not in html
    assert str(asked) in plain(read(client, scene.ondine.get_absolute_url()))
    assert f"{asked} denied" in plain(read(client, scene.thea.get_absolute_url()))


def test_nobody_is_found_by_their_mail_address(scene, client):
    """Else anybody could try out whose it is."""
    scene.ondine.handles.create(kind="email", value="ondine@example.org")
    scene.ondine.handles.create(kind="irc", value="ondine_")
    exception = scene.decide(scene.ask(by=scene.ondine), "deny", by=scene.thea)
    ways = ("/people/?q=", "/search/?q=", "/search/?q=from:", "/api/v1/people/?handle=")
    for way in ways:
        assert "Ondine" in read(client, f"{way}ONDINE_"), way
        assert "Ondine" not in read(client, f"{way}ondine@example.org").replace(
            "ondine@example.org", ""
        ), way
    assert exception.requester == scene.ondine


@pytest.mark.parametrize("number", ["0", "99999", "9" * 30])
def test_nobody_is_not_here(number, client):
    assert client.get(f"/people/{number}/").status_code == 404


COSTS = {
    "/decisions/": 2,
    "/people/": 5,
    "/proposals/": 4,
    "person": 6,
    "proposal": 8,
    "/releases/cactus/": 10,
}


@pytest.mark.parametrize("amount", [1, 3])
def test_a_page_costs_the_same_for_one_row_and_three(amount, scene, shipped, client):
    somebody = make_member("reviewer")
    for number in range(amount):
        proposal = make_proposal(author=somebody, project=scene.nova, release=scene.release)
        scene.grant(scene.ask(proposals=[proposal], by=somebody), expires=scene.gamma)
        reviewer = make_person()
        for one in (proposal, make_proposal(author=make_person())):
            Review.objects.create(proposal=one, reviewer=reviewer, verdict="approve", at=scene.now)
        make_member("contributor", scene.swift).handles.create(kind="irc", value=f"n{number}")
        scene.gamma.move(
            to=scene.gamma.at + (number + 1) * DAY, by=scene.thea, at=scene.now, why="Later."
        )
    url = {"person": somebody.get_absolute_url(), "proposal": proposal.get_absolute_url()}

    def queries_of(page):
        with CaptureQueriesContext(connection) as queries:
            read(client, url.get(page, page))
        return len(queries)

    assert {page: queries_of(page) for page in COSTS} == COSTS


@pytest.mark.django_db
@pytest.mark.parametrize("listed", ["exceptions", "decisions"])
def test_a_list_leads_to_its_feed_and_its_table(listed, client):
    html = client.get(f"/{listed}/").content.decode()
    for address in (f"/{listed}/feed.atom", f"/{listed}/export.csv"):
        assert f'href="{address}"' in html
        assert client.get(address).status_code == 200
