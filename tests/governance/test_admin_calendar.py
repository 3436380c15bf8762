"""Moving a milestone and reclassifying a proposal in the admin: each asks why and records it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from governance.models import ExceptionRequest
from releases.models import MergeProposal, Milestone, MilestoneMove, Reclassification
from tests.factories import make_milestone, make_proposal, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

LATER = {"moved_to": "2011-04-07 00:00", "why": "More bugs than days."}


@pytest.fixture
def manager(scene, sign_in):
    return sign_in(scene.thea)


def move_url(milestone):
    return reverse("admin:milestone_move", args=[milestone.pk])


def reclassify_url(proposal):
    return reverse("admin:proposal_reclassify", args=[proposal.pk])


def errors(answer):
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def told(answer):
    return [str(message) for message in answer.context["messages"]]


# --- Moving a milestone ---------------------------------------------------------------------------


def test_the_page_of_a_milestone_leads_to_its_move(scene, manager):
    page = reverse("admin:releases_milestone_change", args=[scene.gamma.pk])
    html = manager.get(page).content.decode()
    assert f'<a href="{move_url(scene.gamma)}">Move it</a>' in html


def test_the_form_begins_with_where_it_is_on_the_releases_clocks(scene, manager):
    html = manager.get(move_url(scene.gamma)).content.decode()
    assert 'value="2011-04-05 00:00 Pacific/Honolulu"' in html
    assert "Tue 5 April 2011 10:00 UTC" in html


def test_it_lists_the_exceptions_that_move_with_it_and_no_others(scene, manager):
    bound = scene.grant(scene.ask(title="Bound"), expires=scene.gamma)
    scene.grant(scene.ask(title="Not bound"))
    html = manager.get(move_url(scene.gamma)).content.decode()
    listed = html[html.index("moves with it") : html.index('<form method="post">')]
    assert re.findall(r"<li>(.*?)</li>", listed) == [f"{bound}: granted"]


def test_what_no_longer_stands_is_not_listed_as_moving(scene, manager):
    landed = scene.grant(scene.ask(title="Landed"), expires=scene.gamma)
    scene.decide(landed, "land")
    html = manager.get(move_url(scene.gamma)).content.decode()
    listed = html[html.index("moves with it") : html.index('<form method="post">')]
    assert re.findall(r"<li>(.*?)</li>", listed) == ["none"]


def test_a_move_is_recorded_with_who_why_and_where_and_deadlines_follow(scene, manager):
    bound = scene.grant(expires=scene.gamma)
    source = "https://example.org/log"
    answer = manager.post(move_url(scene.gamma), LATER | {"source_url": source}, follow=True)
    page = reverse("admin:releases_milestone_change", args=[scene.gamma.pk])
    assert answer.redirect_chain == [(page, 302)]
    assert told(answer) == ["Recorded. GammaFreeze: 2011-04-05 10:00 → 2011-04-07 10:00."]
    move = MilestoneMove.objects.get()
    assert (move.from_at, move.to_at) == (utc(2011, 4, 5, 10), utc(2011, 4, 7, 10))
    assert (move.by, move.at, move.why, move.source_url) == (
        scene.thea,
        scene.now,
        "More bugs than days.",
        source,
    )
    exception = ExceptionRequest.objects.get(pk=bound.pk)
    assert exception.until.instant == utc(2011, 4, 7, 10)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (
            {"moved_to": "2011-04-05 00:00"},
            {"moved_to": ["GammaFreeze is already at 2011-04-05 10:00 UTC."]},
        ),
        ({"why": ""}, {"why": ["This field is required."]}),
        ({"why": " \r\n "}, {"why": ["This field is required."]}),
        ({"moved_to": ""}, {"moved_to": ["This field is required."]}),
        (
            {"moved_to": "soon"},
            {"moved_to": ["These words name no time by which something is due."]},
        ),
        (
            {"moved_to": "until RC1"},
            {"moved_to": ["It would not move with RC1 later: give the date."]},
        ),
        (
            {"moved_to": "2012-03-11 02:30 America/New_York"},
            {
                "moved_to": [
                    (
                        "There is no 02:30 on 11 March 2012 in America/New_York: the clocks are put"
                        " forward. Did you mean 01:30 or 03:30? It could be 06:29 to 07:30 UTC"
                        " (11 March 2012)."
                    )
                ]
            },
        ),
        (
            {"moved_to": "2011-11-06 01:30 America/New_York"},
            {
                "moved_to": [
                    (
                        "01:30 on 6 November 2011 comes twice in America/New_York: the clocks are"
                        " put back. Give it in UTC: 05:30 or 06:30. It could be 05:29 to 06:30 UTC"
                        " (6 November 2011)."
                    )
                ]
            },
        ),
        ({"source_url": "javascript:alert(1)"}, {"source_url": ["Enter a valid URL."]}),
    ],
    ids=[
        "no change",
        "no reason",
        "blanks for a reason",
        "no time",
        "no date",
        "another milestone",
        "gap",
        "fold",
        "script for a source",
    ],
)
def test_a_move_that_cannot_be_is_refused_on_the_form(said, refused, scene, manager):
    make_milestone(release=scene.release, slug="rc1", name="RC1", at=utc(2011, 4, 9))
    assert errors(manager.post(move_url(scene.gamma), LATER | said)) == refused
    assert list(MilestoneMove.objects.all()) == []
    assert Milestone.objects.get(pk=scene.gamma.pk).at == utc(2011, 4, 5, 10)


@pytest.mark.parametrize("to", ["9999-12-31 23:59", "0001-01-01 00:00 Asia/Seoul"])
def test_a_move_beyond_the_calendar_is_refused(to, scene, manager):
    answer = manager.post(move_url(scene.gamma), LATER | {"moved_to": to})
    assert list(errors(answer)) == ["moved_to"]


def test_where_it_moves_to_is_said_in_words_as_a_deadline_is(scene, manager):
    answer = manager.post(move_url(scene.gamma), LATER | {"moved_to": "EOD Friday"}, follow=True)
    assert told(answer) == ["Recorded. GammaFreeze: 2011-04-05 10:00 → 2011-04-02 10:00."]
    html = manager.get(move_url(scene.gamma)).content.decode()
    assert 'hx-get="/deadline/?release=cactus"' in html
    reading = manager.get("/deadline/?release=cactus&moved_to=EOD+Friday")
    assert re.search(r"To <time[^>]*>Sat 2 April 2011 10:00 UTC", reading.content.decode())


@pytest.mark.parametrize(
    ("words", "meant", "instant"),
    [
        ("EOD Friday PST", "2011-04-02T08:00:00Z", utc(2011, 4, 2, 8)),
        ("2011-03-28 10:00 UTC", "2011-03-28T10:00:00Z", utc(2011, 3, 28, 10)),
    ],
)
def test_words_that_are_doubtful_or_past_move_it_once_they_are_confirmed(
    words, meant, instant, scene, manager
):
    said = LATER | {"moved_to": words}
    (refusal,) = errors(manager.post(move_url(scene.gamma), said))["moved_to"]
    assert refusal.endswith("If it is meant as read, confirm it below.")
    assert not MilestoneMove.objects.exists()
    manager.post(move_url(scene.gamma), said | {"moved_to_confirmed": meant})
    assert MilestoneMove.objects.get().to_at == instant


# --- Reclassifying a proposal ---------------------------------------------------------------------


def test_a_proposal_is_reclassified_with_who_why_and_where(scene, manager):
    proposal = make_proposal(title="Volumes", change_kind="feature")
    page = reverse("admin:releases_mergeproposal_change", args=[proposal.pk])
    assert (
        f'<a href="{reclassify_url(proposal)}">Reclassify it</a>'
        in manager.get(page).content.decode()
    )
    said = {"to": "bugfix", "why": "It mends detaching.", "source_url": "https://example.org/1"}
    answer = manager.post(reclassify_url(proposal), said, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert told(answer) == ["Recorded. Volumes: feature → bug fix."]
    change = Reclassification.objects.get()
    assert (change.from_kind, change.to_kind, change.by, change.at) == (
        "feature",
        "bugfix",
        scene.thea,
        scene.now,
    )
    assert (change.why, change.source_url) == ("It mends detaching.", "https://example.org/1")
    assert MergeProposal.objects.get().change_kind == "bugfix"


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"to": "feature"}, {"to": ["It counts as “feature” already."]}),
        ({"why": " "}, {"why": ["This field is required."]}),
        (
            {"to": "whim"},
            {"to": ["Select a valid choice. whim is not one of the available choices."]},
        ),
        ({"source_url": "javascript:alert(1)"}, {"source_url": ["Enter a valid URL."]}),
    ],
    ids=["no change", "no reason", "no kind", "script for a source"],
)
def test_a_reclassification_that_cannot_be_is_refused_on_the_form(said, refused, scene, manager):
    proposal = make_proposal(change_kind="feature")
    posted = {"to": "bugfix", "why": "It mends detaching."} | said
    assert errors(manager.post(reclassify_url(proposal), posted)) == refused
    assert list(Reclassification.objects.all()) == []
    assert MergeProposal.objects.get().change_kind == "feature"


# --- Who may, and what no form edits --------------------------------------------------------------


def test_a_login_without_a_person_records_nothing(scene, sign_in):
    proposal = make_proposal(change_kind="feature")
    client = sign_in(is_superuser=True)
    for url, said in (
        (move_url(scene.gamma), LATER),
        (reclassify_url(proposal), {"to": "bugfix", "why": "Because."}),
    ):
        answer = client.post(url, said)
        (refusal,) = told(answer)
        assert answer.status_code == 200
        assert refusal.endswith("recorded with one: choose it on a person's page under People.")
    assert (MilestoneMove.objects.count(), Reclassification.objects.count()) == (0, 0)


def test_who_may_not_change_them_does_not_move_or_reclassify_them(scene, sign_in):
    proposal = make_proposal(change_kind="feature")
    urls = [move_url(scene.gamma), reclassify_url(proposal)]
    viewer = sign_in(scene.jun, rights=["view_milestone", "view_mergeproposal"])
    assert [viewer.post(url, LATER).status_code for url in urls] == [403, 403]
    assert [Client().post(url).headers["Location"] for url in urls] == [
        f"/admin/login/?next={url}" for url in urls
    ]
    assert (MilestoneMove.objects.count(), Reclassification.objects.count()) == (0, 0)


def test_a_posted_kind_of_change_or_instant_is_not_read(scene, manager):
    proposal = make_proposal(change_kind="feature")
    manager.post(
        reverse("admin:releases_mergeproposal_change", args=[proposal.pk]),
        {
            "forge": proposal.forge,
            "key": proposal.key,
            "url": proposal.url,
            "title": "Renamed",
            "state": "open",
            "change_kind": "docs",
            "reviews-TOTAL_FORMS": 0,
            "reviews-INITIAL_FORMS": 0,
            "reclassifications-TOTAL_FORMS": 0,
            "reclassifications-INITIAL_FORMS": 0,
        },
    )
    manager.post(
        reverse("admin:releases_milestone_change", args=[scene.gamma.pk]),
        {
            "name": "Renamed",
            "slug": scene.gamma.slug,
            "kind": "hard-freeze",
            "project": "",
            "at": "2031-01-01 00:00",
            "at_0": "2031-01-01",
            "at_1": "00:00",
            "moves-TOTAL_FORMS": 0,
            "moves-INITIAL_FORMS": 0,
        },
    )
    assert list(MergeProposal.objects.values_list("title", "change_kind")) == [
        ("Renamed", "feature")
    ]
    gamma = Milestone.objects.get(pk=scene.gamma.pk)
    assert (gamma.name, gamma.at) == ("Renamed", utc(2011, 4, 5, 10))


def test_the_way_to_a_move_and_to_a_reclassification_leads_back(scene, manager):
    proposal = make_proposal(title="Volumes")
    for url, record, many in (
        (move_url(scene.gamma), scene.gamma, "milestone"),
        (reclassify_url(proposal), proposal, "mergeproposal"),
    ):
        html = manager.get(url).content.decode()
        way = html[html.index('class="breadcrumbs"') :].partition("</div>")[0]
        own = reverse(f"admin:releases_{many}_change", args=[record.pk])
        listed = reverse(f"admin:releases_{many}_changelist")
        assert re.findall(r'href="(.*?)"', way) == [reverse("admin:index"), listed, own]


def test_what_need_not_be_said_is_told_from_what_must(scene, manager):
    doubtful = {"moved_to": "Friday 1 April at midnight", "why": "More bugs than days."}
    html = manager.post(move_url(scene.gamma), doubtful).content.decode()
    assert re.findall(r"<label for=(.*?)</label>", html) == [
        '"id_moved_to" class="required">New date and time:',
        '"id_moved_to_confirmed">It is meant as Saturday 2 April 2011 10:00 UTC:',
        '"id_why" class="required">Why:',
        '"id_source_url">Where it was said (if any):',
    ]
