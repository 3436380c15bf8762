"""Each verb from each status: where it leads, what it records, and what it leaves alone."""

from functools import partial

import pytest

from governance.lifecycle import Status, Verb, possible
from governance.models import ExceptionRequest
from governance.refusals import InvalidTransition, NotAllowed
from tests.factories import (
    make_exception,
    make_manager,
    make_milestone,
    make_person,
    utc,
)
from tests.governance.steps import (
    NEW_DEADLINE,
    NOON,
    decide,
    everything_stored,
    ledger,
    refusal,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

_ROWS = """
                 requested granted   denied    deferred withdrawn landed   expired  revoked reverted
grant            granted   -         -         -        -         -        -        -       -
deny             denied    -         -         -        -         -        -        -       -
defer            deferred  deferred  -         -        -         -        deferred -       -
extend           -         granted   -         -        -         -        granted  -       -
refuse-extension -         granted   -         -        -         -        expired  -       -
revoke           -         revoked   -         -        -         -        -        -       -
withdraw         withdrawn withdrawn -         -        -         -        -        -       -
land             -         landed    -         -        -         -        -        -       -
revert           -         -         -         -        -         reverted -        -       -
reopen           -         -         requested -        -         -        -        -       -
"""
STATUSES, *_LINES = (line.split() for line in _ROWS.strip().splitlines())
STEPS = {
    (verb, before): after
    for verb, *afters in _LINES
    for before, after in zip(STATUSES, afters, strict=True)
}
POSSIBLE = {pair: after for pair, after in STEPS.items() if after != "-"}
IMPOSSIBLE = [pair for pair, after in STEPS.items() if after == "-"]

MARCH_30, MARCH_28 = utc(2011, 3, 30, 10), utc(2011, 3, 28)
DEADLINE_OF = {"granted": MARCH_30, "landed": MARCH_30, "revoked": MARCH_30, "reverted": MARCH_30}
DEADLINE_OF["expired"] = MARCH_28
SAID = {
    "rationale": "Low risk, and half of it is in.",
    "quote": "ttx: let's do it",
    "source_url": "https://meetings.example.org/2011-03-29/#l-132",
}


def make_exception_that_is(status):
    return make_exception(status=status, expires=DEADLINE_OF.get(status, MARCH_30))


def stored(exception):
    return ExceptionRequest.objects.get(pk=exception.pk)


def test_the_table_names_every_verb_and_every_status():
    people_use = set(Verb.values) - {"request", "expire"}
    assert (set(STATUSES), {verb for verb, _ in STEPS}) == (set(Status.values), people_use)


@pytest.mark.parametrize(("verb", "before"), POSSIBLE)
def test_a_verb_leads_from_status_to_status_and_writes_one_decision(verb, before):
    exception, manager = make_exception_that_is(before), make_manager()
    length, head = exception.ledger_length, exception.ledger_head
    old = everything_stored()["Decision"]
    deadline = DEADLINE_OF.get(before)
    new_deadline = NEW_DEADLINE if verb in {"grant", "extend"} else deadline

    decision = decide(exception, verb, by=manager, **SAID)

    fresh = stored(exception)
    assert (fresh.status, fresh.expires_at, fresh.expires_with) == (
        POSSIBLE[verb, before],
        new_deadline,
        None,
    )
    *kept, row = everything_stored()["Decision"]
    assert kept == old
    assert row == {
        "id": decision.pk,
        "exception_id": exception.pk,
        "sequence": length + 1,
        "verb": verb,
        "by_id": manager.pk,
        "at": NOON,
        "previous_status": before,
        "new_status": POSSIBLE[verb, before],
        "previous_expires_at": deadline,
        "new_expires_at": new_deadline,
        "previous_expires_with_id": None,
        "new_expires_with_id": None,
        "deadline_words": "",
        "deadline_zone": "",
        "deadline_reading": None,
        "over_budget": "",
        "previous_hash": head,
        "hash": fresh.ledger_head,
        **SAID,
    }


@pytest.mark.parametrize("status", STATUSES)
def test_a_verb_from_any_other_status_is_refused_in_words_and_changes_nothing(status):
    exception, manager = make_exception_that_is(status), make_manager()
    for verb in [verb for verb, before in IMPOSSIBLE if before == status]:
        refused = refusal(partial(decide, exception, verb, by=manager))
        assert type(refused) is InvalidTransition
        words = verb.replace("-", " ")
        start = f"{exception.reference} is {Status(status).label}; “{words}” is for one that is"
        assert str(refused).startswith(start)
        assert exception.status == status


@pytest.mark.parametrize("status", STATUSES)
def test_the_verbs_offered_are_those_of_the_table(status):
    assert sorted(possible(status)) == sorted(verb for verb, before in POSSIBLE if before == status)


def test_a_request_is_the_first_decision():
    exception = make_exception(source_url="/meetings/x/#l-3", quote="jun: please")
    (row,) = exception.decisions.values()
    (request,) = exception.decisions.all()
    assert row | {"id": 0, "hash": ""} == {
        "id": 0,
        "exception_id": exception.pk,
        "sequence": 1,
        "verb": "request",
        "by_id": exception.requester_id,
        "at": utc(2011, 3, 25),
        "previous_status": "",
        "new_status": "requested",
        "previous_expires_at": None,
        "new_expires_at": None,
        "previous_expires_with_id": None,
        "new_expires_with_id": None,
        "deadline_words": "",
        "deadline_zone": "",
        "deadline_reading": None,
        "rationale": "Users wait for it.",
        "over_budget": "",
        "quote": "jun: please",
        "source_url": "/meetings/x/#l-3",
        "previous_hash": "",
        "hash": "",
    }
    assert request.hash == exception.ledger_head


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "granted"])
def test_time_ends_only_what_was_granted(status):
    exception = make_exception_that_is(status)
    before = everything_stored()
    assert exception.expire(at=utc(2011, 5, 1)) is None
    assert everything_stored() == before


