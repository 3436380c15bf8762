"""Who may do what: each person by each verb, tried for real."""

from functools import partial

import pytest
from django.db import transaction

from governance import rights
from governance.models import ExceptionRequest
from governance.refusals import NotAllowed, Refused
from releases.models import Release
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_member,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import decide, refusal

pytestmark = [pytest.mark.once, pytest.mark.django_db]

VERBS = "grant deny defer extend refuse-extension revoke withdraw land revert reopen".split()
EVERY, NONE = set(VERBS), set()
WHO_MAY = {
    "release manager": EVERY,
    "release manager of the project": EVERY,
    "release manager of another project": NONE,
    "lead where leads decide": EVERY,
    "lead where leads do not decide": NONE,
    "lead of another project": NONE,
    "lead of one of two projects": NONE,
    "lead of both projects": EVERY,
    "lead of one where the other is not known": NONE,
    "release manager of one of two projects": NONE,
    "reviewer of the project": NONE,
    "reviewer": NONE,
    "contributor": NONE,
    "requester": {"withdraw"},
    "requester without a role by now": {"withdraw"},
    "person with no role": NONE,
    "nobody": NONE,
}
USABLE_FROM = {
    "grant": "requested",
    "deny": "requested",
    "defer": "granted",
    "extend": "granted",
    "refuse-extension": "granted",
    "revoke": "granted",
    "withdraw": "requested",
    "land": "granted",
    "revert": "landed",
    "reopen": "denied",
}
STATUSES = "requested granted denied deferred withdrawn landed expired revoked reverted".split()


def an_exception_and(who, status):
    """An exception of the project Nova, or of Nova and Glance, and the person named."""
    nova, glance = make_project(name="Nova"), make_project(name="Glance")
    release = make_release(leads_decide="leads do not decide" not in who)
    projects = [nova]
    if who in {
        "lead of one of two projects",
        "lead of both projects",
        "release manager of one of two projects",
    }:
        projects = [nova, glance]
    if who == "lead of one where the other is not known":
        projects = [nova, None]
    proposals = [make_proposal(release=release, project=project) for project in projects]
    exception = make_exception(
        status=status, release=release, proposals=proposals, expires=utc(2011, 3, 30)
    )
    return exception, the_person(who, exception, nova=nova, glance=glance)


def the_person(who, exception, *, nova, glance):
    if who == "nobody":
        return None
    if who.startswith("requester"):
        if "without a role" in who:
            exception.requester.memberships.all().delete()
        return exception.requester
    person = make_person(name=f"The {who}")
    roles = {
        "release manager": [("release-manager", None)],
        "release manager of another project": [("release-manager", glance)],
        "lead of another project": [("project-lead", glance)],
        "lead of both projects": [("project-lead", nova), ("project-lead", glance)],
        "reviewer": [("reviewer", None)],
        "contributor": [("contributor", None)],
        "person with no role": [],
    }
    otherwise = [(who.partition(" of ")[0].replace(" ", "-"), nova)]
    if who.startswith("lead"):
        otherwise = [("project-lead", nova)]
    for role, project in roles.get(who, otherwise):
        person.memberships.create(role=role, project=project)
    return person


@pytest.mark.parametrize("who", WHO_MAY)
def test_a_verb_is_refused_to_all_but_those_of_the_table(who):
    exception, person = an_exception_and(who, "requested")
    for verb in EVERY - WHO_MAY[who]:
        refused = refusal(partial(decide, exception, verb, by=person))
        assert type(refused) is NotAllowed
        assert str(refused).startswith(
            f"{person} may not {verb.replace('-', ' ')} {exception.reference}: ask a release"
            " manager"
        )


@pytest.mark.parametrize("who", [who for who, allowed in WHO_MAY.items() if allowed])
def test_a_verb_is_for_those_of_the_table(who):
    for status in {USABLE_FROM[verb] for verb in WHO_MAY[who]}:
        exception, person = an_exception_and(who, status)
        for verb in [one for one in WHO_MAY[who] if USABLE_FROM[one] == status]:
            with transaction.atomic():
                decision = decide(exception, verb, by=person)
                transaction.set_rollback(True)
            assert (decision.verb, decision.by) == (verb, person)


def works(verb, exception, person):
    """Whether a verb goes through; it is taken back."""
    fresh = ExceptionRequest.objects.get(pk=exception.pk)
    try:
        with transaction.atomic():
            decide(fresh, verb, by=person, at=utc(2011, 3, 29))
            transaction.set_rollback(True)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("status", STATUSES)
def test_the_verbs_shown_to_a_person_are_those_that_work_for_them(status):
    project, release = make_project(), make_release(leads_decide=True)
    exception = make_exception(
        status=status,
        proposals=[make_proposal(release=release, project=project)],
        release=release,
        expires=utc(2011, 3, 28) if status == "expired" else utc(2011, 3, 30),
    )
    lead = make_member("project-lead", project)
    people = [make_manager(), lead, exception.requester]
    for person in people:
        working = {verb for verb in VERBS if works(verb, exception, person)}
        assert set(rights.verbs(person, exception, status)) == working
        assert {verb for verb in VERBS if rights.may(person, verb, exception, status)} == working


@pytest.mark.parametrize(
    ("who", "allowed"),
    {
        "release manager": True,
        "release manager of another project": True,
        "lead of another project": True,
        "reviewer": True,
        "contributor": True,
        "person with no role": False,
        "nobody": False,
    }.items(),
)
def test_asking_is_for_everybody_with_a_role(who, allowed):
    _, person = an_exception_and(who, "requested")
    assert rights.may_ask(person) == allowed
    if person is None:
        return
    asked = {"freeze": make_freeze(), "project": make_project(), "by": person}
    if allowed:
        assert make_exception(**asked).requester == person
    else:
        refused = refusal(lambda: make_exception(**asked))
        assert type(refused) is NotAllowed
        assert str(refused) == f"{person} has no role that may ask for an exception."


@pytest.mark.parametrize(
    ("who", "allowed"),
    {
        "release manager": True,
        "release manager of the project": True,
        "release manager of another project": False,
        "lead where leads decide": True,
        "lead where leads do not decide": True,  # to confirm is not to decide: a reviewer may
        "lead of another project": False,
        "reviewer of the project": True,
        "reviewer": True,
        "contributor": False,
        "requester": False,
        "person with no role": False,
        "nobody": False,
    }.items(),
)
def test_a_condition_is_confirmed_by_those_who_answer_for_the_project(who, allowed):
    exception, person = an_exception_and(who, "granted")
    assert rights.may_confirm(person, exception) == allowed


def test_the_lead_of_a_project_decides_on_its_standing_exception():
    nova, release = make_project(), make_release(leads_decide=True)
    exception = make_exception(release=release, project=nova)
    assert rights.verbs(make_member("project-lead", nova), exception, "requested") != []
    assert rights.verbs(make_member("project-lead", make_project()), exception, "requested") == []


def test_a_right_that_was_taken_away_is_gone_at_once():
    exception, manager = make_exception(), make_manager()
    assert rights.verbs(manager, exception, "requested") != []
    manager.memberships.all().delete()
    assert rights.verbs(manager, exception, "requested") == []


def test_a_verb_for_nobody_is_not_offered_to_anybody():
    assert "expire" not in rights.verbs(make_manager(), make_exception(), "granted")


@pytest.mark.parametrize(
    ("leads_decide", "words"),
    [(True, "a release manager or a project lead"), (False, "a release manager")],
)
def test_who_may_is_said_in_words_for_each_release(leads_decide, words):
    assert rights.who_may("grant", Release(leads_decide=leads_decide)) == words
