"""Asking for an exception in the admin: the questions, and what a refusal leaves behind."""

import re

import pytest
from django.test import Client

from governance.models import Claim, Decision, ExceptionRequest
from releases.models import MergeProposal
from tests.factories import make_milestone, make_person, make_proposal, make_release, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

ADD = "/admin/governance/exceptionrequest/add/"
LAUNCHPAD = "https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001"
GERRIT = "https://review.opendev.org/c/openstack/nova/+/803322"


def questions(scene, **answers):
    return {
        "release": scene.release.pk,
        "freeze": scene.freeze.pk,
        "title": "Volumes through the API",
        "proposals": LAUNCHPAD,
        "project": "",
        "why_now": "Without it the API stays incomplete.",
    } | answers


def ask(client, scene, **answers):
    return client.post(ADD, questions(scene, **answers), follow=True)


def errors(answer):
    """What the form says beside each field; "__all__" is above the form."""
    assert answer.status_code == 200
    assert answer.redirect_chain == []
    form = answer.context["form"]
    return {name: list(said) for name, said in form.errors.items()}


def kept():
    """How many rows a request leaves behind."""
    tables = (ExceptionRequest, Decision, Claim, MergeProposal)
    return tuple(table.objects.count() for table in tables)


def test_the_form_asks_the_questions_of_a_request_in_their_order(scene, sign_in):
    answer = sign_in(scene.jun).get(ADD)
    assert answer.status_code == 200
    assert [field.label for field in answer.context["form"]] == [
        "Release",
        "Exception from",
        "Title",
        "Merge proposals",
        "... or a whole project",
        "Why in this release, and why now",
        "What can break if it lands",
        "What is lost if it does not",
        "What was tested, and how",
        "Asked until",
        "Where it was asked",
    ]


def test_only_milestones_that_block_something_are_offered_as_freezes(scene, sign_in):
    answer = sign_in(scene.jun).get(ADD)
    assert list(answer.context["form"].fields["freeze"].queryset) == [scene.freeze]


def test_a_request_is_made_with_proposals_new_to_us_and_known_ones(scene, sign_in):
    known = make_proposal(key="61002", title="Known")
    addresses = (
        f"  {LAUNCHPAD} \r\n\r\n{GERRIT}\r\n"
        "https://code.launchpad.net/~jun/nova/docs/+merge/61002\r\n<https://review.opendev.org/803322>"
    )
    said = {
        "risk_of_landing": "Low.",
        "risk_of_not_landing": "Half a year.",
        "testing": "A week.",
        "source_url": "https://example.org/mail/1",
    }
    answer = ask(sign_in(scene.jun), scene, proposals=addresses, **said)
    exception = ExceptionRequest.objects.get()
    assert answer.redirect_chain == [
        (f"/admin/governance/exceptionrequest/{exception.pk}/change/", 302)
    ]
    assert [str(message) for message in answer.context["messages"]] == [
        f"{exception.reference} Volumes through the API is asked for."
    ]
    assert (exception.status, exception.scope) == ("requested", "proposals")
    assert (exception.requester, exception.requested_at) == (scene.jun, scene.now)
    assert (exception.risk_of_landing, exception.risk_of_not_landing, exception.testing) == (
        "Low.",
        "Half a year.",
        "A week.",
    )
    assert sorted(exception.proposals.values_list("forge", "key", "title", "url")) == [
        ("gerrit", "review.opendev.org/803322", "", GERRIT),
        ("launchpad", "61001", "", LAUNCHPAD),
        ("launchpad", "61002", "Known", known.url),
    ]
    decision = exception.decisions.get()
    assert (decision.verb, decision.by, decision.at, decision.source_url) == (
        "request",
        scene.jun,
        scene.now,
        "https://example.org/mail/1",
    )


