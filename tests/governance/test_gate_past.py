"""Of a past instant the gate tells what was known then, whatever was decided since."""

import pytest

from governance.gate import verdict
from governance.models import ExceptionRequest
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_milestone,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import decide

pytestmark = pytest.mark.django_db

MARCH_24, MARCH_26, MARCH_27 = utc(2011, 3, 24), utc(2011, 3, 26), utc(2011, 3, 27)


@pytest.fixture
def manager():
    return make_manager(name="Thea")


@pytest.fixture
def cactus():
    return make_release(name="Cactus")


@pytest.fixture
def feature_freeze(cactus):
    return make_freeze(release=cactus, name="FeatureFreeze", at=MARCH_24)


@pytest.fixture
def proposal(cactus, feature_freeze):
    return make_proposal(release=cactus, change_kind="feature")


def codes(proposal, *instants):
    return [verdict(proposal.key, at=at).code.value for at in instants]


def test_what_was_decided_later_was_not_known(feature_freeze, proposal, manager):
    exception = make_exception(freeze=feature_freeze, proposals=[proposal])
    decide(exception, "deny", by=manager, at=MARCH_26)
    decide(exception, "reopen", by=manager, at=MARCH_27)
    decide(exception, "grant", by=manager, at=utc(2011, 3, 28), expires=utc(2011, 3, 30))
    decide(exception, "extend", by=manager, at=utc(2011, 3, 31), expires=utc(2011, 4, 2))
    decide(exception, "land", by=manager, at=utc(2011, 4, 1))
    days = [utc(2011, 3, day) for day in range(24, 32)] + [utc(2011, 4, 1), utc(2012, 1, 1)]
    assert [code.removeprefix("exception_") for code in codes(proposal, *days)] == [
        "missing",
        "undecided",
        "denied",
        "undecided",
        "stands",
        "stands",
        "expired",
        "stands",
        "expired",
        "expired",
    ]


def test_a_decision_is_known_from_its_very_instant(feature_freeze, proposal, manager):
    make_exception(status="granted", freeze=feature_freeze, proposals=[proposal], manager=manager)
    at = utc(2011, 3, 25, 23, 59, 59, 999999)
    assert codes(proposal, at, MARCH_26) == ["exception_undecided", "exception_stands"]


def test_the_sentence_is_the_one_that_was_told_then(feature_freeze, proposal, manager):
    exception = make_exception(
        status="granted", freeze=feature_freeze, proposals=[proposal], manager=manager
    )
    before = verdict(proposal.key, at=MARCH_27)
    assert before.reason.endswith("granted by Thea, Sat 26 March 2011 00:00 UTC.")
    decide(exception, "extend", by=manager, at=utc(2011, 3, 28), source_url="/meetings/y/")
    assert verdict(proposal.key, at=MARCH_27).as_json() == before.as_json()


def test_a_freeze_that_moved_later_was_in_force_until_the_move(feature_freeze, proposal, manager):
    feature_freeze.move(to=utc(2011, 3, 31), by=manager, at=MARCH_26, why="A week more.")
    instants = (utc(2011, 3, 23), MARCH_24, utc(2011, 3, 25), MARCH_26, utc(2011, 3, 31))
    assert codes(proposal, *instants) == [
        "no_freeze",
        "exception_missing",
        "exception_missing",
        "no_freeze",
        "exception_missing",
    ]
    assert verdict(proposal.key, at=MARCH_24).as_json()["freezes"] == [
        {"name": "FeatureFreeze", "at": "2011-03-24T00:00:00Z"}
    ]


def test_a_freeze_that_moved_sooner_is_in_force_from_the_move_on(feature_freeze, proposal, manager):
    feature_freeze.move(to=utc(2011, 3, 18), by=manager, at=utc(2011, 3, 20), why="Sooner.")
    instants = (utc(2011, 3, 17), utc(2011, 3, 19), utc(2011, 3, 20))
    assert codes(proposal, *instants) == ["no_freeze", "no_freeze", "exception_missing"]


def test_an_exception_was_from_its_freeze_also_before_that_moved_sooner(
    feature_freeze, proposal, manager
):
    make_exception(status="granted", freeze=feature_freeze, proposals=[proposal])
    assert codes(proposal, MARCH_27) == ["exception_stands"]
    feature_freeze.move(to=utc(2011, 3, 22), by=manager, at=utc(2011, 3, 28), why="Two days less.")
    assert codes(proposal, MARCH_27) == ["exception_stands"]


