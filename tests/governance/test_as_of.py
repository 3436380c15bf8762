"""How an exception stood at a past instant is what was stored at that instant, for good."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.gate import verdict
from governance.models import ExceptionRequest, State, Until
from governance.refusals import Refused
from releases.models import InvalidMove
from tests.factories import make_exception, make_manager, make_milestone, utc
from tests.governance.steps import decide

pytestmark = pytest.mark.django_db

ASKED = utc(2011, 3, 25)
HOUR = timedelta(hours=1)
VERBS = "grant deny defer extend refuse-extension revoke withdraw land revert reopen expire".split()

OFTEN = ["extend", "extend", "expire", "expire", "move", "move", "move", "move"]

steps = st.tuples(
    st.sampled_from(VERBS + OFTEN),
    st.integers(min_value=1, max_value=24),  # hours after the step before
    st.integers(min_value=-30, max_value=30).filter(bool),  # hours from then to a deadline
    st.booleans(),  # whether a deadline is bound to the milestone
)
beginnings = st.sampled_from(
    [[], [("grant", 1, 30, False)], [("grant", 1, 30, True)], [("deny", 1, 1, False)]]
)


def how_it_stands(exception, at):
    """Status and instant, from what is stored now and the clock."""
    stored = ExceptionRequest.objects.get(pk=exception.pk)
    return (stored.status_at(at), stored.until.instant)


def as_of(exception, at):
    state = exception.as_of(at)
    return (state.status, state.until.instant)


def by_the_gate(proposal, at):
    found = verdict(proposal.key, at=at).found
    return (found.status, found.expires_at)


def take(step, exception, milestone, *, by, at):
    """One step, refused or not."""
    verb, _, ahead, bound = step
    there = at + ahead * HOUR
    try:
        if verb == "move":
            milestone.move(to=there, by=by, at=at, why="The plan has changed.")
        elif verb in {"grant", "extend"}:
            milestone.refresh_from_db()
            decide(exception, verb, by=by, at=at, expires=milestone if bound else there)
        else:
            decide(exception, verb, by=by, at=at)
    except (Refused, InvalidMove):
        pass


@settings(max_examples=10, deadline=None)  # in each round; a slow machine is no finding
@given(taken=st.builds(list.__add__, beginnings, st.lists(steps, min_size=3, max_size=6)))
def test_the_past_stays_as_it_was_stored(taken):
    with transaction.atomic():
        manager = make_manager()
        exception = make_exception(at=ASKED)
        proposal = exception.proposals.get()
        milestone = make_milestone(release=exception.release, at=utc(2011, 3, 28))
        at, history, decided_at = ASKED, {ASKED: how_it_stands(exception, ASKED)}, []
        for step in taken:
            later = at + step[1] * HOUR
            between = at + (later - at) / 2
            history[between] = how_it_stands(exception, between)
            at = later
            take(step, exception, milestone, by=manager, at=at)
            decided_at.append(at)
            history[at] = how_it_stands(exception, at)
        assert {at: as_of(exception, at) for at in history} == history
        assert [by_the_gate(proposal, at) for at in decided_at] == [
            history[at] for at in decided_at
        ]
        transaction.set_rollback(True)


def test_before_it_was_asked_for_it_was_not():
    exception = make_exception(at=ASKED)
    just_before = ASKED - timedelta(microseconds=1)
    assert exception.as_of(just_before) is None
    assert exception.as_of(ASKED) == State("requested", Until())


def test_each_instant_of_a_life_is_told():
    exception, manager = make_exception(status="granted", expires=utc(2011, 3, 30, 10)), None
    manager = make_manager()
    decide(exception, "extend", by=manager, at=utc(2011, 3, 31), expires=utc(2011, 4, 2))
    decide(exception, "land", by=manager, at=utc(2011, 4, 1))
    first, second = Until(at=utc(2011, 3, 30, 10)), Until(at=utc(2011, 4, 2))
    expected = {
        utc(2011, 3, 25): State("requested", Until()),
        utc(2011, 3, 25, 23, 59): State("requested", Until()),
        utc(2011, 3, 26): State("granted", first),
        utc(2011, 3, 30, 9, 59, 59): State("granted", first),
        utc(2011, 3, 30, 10): State("expired", first),
        utc(2011, 3, 30, 23, 59): State("expired", first),
        utc(2011, 3, 31): State("granted", second),
        utc(2011, 4, 1): State("landed", second),
        utc(2021, 4, 1): State("landed", second),
    }
    assert {at: exception.as_of(at) for at in expected} == expected


def test_a_milestone_that_moved_later_is_where_it_was_planned_then():
    milestone, manager = make_milestone(at=utc(2011, 4, 5)), make_manager()
    exception = make_exception(status="granted", release=milestone.release, expires=milestone)
    milestone.move(to=utc(2011, 4, 7), by=manager, at=utc(2011, 4, 1), why="Later.")
    milestone.move(to=utc(2011, 4, 9), by=manager, at=utc(2011, 4, 3), why="Later still.")
    planned = {
        at: exception.as_of(at)
        for at in (utc(2011, 3, 27), utc(2011, 4, 1), utc(2011, 4, 2), utc(2011, 4, 3))
    }
    assert planned == {
        utc(2011, 3, 27): State("granted", Until(at=utc(2011, 4, 5))),
        utc(2011, 4, 1): State("granted", Until(at=utc(2011, 4, 7))),
        utc(2011, 4, 2): State("granted", Until(at=utc(2011, 4, 7))),
        utc(2011, 4, 3): State("granted", Until(at=utc(2011, 4, 9))),
    }


def test_a_milestone_that_moved_into_the_past_does_not_change_what_was():
    """On 30 March it stood, as planned then; the move of 1 April ended it on 1 April."""
    milestone, manager = make_milestone(at=utc(2011, 4, 5)), make_manager()
    exception = make_exception(status="granted", release=milestone.release, expires=milestone)
    march_30 = utc(2011, 3, 30)
    assert exception.as_of(march_30).status == "granted"
    milestone.move(to=utc(2011, 3, 28), by=manager, at=utc(2011, 4, 1), why="Sooner.")
    assert exception.as_of(march_30).status == "granted"
    ExceptionRequest.objects.get(pk=exception.pk).expire(at=utc(2011, 4, 2))
    assert exception.as_of(march_30).status == "granted"
