"""The release manager's list: how each exception stands, and the questions asked of it."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from governance.models import Decision, ExceptionRequest
from releases.models import Milestone
from tests.factories import make_milestone, make_project, make_proposal, make_release, utc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

LIST = "/admin/governance/exceptionrequest/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def manager(scene, sign_in):
    return sign_in(scene.thea)


def listed(client, **asked):
    """The references on the list, in its order."""
    answer = client.get(f"{LIST}?{urlencode(asked)}")
    assert answer.status_code == 200
    return [exception.reference for exception in answer.context["cl"].result_list]


def cells(client):
    """The list's rows, each as the words of its columns; the checkbox is none."""
    html = client.get(LIST).content.decode()
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [
        [
            re.sub(r"<[^>]+>", "", cell)
            for cell in re.findall(r'<t[dh] class="field-.*?</t[dh]>', row, re.DOTALL)
        ]
        for row in rows
    ]


def one_of_each_status(scene):
    """Exceptions by the words that the list has for their status."""
    lapsed = scene.grant(at=scene.asked_at + HOUR, expires=scene.now - HOUR)
    expired = scene.grant(at=scene.asked_at + HOUR, expires=scene.now - HOUR)
    expired.expire(at=scene.now)
    made = {
        "undecided": scene.ask(),
        "granted": scene.grant(),
        "lapsed": lapsed,
        "expired": expired,
        "denied": scene.decide(scene.ask(), "deny"),
        "deferred": scene.decide(scene.ask(), "defer"),
        "withdrawn": scene.decide(scene.ask(), "withdraw"),
        "revoked": scene.decide(scene.grant(), "revoke"),
        "landed": scene.decide(scene.grant(), "land"),
        "reverted": scene.decide(scene.decide(scene.grant(), "land"), "revert"),
    }
    return {word: exception.reference for word, exception in made.items()}


# --- Who sees it ----------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("release manager", 200),
        ("project lead", 200),
        ("person without a role", 200),
        ("staff without a person", 200),
        ("staff without a right to see it", 403),
        ("person who is not staff", 302),
        ("anonymous", 302),
    ],
)
def test_the_list_is_shown_to_staff_with_the_right_to_see_it(who, status, scene, sign_in):
    scene.jun.memberships.all().delete()
    clients = {
        "release manager": lambda: sign_in(scene.thea),
        "project lead": lambda: sign_in(scene.vera),
        "person without a role": lambda: sign_in(scene.jun),
        "staff without a person": sign_in,
        "staff without a right to see it": lambda: sign_in(scene.thea, rights=[]),
        "person who is not staff": lambda: sign_in(scene.thea, is_staff=False),
        "anonymous": Client,
    }
    assert clients[who]().get(LIST).status_code == status


@pytest.mark.once
def test_no_page_of_it_makes_a_browser_ask_for_an_icon_that_is_not_there(manager):
    """Where a page names no icon, a browser asks for /favicon.ico and complains of a 404."""
    icon = re.search(r'<link rel="icon"[^>]*href="([^"]+)"', manager.get(LIST).content.decode())
    assert manager.get(icon[1] if icon else "/favicon.ico").status_code != 404


# --- Columns --------------------------------------------------------------------------------------


@pytest.mark.once
def test_the_columns_say_how_it_stands_until_when_and_how_long_that_is(scene, manager):
    standing = scene.grant(scene.ask(title="Volumes"), expires=scene.now + 2 * DAY + HOUR)
    bound = scene.grant(scene.ask(title="Console"), expires=scene.gamma)
    undecided = scene.ask(title="Quotas", by=scene.ondine)
    assert cells(manager) == [
        [undecided.reference, "Quotas", "undecided", "-", "-", "Ondine", "Cactus"],
        [
            bound.reference,
            "Console",
            "granted",
            "2011-04-05 10:00 UTC, with GammaFreeze",
            "in 6 days",
            "Jun",
            "Cactus",
        ],
        [
            standing.reference,
            "Volumes",
            "granted",
            "2011-04-01 10:00 UTC",
            "in 2 days",
            "Jun",
            "Cactus",
        ],
    ]


@pytest.mark.once
def test_what_is_past_its_deadline_reads_as_expired_before_any_worker_has_run(scene, manager):
    scene.grant(at=scene.asked_at + HOUR, expires=scene.now)
    ((_, _, status, until, left, *_),) = cells(manager)
    assert (status, until, left) == ("expired", "2011-03-30 09:00 UTC", "-")
    assert ExceptionRequest.objects.get().status == "granted"