def test_an_exception_from_an_earlier_freeze_did_not_cover_a_later_one_before_it_moved(
    cactus, feature_freeze, proposal, manager
):
    make_freeze(release=cactus, name="GammaFreeze", at=MARCH_27)
    make_exception(
        status="granted", freeze=feature_freeze, proposals=[proposal], expires=utc(2011, 5, 1)
    )
    at = utc(2011, 3, 28)
    assert codes(proposal, at) == ["exception_missing"]
    feature_freeze.move(to=utc(2011, 4, 5), by=manager, at=utc(2011, 4, 1), why="Much later.")
    assert codes(proposal, at) == ["exception_missing"]


def test_a_deadline_bound_to_a_milestone_was_where_it_was_planned_then(
    cactus, feature_freeze, proposal, manager
):
    beta = make_milestone(release=cactus, at=utc(2011, 3, 30))
    make_exception(status="granted", freeze=feature_freeze, proposals=[proposal], expires=beta)
    beta.move(to=utc(2011, 4, 5), by=manager, at=utc(2011, 3, 28), why="Later.")
    beta.move(to=utc(2011, 4, 7), by=manager, at=utc(2011, 4, 6), why="Later again, too late.")
    told = {
        at: (answer.code.removeprefix("exception_"), answer.as_json()["exception"]["expires_at"])
        for at in (MARCH_27, utc(2011, 3, 28), utc(2011, 4, 5), utc(2011, 4, 6), utc(2011, 4, 7))
        if (answer := verdict(proposal.key, at=at))
    }
    assert list(told.values()) == [
        ("stands", "2011-03-30T00:00:00Z"),
        ("stands", "2011-04-05T00:00:00Z"),
        ("expired", "2011-04-05T00:00:00Z"),
        ("stands", "2011-04-07T00:00:00Z"),
        ("expired", "2011-04-07T00:00:00Z"),
    ]


def test_what_stood_before_its_milestone_moved_into_the_past_stood(
    cactus, feature_freeze, proposal, manager
):
    beta = make_milestone(release=cactus, at=utc(2011, 4, 5))
    exception = make_exception(
        status="granted", freeze=feature_freeze, proposals=[proposal], expires=beta
    )
    beta.move(to=MARCH_27, by=manager, at=utc(2011, 4, 1), why="Sooner.")
    instants = (utc(2011, 3, 28), utc(2011, 4, 1))
    told = codes(proposal, *instants)
    assert told == ["exception_stands", "exception_expired"]
    ExceptionRequest.objects.get(pk=exception.pk).expire(at=utc(2011, 4, 2))
    assert codes(proposal, *instants) == told


def test_a_change_counted_as_what_it_was_before_it_was_reclassified(proposal, manager):
    proposal.reclassify(to="docs", by=manager, at=MARCH_26, why="No code in it.")
    proposal.reclassify(to="feature", by=manager, at=utc(2011, 3, 28), why="Some code in it.")
    assert codes(proposal, utc(2011, 3, 25), MARCH_26, MARCH_27, utc(2011, 3, 28)) == [
        "exception_missing",
        "not_blocked",
        "not_blocked",
        "exception_missing",
    ]


def test_the_answer_shows_the_kind_of_change_that_it_is_about(proposal, manager):
    proposal.reclassify(to="docs", by=manager, at=MARCH_26, why="No code in it.")
    told = [verdict(proposal.key, at=at).as_json() for at in (utc(2011, 3, 25), MARCH_26)]
    assert [one["proposal"]["change_kind"] for one in told] == ["feature", "docs"]


def test_a_condition_confirmed_later_was_not_confirmed(feature_freeze, proposal, manager):
    exception = make_exception(
        status="granted", freeze=feature_freeze, proposals=[proposal], conditions=("review",)
    )
    exception.conditions.get().confirm(by=manager, at=utc(2011, 3, 28))
    told = [verdict(proposal.key, at=at).found.unmet for at in (MARCH_27, utc(2011, 3, 28))]
    assert told == [1, 0]


def test_the_release_of_then_is_the_one_that_was_being_made_then(cactus, feature_freeze):
    """For a proposal of no release: the next to ship by the plan of that day."""
    bexar = make_release(name="Bexar")
    make_milestone(release=cactus, kind="release", at=utc(2011, 4, 15))
    ships = make_milestone(release=bexar, kind="release", at=utc(2011, 3, 26))
    stray = make_proposal()
    instants = (utc(2011, 3, 25), MARCH_27)
    assert [verdict(stray.key, at=at).release for at in instants] == [bexar, cactus]
    ships.move(to=utc(2011, 3, 20), by=make_manager(), at=utc(2011, 4, 1), why="Told wrongly.")
    assert [verdict(stray.key, at=at).release for at in instants] == [bexar, cactus]
