"""What scripts rely on: the JSON of the gate to the letter, and the price of an answer."""

import json
from zoneinfo import ZoneInfo

import pytest

from governance.gate import verdict
from governance.models import ExceptionRequest
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_milestone,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NOON, decide

pytestmark = pytest.mark.django_db

EARLY = utc(2011, 3, 1)


@pytest.fixture
def cactus():
    return make_release(name="Cactus", slug="cactus")


@pytest.fixture
def feature_freeze(cactus):
    return make_freeze(release=cactus, name="FeatureFreeze")


@pytest.fixture
def proposal(cactus, feature_freeze):
    return make_proposal(
        release=cactus,
        project=make_project(),
        key="54464",
        url="https://code.launchpad.net/~jun/nova/volumes-api/+merge/54464",
        title="Volumes in the API",
        change_kind="feature",
    )


PROPOSAL = {
    "target": "proposal:launchpad:54464",
    "url": "https://code.launchpad.net/~jun/nova/volumes-api/+merge/54464",
    "title": "Volumes in the API",
    "state": "open",
    "change_kind": "feature",
}
FREEZES = [{"name": "FeatureFreeze", "at": "2011-03-24T00:00:00Z"}]


def test_a_standing_exception_as_json(feature_freeze, proposal):
    exception = make_exception(
        status="granted",
        freeze=feature_freeze,
        proposals=[proposal],
        source_url="/meetings/x/#l-1",
        manager=make_manager(name="Thea"),
    )
    assert verdict("54464", at=NOON).as_json() == {
        "allowed": True,
        "code": "exception_stands",
        "reason": f"{exception.reference} stands until Wed 30 March 2011 10:00 UTC; granted by"
        " Thea, Sat 26 March 2011 00:00 UTC.",
        "at": "2011-03-29T12:00:00Z",
        "release": "cactus",
        "freezes": FREEZES,
        "exception": {
            "ref": exception.reference,
            "status": "granted",
            "expires_at": "2011-03-30T10:00:00Z",
            "source_url": "/meetings/x/#l-1",
        },
        "proposal": PROPOSAL,
    }


def test_an_undecided_exception_as_json(feature_freeze, proposal):
    exception = make_exception(freeze=feature_freeze, proposals=[proposal])
    assert verdict("54464", at=NOON).as_json()["exception"] == {
        "ref": exception.reference,
        "status": "requested",
        "expires_at": None,
        "source_url": "",
    }


def test_no_exception_as_json(proposal):
    told = verdict("54464", at=NOON).as_json()
    assert told | {"reason": ""} == {
        "allowed": False,
        "code": "exception_missing",
        "reason": "",
        "at": "2011-03-29T12:00:00Z",
        "release": "cactus",
        "freezes": FREEZES,
        "exception": None,
        "proposal": PROPOSAL,
    }


def test_no_freeze_as_json(proposal):
    assert verdict("54464", at=EARLY).as_json() == {
        "allowed": True,
        "code": "no_freeze",
        "reason": "No freeze of Cactus is in force.",
        "at": "2011-03-01T00:00:00Z",
        "release": "cactus",
        "freezes": [],
        "exception": None,
        "proposal": PROPOSAL,
    }