@pytest.mark.once
def test_the_time_left_ends_at_the_very_instant(scene, manager, time_machine):
    scene.grant(expires=scene.until)
    seen = []
    for away in (DAY, HOUR, timedelta(minutes=1), timedelta(seconds=1), timedelta(0)):
        time_machine.move_to(scene.until - away, tick=False)
        ((_, _, status, _, left, *_),) = cells(manager)
        seen.append((status, left))
    assert seen == [
        ("granted", "in 1 day"),
        ("granted", "in 1 hour"),
        ("granted", "in 1 minute"),
        ("granted", "now"),
        ("expired", "-"),
    ]


@pytest.mark.once
def test_each_status_is_told_in_a_word(scene, manager):
    made = one_of_each_status(scene)
    words = {reference: word for word, reference in made.items()}
    words[made["lapsed"]] = "expired"
    rows = cells(manager)
    assert {row[0]: row[2] for row in rows} == words
    assert {row[2] for row in rows if row[3] != "-"} == {"granted", "expired"}


# --- Filters --------------------------------------------------------------------------------------


def test_each_question_finds_what_it_asks_for(scene, manager):
    made = one_of_each_status(scene)
    soon = scene.grant(expires=scene.now + DAY).reference
    later = scene.grant(expires=scene.now + DAY + timedelta(seconds=1)).reference
    assert {
        question: listed(manager, standing=question)
        for question in ("standing", "expiring", "undecided", "lapsed")
    } == {
        "standing": [later, soon, made["granted"]],
        "expiring": [soon],
        "undecided": [made["undecided"]],
        "lapsed": [made["lapsed"]],
    }


def test_the_questions_follow_a_milestone_that_moves(scene, manager):
    bound = scene.grant(expires=scene.gamma)
    answers = []
    for at in (scene.gamma.at, scene.now + HOUR, scene.now):
        if at != scene.gamma.at:
            scene.gamma.move(to=at, by=scene.thea, at=scene.now, why="sooner")
        answers.append(
            [bool(listed(manager, standing=q)) for q in ("standing", "expiring", "lapsed")]
        )
    assert answers == [[True, False, False], [True, True, False], [False, False, True]]
    assert listed(manager, standing="lapsed") == [bound.reference]


def test_a_status_is_filtered_by_as_it_is_shown(scene, manager):
    made = one_of_each_status(scene)
    shown = {row[0]: row[2] for row in cells(manager)}
    for status in ("granted", "expired", "requested", "denied", "landed"):
        words = "undecided" if status == "requested" else status
        expected = {reference for reference, word in shown.items() if word == words}
        assert (status, set(listed(manager, status__exact=status))) == (status, expected)
    assert made["lapsed"] in listed(manager, status__exact="expired")


def test_a_project_finds_the_exceptions_of_its_proposals_and_its_own_each_once(scene, manager):
    both = [make_proposal(project=scene.nova), make_proposal(project=scene.nova)]
    of_nova = scene.ask(proposals=both)
    whole_nova = scene.ask(proposals=[], project=scene.nova)
    of_swift = scene.ask(proposals=[make_proposal(project=scene.swift)])
    of_none = scene.ask(proposals=[make_proposal()])
    assert {slug: listed(manager, project=slug) for slug in ("nova", "swift", "glance", "")} == {
        "nova": [whole_nova.reference, of_nova.reference],
        "swift": [of_swift.reference],
        "glance": [],
        "": [e.reference for e in (of_none, of_swift, whole_nova, of_nova)],
    }


def test_a_release_and_a_question_are_asked_together(scene, manager):
    here = scene.grant()
    elsewhere = make_release(name="Diablo")
    freeze = make_milestone(release=elsewhere, at=scene.freeze.at, blocks=["feature"])
    there = scene.ask(release=elsewhere, freeze=freeze, proposals=[make_proposal()])
    scene.grant(there)
    assert {
        release.name: listed(manager, standing="standing", release__id__exact=release.pk)
        for release in (scene.release, elsewhere)
    } == {"Cactus": [here.reference], "Diablo": [there.reference]}


@pytest.mark.once
@pytest.mark.parametrize("asked", [{"standing": "junk"}, {"project": "junk"}, {"standing": ""}])
def test_a_question_nobody_knows_does_no_harm(asked, scene, manager):
    exception = scene.ask()
    expected = [] if "project" in asked else [exception.reference]
    assert listed(manager, **asked) == expected


# --- Search ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["61001", "volumes-api", "~jun/nova/volumes-api", "Jun Alvarez", "alvarez", "JUN-ON-IRC"],
)
def test_it_is_found_by_its_proposals_and_its_people(words, scene, manager):
    scene.jun.name = "Jun Alvarez"
    scene.jun.save()
    scene.jun.handles.create(kind="irc", value="jun-on-irc")
    scene.jun.handles.create(kind="launchpad", value="jun-on-irc")
    proposals = [
        make_proposal(key="61001", branch="~jun/nova/volumes-api"),
        make_proposal(key="61002", branch="~jun/nova/volumes-api-docs"),
    ]
    wanted = scene.ask(title="Storage", proposals=proposals)
    scene.ask(title="Console", by=scene.ondine)
    assert listed(manager, q=words) == [wanted.reference]