def test_until_when_it_is_asked_is_said_in_words_and_confirmed_where_doubtful(scene, sign_in):
    jun = sign_in(scene.jun)
    answer = ask(jun, scene, wanted_until="EOD today or so")
    assert errors(answer) == {
        "wanted_until": ["“so” was not read. If it is meant as read, confirm it below."]
    }
    assert kept() == (0, 0, 0, 0)
    ask(jun, scene, wanted_until="EOD Friday")
    exception = ExceptionRequest.objects.get()
    assert exception.wanted_until == utc(2011, 4, 2, 10)
    page = jun.get(exception.get_absolute_url()).content.decode()
    assert re.search(r"Asked until <time[^>]*>Sat 2 April 2011 10:00 UTC", page)


def test_a_whole_project_is_asked_for_without_a_proposal(scene, sign_in):
    ask(sign_in(scene.jun), scene, proposals="", project=scene.nova.pk)
    exception = ExceptionRequest.objects.get()
    assert (exception.scope, exception.project) == ("project", scene.nova)
    assert kept() == (1, 1, 0, 0)


@pytest.mark.parametrize("who", ["thea", "vera", "ondine", "jun"])
def test_who_has_a_role_may_ask(who, scene, sign_in):
    person = getattr(scene, who)
    ask(sign_in(person), scene)
    assert ExceptionRequest.objects.get().requester == person


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("not an address", "not an address"),
        ("https://example.org/", "https://example.org/"),
        ("https://bugs.launchpad.net/bugs/1717598", "https://bugs.launchpad.net/bugs/1717598"),
        (f"{LAUNCHPAD} and {GERRIT}", f"{LAUNCHPAD} and {GERRIT}"[:100]),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_line_that_is_no_address_of_a_proposal_is_refused_by_name(line, named, scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, proposals=f"{LAUNCHPAD}\n{line}")
    assert errors(answer) == {
        "proposals": [
            (
                f"“{named}” is no address of a merge proposal."
                " Give the one at which its forge shows it."
            )
        ]
    }
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize("field", ["release", "freeze", "title", "why_now"])
def test_a_question_left_open_is_asked_again_with_the_others_kept(field, scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, **{field: ""})
    assert errors(answer) == {field: ["This field is required."]}
    html = answer.content.decode()
    assert LAUNCHPAD in html
    assert kept() == (0, 0, 0, 0)


def test_a_request_for_nothing_is_refused(scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, proposals=" \r\n ")
    assert errors(answer) == {
        "proposals": [
            "Name the merge proposals, or the project that is to have a standing exception."
        ]
    }
    assert kept() == (0, 0, 0, 0)


def test_a_freeze_of_another_release_is_refused_and_no_stub_is_kept(scene, sign_in):
    freeze = make_milestone(release=make_release(name="Diablo"), name="Frost", blocks=["feature"])
    answer = ask(sign_in(scene.jun), scene, freeze=freeze.pk)
    assert errors(answer) == {"freeze": ["Frost (Diablo) is a milestone of another release."]}
    assert kept() == (0, 0, 0, 0)


def test_a_proposal_for_another_release_is_refused_and_no_stub_is_kept(scene, sign_in):
    make_proposal(key="61002", title="Quotas", release=make_release(name="Diablo"))
    others = f"{LAUNCHPAD}\nhttps://code.launchpad.net/~jun/nova/quotas/+merge/61002"
    answer = ask(sign_in(scene.jun), scene, proposals=others)
    assert errors(answer) == {"proposals": ["Quotas is meant for Diablo, not for Cactus."]}
    assert kept() == (0, 0, 0, 1)


def test_a_proposal_that_is_asked_for_already_is_refused_and_no_stub_is_kept(scene, sign_in):
    held = scene.ask(proposals=[make_proposal(key="61001")])
    answer = ask(sign_in(scene.jun), scene, proposals=f"{GERRIT}\n{LAUNCHPAD}")
    assert errors(answer) == {
        "__all__": [
            (
                f"There is an exception from FeatureFreeze for it already: {held.reference}"
                " (undecided). Wait for its decision, or withdraw it."
            )
        ]
    }
    assert kept() == (1, 1, 1, 1)