def test_an_expiry_is_entered_once_by_nobody_at_the_deadline():
    exception = make_exception(status="granted")
    assert exception.expire(at=utc(2011, 3, 30, 9, 59)) is None
    entered = exception.expire(at=utc(2011, 4, 1))
    assert (entered.by, entered.at, entered.rationale) == (None, MARCH_30, "Its deadline passed.")
    before = everything_stored()
    assert ExceptionRequest.objects.get(pk=exception.pk).expire(at=utc(2011, 4, 2)) is None
    assert everything_stored() == before


@pytest.mark.parametrize(
    ("verb", "after"),
    [("extend", "granted"), ("refuse-extension", "expired"), ("defer", "deferred")],
)
def test_a_verb_on_a_lapsed_exception_enters_its_expiry_first(verb, after):
    exception, manager = make_exception(status="granted"), make_manager()
    late = utc(2011, 4, 1)
    decide(exception, verb, by=manager, at=late)
    columns = ["verb", "by", "at", "previous_status", "new_status"]
    assert list(exception.decisions.order_by("sequence").values_list(*columns))[2:] == [
        ("expire", None, MARCH_30, "granted", "expired"),
        (verb, manager.pk, late, "expired", after),
    ]


@pytest.mark.parametrize("verb", ["revoke", "withdraw", "land"])
def test_a_lapsed_exception_is_treated_as_expired_and_a_refusal_enters_nothing(verb):
    exception, manager = make_exception(status="granted"), make_manager()
    refused = refusal(lambda: decide(exception, verb, by=manager, at=MARCH_30))
    assert type(refused) is InvalidTransition
    assert f"{exception.reference} is expired" in str(refused)


def test_a_late_extension_brings_an_expired_one_back():
    exception = make_exception_that_is("expired")
    assert not exception.stands(NOON)
    decide(exception, "extend", by=make_manager())
    assert stored(exception).stands(NOON)
    assert ledger(exception)[2:] == [("expire", "expired"), ("extend", "granted")]


def test_a_reopened_exception_is_decided_as_if_new():
    exception, manager = make_exception_that_is("denied"), make_manager()
    decide(exception, "reopen", by=manager)
    assert (stored(exception).status, stored(exception).until.instant) == ("requested", None)
    decide(exception, "grant", by=manager)
    assert stored(exception).stands(NOON)


def test_what_a_refusal_finds_is_left_alone_in_the_object_too():
    """A page that shows the refusal shows the exception beside it, from the same object."""
    lapsed = make_exception(status="granted")
    refusal(lambda: decide(lapsed, "revoke", by=make_person(), at=utc(2011, 4, 1)))
    held = (lapsed.status, lapsed.ledger_length, lapsed.ledger_head)
    fresh = stored(lapsed)
    assert held == (fresh.status, fresh.ledger_length, fresh.ledger_head)


def test_a_verb_starts_from_what_is_stored_not_from_the_copy_at_hand():
    exception, manager = make_exception(), make_manager()
    stale = stored(exception)
    stale.title, stale.status = "Changed by hand", "landed"
    decide(exception, "deny", by=manager)
    assert type(refusal(lambda: decide(stale, "grant", by=manager))) is InvalidTransition
    decide(stale, "reopen", by=manager)
    assert (stored(exception).status, stored(exception).title) == (
        "requested",
        "Volumes in the API",
    )


def test_a_person_without_the_right_is_told_that_first():
    exception = make_exception_that_is("landed")
    refused = refusal(lambda: decide(exception, "grant", by=make_person(name="Jun")))
    assert type(refused) is NotAllowed


def test_a_decision_cannot_come_before_the_last_one():
    exception, manager = make_exception(status="granted"), make_manager()
    refused = refusal(
        lambda: decide(exception, "revoke", by=manager, at=utc(2011, 3, 25, 23, 59, 59))
    )
    assert type(refused) is InvalidTransition
    assert str(refused) == (
        f"{exception.reference} was last decided on at 2011-03-26 00:00:00 UTC; a decision cannot"
        " come before that."
    )


def test_two_decisions_may_be_of_the_same_instant():
    exception, manager = make_exception(), make_manager()
    decide(exception, "deny", by=manager)
    decide(exception, "reopen", by=manager)
    assert ledger(exception) == [
        ("request", "requested"),
        ("deny", "denied"),
        ("reopen", "requested"),
    ]


def test_a_grant_until_a_milestone_records_the_milestone():
    exception, manager = make_exception(), make_manager()
    gamma = make_milestone(release=exception.release, at=utc(2011, 4, 7))
    decision = decide(exception, "grant", by=manager, expires=gamma)
    fresh = stored(exception)
    assert (fresh.expires_at, fresh.expires_with) == (None, gamma)
    assert (decision.new_expires_at, decision.new_expires_with) == (None, gamma)
