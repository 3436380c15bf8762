"""Freezes nest: which of them blocks, and which exception is from which of them."""

from functools import partial

import pytest

from governance.gate import Code, verdict
from tests.factories import (
    make_exception,
    make_freeze,
    make_member,
    make_milestone,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import refusal

pytestmark = pytest.mark.django_db

MARCH_25, MARCH_29, APRIL_8 = utc(2011, 3, 25), utc(2011, 3, 29), utc(2011, 4, 8)
MAY = utc(2011, 5, 1)


@pytest.fixture
def cactus():
    return make_release(name="Cactus")


@pytest.fixture
def nova():
    return make_project(name="Nova")


@pytest.fixture
def freezes(cactus):
    """Features from 24 March, strings too from 28 March, fixes of bugs too from 8 April."""
    plan = {
        "FeatureFreeze": (utc(2011, 3, 24), ["feature"]),
        "StringFreeze": (utc(2011, 3, 28), ["strings"]),
        "GammaFreeze": (APRIL_8, ["feature", "strings", "bugfix"]),
    }
    return {
        name: make_milestone(release=cactus, name=name, at=at, blocks=blocks)
        for name, (at, blocks) in plan.items()
    }


@pytest.fixture
def change(cactus, nova):
    """A proposal of that kind of change."""
    return lambda kind, **fields: make_proposal(
        **{"release": cactus, "project": nova, "change_kind": kind} | fields
    )


def code(proposal, at):
    return verdict(proposal.key, at=at).code.value


def names(proposal, at):
    return [freeze.name for freeze in verdict(proposal.key, at=at).freezes]


def test_each_kind_of_change_is_blocked_from_its_freeze_on(freezes, change):
    days = (utc(2011, 3, 23), MARCH_25, MARCH_29, APRIL_8)
    found = {
        kind: [code(change(kind), at).removeprefix("exception_") for at in days]
        for kind in ("feature", "strings", "bugfix", "docs")
    }
    assert found == {
        "feature": ["no_freeze", "missing", "missing", "missing"],
        "strings": ["no_freeze", "not_blocked", "missing", "missing"],
        "bugfix": ["no_freeze", "not_blocked", "not_blocked", "missing"],
        "docs": ["no_freeze", "not_blocked", "not_blocked", "not_blocked"],
    }


def test_the_freezes_in_force_are_told_oldest_first(freezes, change):
    feature = change("feature")
    told = {at: names(feature, at) for at in (utc(2011, 3, 23), MARCH_25, MARCH_29, APRIL_8)}
    assert list(told.values()) == [
        [],
        ["FeatureFreeze"],
        ["FeatureFreeze", "StringFreeze"],
        ["FeatureFreeze", "StringFreeze", "GammaFreeze"],
    ]


def test_several_freezes_that_do_not_block_are_all_named(freezes, change):
    assert verdict(change("bugfix").key, at=MARCH_29).reason == (
        "FeatureFreeze and StringFreeze do not block this kind of change (bug fix)."
    )


def test_a_freeze_that_does_not_block_the_kind_asks_for_no_exception_of_its_own(freezes, change):
    feature = change("feature")
    exception = make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=MAY
    )
    told = verdict(feature.key, at=MARCH_29)  # strings are frozen by now, features were before
    assert (told.code, told.found.exception) == (Code.STANDS, exception)


def test_an_exception_from_an_earlier_freeze_ends_where_a_harder_one_begins(freezes, change):
    feature = change("feature")
    exception = make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=MAY
    )
    assert code(feature, utc(2011, 4, 7, 23, 59, 59)) == "exception_stands"
    told = verdict(feature.key, at=APRIL_8)
    assert (told.code, told.found.exception) == (Code.MISSING, exception)
    assert told.reason == (
        "GammaFreeze has blocked this kind of change since Fri 8 April 2011 00:00 UTC;"
        f" {exception.reference} is only from FeatureFreeze. Ask for one from GammaFreeze."
    )


def test_an_exception_from_a_later_freeze_covers_the_earlier_ones(freezes, change):
    feature = change("feature")
    make_exception(
        status="granted", freeze=freezes["GammaFreeze"], proposals=[feature], expires=MAY
    )
    assert [code(feature, at) for at in (MARCH_29, APRIL_8)] == ["exception_stands"] * 2


def test_of_exceptions_from_two_freezes_the_one_from_the_later_counts(freezes, change):
    feature = change("feature")
    make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=MAY
    )
    make_exception(status="denied", freeze=freezes["GammaFreeze"], proposals=[feature])
    assert [code(feature, at) for at in (MARCH_29, APRIL_8)] == [
        "exception_stands",
        "exception_denied",
    ]


def test_freezes_of_the_same_instant_are_one_to_an_exception(cactus, freezes, change):
    twin = make_freeze(release=cactus, at=freezes["FeatureFreeze"].at)
    feature = change("feature")
    make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=MAY
    )
    assert names(feature, MARCH_25)[1] == twin.name
    assert code(feature, MARCH_29) == "exception_stands"


def test_a_project_s_own_freeze_is_for_that_project(cactus, nova, change):
    make_freeze(release=cactus, project=nova, name="NovaFreeze", at=utc(2011, 3, 20))
    swift, stray = change("feature", project=make_project()), change("feature", project=None)
    at = utc(2011, 3, 21)
    assert [code(one, at) for one in (change("feature"), swift, stray)] == [
        "exception_missing",
        "no_freeze",
        "no_freeze",
    ]


def test_a_project_s_own_later_freeze_asks_for_an_exception_from_it(cactus, nova, freezes, change):
    feature = change("feature")
    own = make_freeze(release=cactus, project=nova, name="NovaFreeze", at=utc(2011, 3, 27))
    make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=MAY
    )
    assert [code(feature, at) for at in (utc(2011, 3, 26), MARCH_29)] == [
        "exception_stands",
        "exception_missing",
    ]
    make_exception(status="granted", freeze=own, proposals=[feature], expires=MAY)
    assert code(feature, MARCH_29) == "exception_stands"


def test_an_exception_from_another_project_s_freeze_is_refused(cactus, freezes, change):
    """Else one from a late freeze of Swift would cover Nova through every earlier one."""
    swifts = make_freeze(release=cactus, project=make_project(name="Swift"), at=utc(2011, 4, 20))
    by, feature = make_member("contributor"), change("feature")
    refused = refusal(partial(make_exception, freeze=swifts, proposals=[feature], by=by))
    assert refused.field == "freeze"


def test_a_deadline_bound_to_a_freeze_ends_with_its_beginning(freezes, change):
    feature, gamma = change("feature"), freezes["GammaFreeze"]
    make_exception(
        status="granted", freeze=freezes["FeatureFreeze"], proposals=[feature], expires=gamma
    )
    gamma.move(to=utc(2011, 4, 10), by=make_member("reviewer"), at=MARCH_29, why="Two days.")
    days = (APRIL_8, utc(2011, 4, 9, 23, 59, 59), utc(2011, 4, 10))
    assert [code(feature, at) for at in days] == [
        "exception_stands",
        "exception_stands",
        "exception_missing",
    ]