def test_a_person_without_a_role_is_refused_and_no_stub_is_kept(scene, sign_in):
    answer = ask(sign_in(make_person(name="Guest")), scene)
    assert errors(answer) == {"__all__": ["Guest has no role that may ask for an exception."]}
    assert kept() == (0, 0, 0, 0)


def test_a_login_without_a_person_is_refused_and_no_stub_is_kept(scene, sign_in):
    answer = ask(sign_in(is_superuser=True), scene)
    assert errors(answer) == {
        "__all__": [
            (
                "The login nobody belongs to no person, and every decision has one: choose it on a"
                " person's page under People."
            )
        ]
    }
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JavaScript:alert(1)",
        "ftp://x",
        "//evil.example/x",
        "/\\evil.example/x",
        "https://example.org/a b",
        "example.org/mail",
    ],
)
def test_a_source_that_is_no_address_of_a_page_is_refused(url, scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, source_url=url)
    assert errors(answer) == {
        "source_url": [
            "Give the source as an address that begins with https:// (or a path on this site)."
        ]
    }
    assert kept() == (0, 0, 0, 0)


def test_an_invisible_character_is_refused_by_its_place(scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, title="Volumes\u202e")
    assert errors(answer) == {
        "title": [
            (
                "Character 8 is an invisible control character (U+202E), which can make words read"
                " differently. Remove it."
            )
        ]
    }


def test_more_words_than_fit_are_refused_with_their_number(scene, sign_in):
    answer = ask(sign_in(scene.jun), scene, testing="x" * 4001, title="y" * 201)
    assert errors(answer) == {
        "title": ["Ensure this value has at most 200 characters (it has 201)."]
    }
    assert errors(ask(sign_in(scene.ondine), scene, testing="x" * 4001)) == {
        "testing": [
            "This is 4,001 characters long; 4,000 fit. Say the reason here and link to the rest."
        ]
    }
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "address",
    [
        f"https://code.launchpad.net/~jun/nova/{'b' * 300}/+merge/61001",
        f"https://lore.kernel.org/git/{'m' * 190}@{'h' * 100}/",
        f"https://review.opendev.org/c/{'p' * 250}/+/803322",
    ],
    ids=["branch", "key", "address"],
)
def test_the_longest_addresses_are_kept_whole_or_refused_in_words(address, scene, sign_in):
    """Never cut, and never a broken page: PostgreSQL refuses what SQLite would keep."""
    answer = ask(sign_in(scene.jun), scene, proposals=address)
    assert answer.status_code == 200
    for proposal in MergeProposal.objects.all():
        proposal.full_clean()


def test_forged_fields_of_the_record_are_not_read(scene, sign_in):
    forged = {
        "status": "granted",
        "requester": scene.thea.pk,
        "by": scene.thea.pk,
        "requested_at": "2001-01-01",
        "expires_at": "2031-01-01",
        "scope": "project",
        "ledger_length": 7,
    }
    ask(sign_in(scene.jun), scene, **forged)
    exception = ExceptionRequest.objects.get()
    assert (exception.status, exception.requester, exception.requested_at) == (
        "requested",
        scene.jun,
        scene.now,
    )
    assert (exception.expires_at, exception.scope, exception.ledger_length) == (
        None,
        "proposals",
        1,
    )


def test_the_form_asks_for_a_login_and_for_the_right_to_add(scene, sign_in):
    assert Client().get(ADD).headers["Location"] == f"/admin/login/?next={ADD}"
    viewer = sign_in(scene.jun, rights=["view_exceptionrequest"])
    assert [viewer.get(ADD).status_code, viewer.post(ADD, questions(scene)).status_code] == [
        403,
        403,
    ]
    assert kept() == (0, 0, 0, 0)


def test_a_lapsed_exception_does_not_stand_in_the_way_of_a_new_one(scene, sign_in):
    held = scene.ask(proposals=[make_proposal(key="61001")])
    scene.grant(held, at=scene.asked_at, expires=utc(2011, 3, 30, 8))
    ask(sign_in(scene.jun), scene)
    held.refresh_from_db()
    assert (held.status, ExceptionRequest.objects.count()) == ("expired", 2)
