"""Until when: exclusive to the microsecond, bound to milestones, and never nonsense."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from governance.models import ExceptionRequest, Until
from governance.refusals import InvalidInput
from tests.factories import (
    make_exception,
    make_manager,
    make_milestone,
    make_person,
    utc,
)
from tests.governance.steps import NOON, decide, ledger, refusal

pytestmark = [pytest.mark.once, pytest.mark.django_db]

DEADLINE = utc(2011, 3, 30, 10)
JUST_BEFORE = DEADLINE - timedelta(microseconds=1)
APRIL_7, APRIL_9 = utc(2011, 4, 7), utc(2011, 4, 9)


def stored(exception):
    return ExceptionRequest.objects.get(pk=exception.pk)


def bound_exception(milestone, **fields):
    fields = {"release": milestone.release, "status": "granted"} | fields
    return make_exception(expires=milestone, **fields)


def test_an_exception_stands_until_the_deadline_and_not_at_it():
    exception = make_exception(status="granted", expires=DEADLINE)
    standing = {at: exception.stands(at) for at in (JUST_BEFORE, DEADLINE)}
    assert standing == {JUST_BEFORE: True, DEADLINE: False}
    assert exception.status_at(DEADLINE) == "expired"
    objects = ExceptionRequest.objects
    assert [objects.standing(at).count() for at in standing] == [1, 0]
    assert [objects.lapsed(at).count() for at in standing] == [0, 1]


@pytest.mark.parametrize(("at", "lands"), [(JUST_BEFORE, True), (DEADLINE, False)])
def test_it_can_be_used_until_the_deadline_and_not_at_it(at, lands):
    exception, manager = make_exception(status="granted", expires=DEADLINE), make_manager()
    land = partial(decide, exception, "land", by=manager, at=at)
    if lands:
        land()
        assert stored(exception).status == "landed"
    else:
        refusal(land)


def test_a_deadline_is_an_instant_whatever_the_zone_in_which_it_is_given():
    exception, manager = make_exception(), make_manager()
    hawaii = DEADLINE.astimezone(ZoneInfo("Pacific/Honolulu"))
    decide(exception, "grant", by=manager, expires=hawaii)
    assert stored(exception).expires_at == DEADLINE
    assert not stored(exception).stands(hawaii)
    assert stored(exception).stands(JUST_BEFORE.astimezone(ZoneInfo("Asia/Tokyo")))


def test_those_expiring_soon_are_within_the_span_up_to_its_end():
    exception = make_exception(status="granted", expires=DEADLINE)
    spans = {hours: timedelta(hours=hours) for hours in (1, 2, 3)}
    at = DEADLINE - spans[2]
    expiring = [
        ExceptionRequest.objects.expiring(within=span, at=at).count() for span in spans.values()
    ]
    assert expiring == [0, 1, 1]
    assert list(ExceptionRequest.objects.first_to_end_first()) == [exception]


def test_a_deadline_bound_to_a_milestone_moves_with_it_and_nothing_else_moves():
    gamma = make_milestone(at=APRIL_7)
    other = make_milestone(release=gamma.release, at=APRIL_7)
    bound, to_other = bound_exception(gamma), bound_exception(other)
    fixed = make_exception(release=gamma.release, status="granted", expires=APRIL_7)
    everywhere = (bound, to_other, fixed)
    ledgers = [ledger(exception) for exception in everywhere]

    gamma.move(to=APRIL_9, by=make_person(), at=NOON, why="Two days more.")

    instants = [stored(exception).until.instant for exception in everywhere]
    assert instants == [APRIL_9, APRIL_7, APRIL_7]
    between = utc(2011, 4, 8)
    assert list(ExceptionRequest.objects.standing(between)) == [bound]
    assert [stored(exception).stands(between) for exception in everywhere] == [True, False, False]
    assert [ledger(exception) for exception in everywhere] == ledgers


def test_a_milestone_that_moves_closer_ends_what_is_bound_to_it_sooner():
    gamma = make_milestone(at=APRIL_9)
    exception = bound_exception(gamma)
    gamma.move(to=APRIL_7, by=make_person(), at=NOON, why="Sooner.")
    assert not stored(exception).stands(APRIL_7)
    assert stored(exception).expire(at=APRIL_9).at == APRIL_7


@pytest.mark.parametrize("verb", ["grant", "extend"])
@pytest.mark.parametrize("nothing", [None, Until(), Until(words="soon", zone="UTC")], ids=repr)
def test_an_exception_without_a_deadline_is_refused(verb, nothing):
    exception = make_exception(status="granted" if verb == "extend" else "requested")
    manager = make_manager()
    refused = refusal(lambda: decide(exception, verb, by=manager, expires=nothing))
    assert (type(refused), refused.field, str(refused)) == (
        InvalidInput,
        "expires",
        "Say until when: an exception without a deadline is never reviewed again.",
    )


UNFIT = {
    "the instant of the decision": (NOON, "2011-03-29 12:00 UTC is past already."),
    "the past": (utc(2011, 3, 28), "2011-03-28 00:00 UTC is past already."),
    "before the request": (utc(2011, 3, 20), "2011-03-20 00:00 UTC is past already."),
}


@pytest.mark.parametrize("verb", ["grant", "extend"])
@pytest.mark.parametrize("when", UNFIT)
def test_a_deadline_in_the_past_is_refused(verb, when):
    exception = make_exception(status="granted" if verb == "extend" else "requested")
    instant, words = UNFIT[when]
    manager = make_manager()
    refused = refusal(lambda: decide(exception, verb, by=manager, expires=instant))
    assert (type(refused), refused.field, str(refused)) == (InvalidInput, "expires", words)


def test_a_milestone_of_another_release_is_refused_as_a_deadline():
    exception, manager = make_exception(), make_manager()
    elsewhere = make_milestone(name="GammaFreeze")
    refused = refusal(lambda: decide(exception, "grant", by=manager, expires=elsewhere))
    assert (refused.field, str(refused)) == (
        "expires",
        f"{elsewhere} is a milestone of another release.",
    )


def test_a_deadline_is_checked_against_where_the_milestone_now_is():
    exception, manager = make_exception(), make_manager()
    gamma = make_milestone(release=exception.release, at=APRIL_7)
    stale = type(gamma).objects.get(pk=gamma.pk)
    gamma.move(to=utc(2011, 3, 26), by=manager, at=utc(2011, 3, 25), why="Much sooner.")
    refused = refusal(lambda: decide(exception, "grant", by=manager, expires=stale))
    assert refused.field == "expires"


@pytest.mark.parametrize(
    "sooner", [DEADLINE, JUST_BEFORE, utc(2011, 3, 29, 13)], ids=["same", "before", "tomorrow"]
)
def test_an_extension_to_no_later_than_the_present_deadline_is_refused(sooner):
    exception, manager = make_exception(status="granted", expires=DEADLINE), make_manager()
    refused = refusal(lambda: decide(exception, "extend", by=manager, expires=sooner))
    assert refused.field == "expires"
    assert str(refused) == (
        f"{sooner:%Y-%m-%d %H:%M} UTC is no later than the present deadline, 2011-03-30 10:00 UTC."
        " To end it sooner, revoke it."
    )


def test_an_extension_goes_from_an_instant_to_a_milestone_and_back():
    exception, manager = make_exception(status="granted", expires=DEADLINE), make_manager()
    gamma = make_milestone(release=exception.release, at=APRIL_7)
    decide(exception, "extend", by=manager, expires=gamma)
    assert stored(exception).until == Until(milestone=gamma)
    refusal(lambda: decide(exception, "extend", by=manager, expires=gamma))
    decide(exception, "extend", by=manager, expires=APRIL_9)
    assert stored(exception).until == Until(at=APRIL_9)


def test_how_a_deadline_was_said_goes_on_record_with_it():
    exception, manager = make_exception(), make_manager()
    said = Until(at=DEADLINE, words="EOD Wednesday", zone="Pacific/Honolulu")
    decision = decide(exception, "grant", by=manager, expires=said)
    assert (stored(exception).until, decision.until) == (said, said)
    decide(exception, "extend", by=manager)
    assert stored(exception).until == Until(at=utc(2011, 4, 2))


def test_the_words_of_a_deadline_are_the_same_in_the_record_and_in_its_ledger():
    exception, manager = make_exception(), make_manager()
    said = Until(at=DEADLINE, words="  EOD Wednesday\n")
    decision = decide(exception, "grant", by=manager, expires=said)
    assert stored(exception).deadline_words == decision.deadline_words == "EOD Wednesday"


def test_a_deadline_that_names_an_instant_and_a_milestone_is_refused_in_words():
    exception, manager = make_exception(), make_manager()
    both = Until(at=DEADLINE, milestone=make_milestone(release=exception.release, at=APRIL_7))
    assert refusal(lambda: decide(exception, "grant", by=manager, expires=both)).field == "expires"


@pytest.mark.parametrize("zone", ["Hawaii time", "UTC\u202e", "x" * 65])
def test_a_zone_that_is_none_is_refused_in_words(zone):
    exception, manager = make_exception(), make_manager()
    said = Until(at=DEADLINE, words="EOD", zone=zone)
    assert refusal(lambda: decide(exception, "grant", by=manager, expires=said)).field == "expires"


def test_a_deadline_reads_as_words():
    gamma = make_milestone(name="GammaFreeze", at=APRIL_7)
    assert [str(Until()), str(Until(at=DEADLINE)), str(Until(milestone=gamma))] == [
        "no deadline",
        "2011-03-30 10:00 UTC",
        "2011-04-07 00:00 UTC, with GammaFreeze",
    ]
    assert [bool(Until(words="soon")), bool(Until(at=DEADLINE))] == [False, True]
