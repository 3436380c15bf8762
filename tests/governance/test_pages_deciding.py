"""Asking and deciding on pages: who may, what they are told, and that the ledger alone grows."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from governance.lifecycle import Status, Verb
from governance.models import Decision, ExceptionRequest
from tests.factories import make_milestone, make_proposal
from tests.governance.test_pages_check import plain

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)
VERBS = [verb.value for verb in Verb if verb not in {Verb.REQUEST, Verb.EXPIRE}]


@pytest.fixture
def visit(sign_in):
    """A client of somebody who is no staff and has no right in the admin."""
    return lambda person: sign_in(person, is_staff=False, rights=[])


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def until(milestone):
    """How a form is told of a deadline."""
    return {"deadline": f"until {milestone.name}"}


def said(verb, gamma):
    return {"rationale": "Because."} | (until(gamma) if verb in {"grant", "extend"} else {})


def test_a_stranger_is_led_to_the_login_and_back(scene, client):
    own = scene.ask().get_absolute_url()
    for path in (f"{own}grant/", "/exceptions/new/"):
        for answer in (client.get(path), client.post(path)):
            assert (answer.status_code, answer.url) == (302, f"/login/?next={path}")
    assert Decision.objects.count() == 1


# who -> what they may do with an undecided exception, and with one that stands
MAY = {
    "thea": (
        {"grant", "deny", "defer", "withdraw"},
        set(VERBS) - {"grant", "deny", "revert", "reopen"},
    ),
    "jun": ({"withdraw"}, {"withdraw"}),
    "ondine": (set(), set()),
    "vera": (set(), set()),  # leads decide only where their release lets them
}


@pytest.mark.parametrize("standing", [False, True])
@pytest.mark.parametrize("who", MAY)
def test_a_page_has_a_button_for_each_verb_that_its_reader_may_use_and_for_no_other(
    who, standing, scene, visit
):
    exception = scene.grant() if standing else scene.ask()
    html = visit(getattr(scene, who)).get(exception.get_absolute_url()).content.decode()
    offered = set(re.findall(rf'href="/exceptions/{exception.reference}/([a-z-]+)/"', html))
    assert offered == MAY[who][standing]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", MAY)
def test_each_verb_is_done_or_refused_with_the_status_that_says_which(who, verb, scene, visit):
    exception = scene.ask()
    client, path = visit(getattr(scene, who)), f"{exception.get_absolute_url()}{verb}/"
    shown = client.get(path).status_code
    sent = client.post(path, said(verb, scene.gamma)).status_code
    exception.refresh_from_db()
    if verb in MAY[who][0]:
        assert (shown, sent, exception.ledger_length) == (200, 302, 2)
    else:
        refused = 409 if who == "thea" else 403
        assert (shown, sent) == (refused, refused)
        assert (exception.status, exception.ledger_length) == (Status.REQUESTED, 1)


def test_a_grant_by_form_is_the_grant_of_the_verb(scene, visit):
    exception, client = scene.ask(), visit(scene.thea)
    own = exception.get_absolute_url()
    answers = until(scene.gamma) | {"rationale": "Small.", "conditions": "a review"}
    answer = client.post(f"{own}grant/", answers | {"source_url": "/meetings/m/#l-9"}, follow=True)
    assert answer.redirect_chain == [(own, 302)]
    told = f"{exception.reference}: granted until 2011-04-05 10:00 UTC, with GammaFreeze."
    assert told in words(answer.content.decode())
    decision = exception.decisions.get(verb="grant")
    assert (decision.by, decision.at, decision.rationale) == (scene.thea, scene.now, "Small.")
    assert (decision.source_url, decision.until.milestone) == ("/meetings/m/#l-9", scene.gamma)
    assert [condition.text for condition in exception.conditions.all()] == ["a review"]


@pytest.mark.parametrize("verb", ["extend", "refuse-extension"])
def test_who_decides_on_more_time_sees_what_was_decided_on_it_before(verb, scene, visit):
    exception, client = scene.grant(), visit(scene.thea)
    page = f"{exception.get_absolute_url()}{verb}/"
    assert "More time was asked for before" not in client.get(page).content.decode()
    scene.decide(exception, "extend", expires=scene.gamma, rationale="Nearly there.")
    scene.decide(
        exception, "refuse_extension", rationale="No more.", source_url="https://example.org/no"
    )
    html = client.get(page).content.decode()
    told = words(html.partition("More time was asked for before")[2].partition("<form")[0])
    assert (
        told.split()
        == (
            "Extended by Thea , until Tue 5 April 2011 10:00 UTC , with GammaFreeze Nearly there."
            " Wed 30 March 2011 09:00 UTC Extension refused by Thea No more."
            " Wed 30 March 2011 09:00 UTC · where it was said"
        ).split()
    )
    assert 'href="https://example.org/no"' in html
    assert "before" not in words(
        client.get(f"{exception.get_absolute_url()}revoke/").content.decode()
    )


def test_a_field_that_was_forgotten_is_named_and_what_was_typed_stays(scene, visit):
    exception = scene.ask()
    answer = visit(scene.thea).post(f"{exception.get_absolute_url()}deny/", {"quote": "no, late"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert '<p class="error" id="id_rationale_error">This field is required.</p>' in html
    assert "no, late</textarea>" in html


def test_a_condition_is_confirmed_by_a_button_for_reviewers_alone(scene, visit):
    exception = scene.grant(conditions=["a review"])
    condition, own = exception.conditions.get(), exception.get_absolute_url()
    path = f"{own}confirm/{condition.pk}/"
    jun, ondine = visit(scene.jun), visit(scene.ondine)
    assert "Confirm" not in jun.get(own).content.decode()
    answer = jun.post(path, follow=True)
    assert "Jun may not confirm conditions" in words(answer.content.decode())
    assert ondine.get(path).status_code == 405
    assert f'action="{path}"' in ondine.get(own).content.decode()
    answer = ondine.post(path, follow=True)
    assert "“a review” is confirmed." in words(answer.content.decode())
    condition.refresh_from_db()
    assert (condition.met_by, condition.met_at) == (scene.ondine, scene.now)


def test_what_was_given_up_waits_for_no_confirmation(scene, visit):
    exception = scene.grant(conditions=["a review"])
    own, ondine = exception.get_absolute_url(), visit(scene.ondine)
    path = f"{own}confirm/{exception.conditions.get().pk}/"
    scene.decide(exception, "revoke")
    html = ondine.get(own).content.decode()
    assert "a review not confirmed yet" in words(html)
    assert f'action="{path}"' not in html
    answer = words(ondine.post(path, follow=True).content.decode())
    assert "is revoked: nothing hangs on its conditions any more." in answer
    assert exception.conditions.get().met_at is None


def test_a_condition_is_confirmed_on_its_own_exception_only(scene, visit):
    other, exception = scene.ask(), scene.grant(conditions=["a review"])
    path = f"{other.get_absolute_url()}confirm/{exception.conditions.get().pk}/"
    assert visit(scene.ondine).post(path).status_code == 404


def test_a_request_is_answered_from_a_pasted_address_as_far_as_it_is_known(scene, visit):
    make_proposal(
        key="61001",
        url="https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001",
        title="Volumes & more",
        project=scene.nova,
        release=scene.release,
    )
    pasted = {"proposal": "http://code.launchpad.net/~jun/nova/volumes-api/+merge/61001/"}
    html = visit(scene.jun).get("/exceptions/new/", pasted).content.decode()
    for part in (
        f'<option value="{scene.release.pk}" selected>',
        f'<option value="{scene.freeze.pk}" selected>',
        'value="Volumes &amp; more"',
        "https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001</textarea>",
    ):
        assert part in html


def chosen(html, name):
    """The words of what a list has chosen; nothing where that is left to the reader."""
    part = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)[0]
    found = re.search(r"<option value=\"\d+\" selected>(.*?)</option>", part)
    return found and found[1]


def test_a_request_is_from_the_freeze_that_is_in_force_and_each_is_shown_with_its_date(
    scene, visit
):
    html = visit(scene.jun).get("/exceptions/new/").content.decode()
    assert chosen(html, "release") == "Cactus"
    assert chosen(html, "freeze") == "FeatureFreeze, 24 Mar 2011 10:00 UTC (Cactus)"


# milestones: days from now on, and what each blocks -> the one that is chosen
FREEZES = {
    "the last in force that blocks features": (
        [(-9, ["feature"]), (-5, ["feature"]), (-2, ["docs"]), (3, ["feature"])],
        -5,
    ),
    "the next where none is in force": ([(3, ["docs"]), (5, ["feature"]), (9, ["feature"])], 5),
    "none where those in force block other changes": ([(-2, ["strings"]), (5, ["feature"])], None),
    "none where none blocks features": ([(5, ["docs"])], None),
    "none where nothing freezes": ([(-5, []), (5, [])], None),
}


@pytest.mark.parametrize("case", FREEZES)
def test_the_freeze_is_chosen_only_where_one_is_right(case, scene, visit):
    scene.freeze.delete()
    milestones, right = FREEZES[case]
    for days, blocks in milestones:
        at = scene.now + timedelta(days=days)
        make_milestone(release=scene.release, name=f"In {days}", at=at, blocks=blocks)
    make_milestone(
        release=scene.release, at=scene.now - HOUR, blocks=["feature"], project=scene.swift
    )
    found = chosen(visit(scene.jun).get("/exceptions/new/").content.decode(), "freeze")
    assert (found and found.partition(",")[0]) == (right and f"In {right}")


def test_a_bug_fix_is_excepted_from_the_freeze_that_will_block_it(scene, visit):
    make_milestone(release=scene.release, name="HardFreeze", at=scene.now + HOUR, blocks=["bugfix"])
    scene.freeze.delete()
    fix = make_proposal(change_kind="bugfix", release=scene.release)
    html = visit(scene.jun).get("/exceptions/new/", {"proposal": fix.url}).content.decode()
    assert chosen(html, "freeze").startswith("HardFreeze, ")


@pytest.mark.parametrize("junk", ["", "\0", "x" * 5000, "<script>", "\N{BOM}"])
def test_junk_for_an_address_still_shows_the_form(junk, scene, visit):
    answer = visit(scene.jun).get("/exceptions/new/", {"proposal": junk})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_what_is_asked_stands_on_record_and_waits(scene, visit):
    answers = {
        "release": scene.release.pk,
        "freeze": scene.freeze.pk,
        "title": "A console",
        "proposals": "https://github.com/openstack/nova/pull/12",
        "why_now": "Support asks for it.",
    }
    answer = visit(scene.jun).post("/exceptions/new/", answers)
    exception = ExceptionRequest.objects.get()
    assert (answer.status_code, answer.url) == (302, exception.get_absolute_url())
    assert (exception.requester, exception.requested_at) == (scene.jun, scene.now)
    assert [proposal.key for proposal in exception.proposals.all()] == ["openstack/nova#12"]
    again = visit(scene.ondine).post("/exceptions/new/", answers)
    assert again.status_code == 409
    assert "There is an exception from FeatureFreeze for it already" in again.content.decode()


def test_who_has_no_role_is_told_before_and_after(scene, visit):
    scene.jun.memberships.all().delete()
    client = visit(scene.jun)
    assert "no role that may ask" in client.get("/exceptions/new/").content.decode()
    answers = {"release": scene.release.pk, "freeze": scene.freeze.pk, "title": "x", "why_now": "y"}
    assert client.post("/exceptions/new/", answers).status_code == 403
    assert not ExceptionRequest.objects.exists()


def test_a_form_from_elsewhere_is_refused_in_words(scene, django_user_model):
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create_user("thea"))
    answer = client.post(f"{scene.ask().get_absolute_url()}deny/", {"rationale": "no"})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()


@pytest.mark.parametrize("verb", ["request", "expire", "explode", "Grant"])
def test_there_is_no_page_for_what_is_no_verb_of_people(verb, scene, visit):
    assert visit(scene.thea).get(f"{scene.ask().get_absolute_url()}{verb}/").status_code == 404


def test_the_sentence_of_an_open_page_is_sent_again_only_when_it_changed(scene, client):
    exception = scene.grant()
    path = f"{exception.get_absolute_url()}standing/"
    first = client.get(path)
    assert "Granted" in first.content.decode()
    known = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert client.get(path, **known).status_code == 304
    scene.gamma.move(to=scene.until, by=scene.thea, at=scene.now, why="Sooner.")
    assert client.get(path, **known).status_code == 304
    scene.decide(exception, "extend", expires=scene.gamma.at.replace(day=4))
    assert client.get(path, **known).status_code == 200


def test_the_sentence_changes_when_its_time_is_up_though_nobody_decided(
    scene, client, time_machine
):
    exception = scene.grant()
    path = f"{exception.get_absolute_url()}standing/"
    first = client.get(path)
    time_machine.move_to(scene.until, tick=False)
    after = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (after.status_code, "Expired" in after.content.decode()) == (200, True)


def test_what_is_refused_is_said_above_the_form_with_a_way_to_each_field(scene, visit):
    ask = visit(scene.jun).post("/exceptions/new/", {"release": scene.release.pk})
    html = ask.content.decode()
    above = html[html.index('<form class="fields"') : html.index('<div class="field')]
    assert plain(above) == (
        "Nothing is recorded yet. Look again at Exception from. Look again at Title."
        " Look again at Why in this release, and why now."
    )
    wanted = ["id_freeze", "id_title", "id_why_now"]
    assert re.findall(r'href="#(\w+)"', above) == wanted
    assert [f'id="{name}"' in html for name in wanted] == [True] * 3
    assert (
        "Nothing is recorded yet"
        not in visit(scene.ondine).get("/exceptions/new/").content.decode()
    )


def test_all_that_a_grant_misses_is_said_at_once(scene, visit):
    url = f"{scene.ask().get_absolute_url()}grant/"
    answer = visit(scene.thea).post(url, {"deadline": "", "rationale": ""})
    assert answer.status_code == 200
    assert {name: list(said) for name, said in answer.context["form"].errors.items()} == {
        "deadline": ["Say until when."],
        "rationale": ["This field is required."],
    }