def test_an_unknown_reference_as_json(cactus, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    expected = {
        "allowed": False,
        "code": "unknown_reference",
        "reason": "Nothing here is known as “nope”. No freeze of Cactus is in force, but only what"
        " is known here may land.",
        "at": "2011-03-29T12:00:00Z",
        "release": None,
        "freezes": [],
        "exception": None,
        "proposal": None,
    }
    assert verdict("nope", at=NOON).as_json() == expected
    make_freeze(release=cactus, name="FeatureFreeze")
    reason = (
        "Nothing here is known as “nope”. FeatureFreeze of Cactus has held since Thu 24 March 2011"
        " 00:00 UTC: what is not known here may not land. Ask for an exception at"
        " http://127.0.0.1:8000/exceptions/new/."
    )
    assert verdict("nope", at=NOON).as_json() == expected | {"reason": reason}
    asked = verdict("nope", at=NOON, release=cactus).as_json()
    assert asked == expected | {"reason": reason, "release": "cactus"}


def test_instants_are_in_utc_with_z_whatever_the_zone_asked_in(proposal):
    hawaii = NOON.astimezone(ZoneInfo("Pacific/Honolulu"))
    assert verdict("54464", at=hawaii).as_json() == verdict("54464", at=NOON).as_json()
    instant = NOON.replace(microsecond=1)
    assert verdict("54464", at=instant).as_json()["at"] == "2011-03-29T12:00:00.000001Z"


def test_the_source_is_where_the_last_decision_that_names_one_was_said(feature_freeze, proposal):
    exception = make_exception(
        status="granted", freeze=feature_freeze, proposals=[proposal], source_url="/first/"
    )
    manager = make_manager()
    told = [verdict("54464", at=NOON).found.source_url]
    decide(exception, "refuse-extension", by=manager, source_url="/second/")
    told.append(verdict("54464", at=NOON).found.source_url)
    decide(exception, "land", by=manager)
    told.append(verdict("54464", at=NOON).found.source_url)
    assert told == ["/first/", "/second/", "/second/"]


def test_an_answer_is_json_whatever_is_in_it(feature_freeze, proposal):
    proposal.title = 'Sn\u00f6w "quoted" \U0001f600'
    proposal.save()
    make_exception(status="granted", freeze=feature_freeze, proposals=[proposal])
    told = verdict("54464", at=NOON).as_json()
    assert json.loads(json.dumps(told)) == told


# --- The price ------------------------------------------------------------------------------------

QUERIES = {
    "no freeze": ("54464", EARLY, 2),
    "not blocked": ("64464", NOON, 2),
    "an exception stands": ("54464", NOON, 3),
    "no exception": ("74464", NOON, 3),
    "by address": (PROPOSAL["url"], NOON, 3),
    "one of several of its name": ("volumes-api", NOON, 3),
    "unknown": ("nope", NOON, 3),
    "unknown exception": ("FFE-999999", NOON, 3),
}


@pytest.mark.parametrize("exceptions", [1, 50])
def test_an_answer_costs_the_same_for_one_exception_and_for_fifty(
    exceptions, feature_freeze, proposal, django_assert_num_queries
):
    release = proposal.release
    make_proposal(release=release, key="64464", change_kind="docs")
    make_proposal(release=release, key="74464", change_kind="feature")
    for number in range(20):
        make_proposal(release=release, branch=f"~p{number}/nova/volumes-api")
    first = make_exception(status="granted", freeze=feature_freeze, proposals=[proposal])
    asked = {"freeze": feature_freeze, "project": proposal.project, "by": first.requester}
    for _ in range(exceptions - 1):
        make_exception(**asked)
    cases = QUERIES | {"by exception": (first.reference, NOON, 3)}
    for reference, at, queries in cases.values():
        with django_assert_num_queries(queries):
            verdict(reference, at=at).as_json()
    assert ExceptionRequest.objects.count() == exceptions


@pytest.mark.parametrize("ships_at", [utc(2011, 4, 15), utc(2011, 3, 25), None], ids=str)
def test_an_answer_for_a_proposal_of_no_release_costs_four(
    ships_at, cactus, feature_freeze, django_assert_num_queries
):
    """Whether the release that it then means is to ship, has shipped, or has no date."""
    if ships_at:
        make_milestone(release=cactus, kind="release", at=ships_at)
    stray = make_proposal(change_kind="feature")
    with django_assert_num_queries(4):
        told = verdict(stray.key, at=NOON)
    assert (told.release, told.code.value) == (cactus, "exception_missing")


def test_of_an_unknown_reference_and_a_release_that_is_named_two_queries(
    cactus, django_assert_num_queries
):
    with django_assert_num_queries(2):
        verdict("nope", at=NOON, release=cactus)


def test_looking_changes_nothing(feature_freeze, proposal):
    exception = make_exception(status="granted", freeze=feature_freeze, proposals=[proposal])
    verdict("54464", at=utc(2012, 1, 1))
    fresh = ExceptionRequest.objects.get(pk=exception.pk)
    assert (fresh.status, fresh.ledger_length) == ("granted", 2)