def test_it_is_found_by_its_title(scene, manager):
    wanted = scene.ask(title="A console in the browser")
    scene.ask()
    assert listed(manager, q="console") == [wanted.reference]


def test_it_is_found_by_its_own_name(scene, manager):
    wanted = scene.ask()
    scene.ask()
    assert listed(manager, q=wanted.reference) == [wanted.reference]


def test_the_ledger_is_found_by_its_words_and_people(scene, manager):
    exception = scene.grant(rationale="A week is enough.")
    scene.decide(exception, "land", rationale="Merged by Vera.")
    answers = {
        words: [
            str(decision)
            for decision in manager.get("/admin/governance/decision/", {"q": words})
            .context["cl"]
            .result_list
        ]
        for words in ("a week", "thea", "volumes", "nothing like it")
    }
    name = exception.reference
    assert answers == {
        "a week": [f"{name}: granted"],
        "thea": [f"{name}: landed", f"{name}: granted"],
        "volumes": [f"{name}: landed", f"{name}: granted", f"{name}: asked for"],
        "nothing like it": [],
    }


# --- Cost, and what cannot be done ----------------------------------------------------------------


COSTS = {
    LIST: 8,
    f"{LIST}?q=volumes": 8,
    f"{LIST}?standing=standing&project=nova": 8,
    "/admin/governance/decision/": 6,
    "/admin/governance/budget/": 7,
}


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_for_one_row_and_three(
    rows, scene, manager, django_assert_num_queries
):
    for _ in range(rows):
        proposals = [make_proposal(project=scene.nova, branch="volumes") for _ in range(2)]
        scene.grant(scene.ask(proposals=proposals), expires=scene.gamma)
        scene.release.budgets.create(project=make_project(), limit=2)
    for url, cost in COSTS.items():
        with django_assert_num_queries(cost):
            assert (url, manager.get(url).status_code) == (url, 200)


@pytest.mark.once
@pytest.mark.parametrize("is_superuser", [False, True])
def test_no_exception_and_no_decision_can_be_deleted(is_superuser, scene, sign_in):
    client = sign_in(scene.thea, is_superuser=is_superuser)
    exception = scene.grant()
    before = stored()
    decision = exception.decisions.first()
    answers = {
        name: client.post(
            reverse(f"admin:governance_{name}_delete", args=[record.pk]), {"post": "yes"}
        ).status_code
        for name, record in (("exceptionrequest", exception), ("decision", decision))
    }
    assert answers == {"exceptionrequest": 403, "decision": 403}
    for name, record in (("exceptionrequest", exception), ("decision", decision)):
        client.post(
            reverse(f"admin:governance_{name}_changelist"),
            {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"},
        )
    assert stored() == before


def stored():
    """Every exception and decision, as the database has them."""
    return list(ExceptionRequest.objects.values()), list(Decision.objects.values())


@pytest.mark.once
def test_a_decision_is_read_and_neither_written_nor_edited(scene, manager):
    exception = scene.grant()
    decision = exception.decisions.first()
    before = stored()
    page = reverse("admin:governance_decision_change", args=[decision.pk])
    forged = {"rationale": "forged", "verb": "deny", "at_0": "2031-01-01", "at_1": "00:00"}
    assert manager.get(page).status_code == 200
    assert [
        manager.post(url, forged).status_code
        for url in (page, reverse("admin:governance_decision_add"))
    ] == [403, 403]
    assert stored() == before


@pytest.mark.once
def test_the_list_does_not_edit_what_it_lists(scene, manager):
    exception = scene.ask()
    before = stored()
    forged = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": exception.pk,
        "form-0-status": "granted",
        "form-0-title": "forged",
        "_save": "Save",
    }
    manager.post(LIST, forged)
    assert stored() == before


def test_a_milestone_that_an_exception_needs_is_not_deleted(scene, manager):
    scene.grant(expires=scene.gamma)
    for milestone in (scene.freeze, scene.gamma):
        url = reverse("admin:releases_milestone_delete", args=[milestone.pk])
        assert manager.post(url, {"post": "yes"}).status_code == 200
    assert Milestone.objects.filter(release=scene.release).count() == 2


def test_the_newest_stand_first_and_fifty_on_a_page(scene, manager):
    references = [scene.ask().reference for _ in range(51)][::-1]
    assert listed(manager) == references[:50]
    assert listed(manager, p=2) == references[50:]


@pytest.mark.once
def test_the_list_says_utc_wherever_it_shows_an_instant(scene, manager):
    scene.grant(expires=utc(2011, 4, 1, 10))
    html = manager.get(LIST).content.decode()
    assert "Until (UTC)" in html
    assert "2011-04-01 10:00 UTC" in html
