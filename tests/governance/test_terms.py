"""What goes with a grant: conditions that people confirm, and budgets that need a reason."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from governance.models import Condition, ExceptionRequest
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from tests.factories import (
    make_budget,
    make_exception,
    make_manager,
    make_member,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NOON, decide, refusal

pytestmark = pytest.mark.django_db

# --- Conditions -----------------------------------------------------------------------------------


def conditions(exception):
    return list(exception.conditions.values_list("text", "met_by__name", "met_at"))


def test_a_grant_writes_its_conditions_in_order_and_leaves_out_empty_ones():
    exception, manager = make_exception(), make_manager()
    asked = ["nova-core review", "  ", "tested on Xen\n"]
    decide(exception, "grant", by=manager, conditions=asked)
    assert conditions(exception) == [
        ("nova-core review", None, None),
        ("tested on Xen", None, None),
    ]


def test_a_condition_is_confirmed_by_name_and_the_others_are_not():
    exception = make_exception(status="granted", conditions=("review", "test"))
    reviewer = make_member("reviewer", name="Ondine")
    exception.conditions.first().confirm(by=reviewer, at=NOON)
    assert conditions(exception) == [("review", "Ondine", NOON), ("test", None, None)]


def test_a_condition_is_confirmed_once():
    exception = make_exception(status="granted", conditions=("review",))
    first, second = make_member("reviewer", name="Ondine"), make_manager(name="Thea")
    stale = exception.conditions.get()
    exception.conditions.get().confirm(by=first, at=NOON)
    refused = refusal(lambda: stale.confirm(by=second, at=NOON))
    assert type(refused) is InvalidTransition
    assert str(refused) == "Ondine has confirmed this already."


def test_the_wrong_person_does_not_confirm_a_condition():
    exception = make_exception(status="granted", conditions=("review",))
    stranger = make_member("reviewer", make_project(), name="Jun")
    for person in (exception.requester, stranger):
        refused = refusal(partial(exception.conditions.get().confirm, by=person, at=NOON))
        assert type(refused) is NotAllowed
        assert str(refused) == f"{person} may not confirm conditions of {exception.reference}."


def test_a_condition_is_met_by_somebody_at_some_time_or_not_at_all():
    exception = make_exception(status="granted", conditions=("review",))
    for half in ({"met_by": exception.requester}, {"met_at": NOON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Condition.objects.update(**half)


# --- Budgets --------------------------------------------------------------------------------------

APRIL_2, APRIL_3 = utc(2011, 4, 2), utc(2011, 4, 3)
REASON = "The release needs it."


@pytest.fixture
def budget():
    """One for Nova in Cactus."""
    return make_budget(release=make_release(name="Cactus"), project=make_project(name="Nova"))


@pytest.fixture
def manager():
    return make_manager()


def exception_of(budget, of=None, **fields):
    """An exception for one proposal of the budget's project, or of another."""
    proposal = make_proposal(release=budget.release, project=of or budget.project)
    defaults = {"release": budget.release, "proposals": [proposal], "expires": APRIL_2}
    return make_exception(**defaults | fields)


def test_a_grant_beyond_the_budget_is_refused_without_a_reason(budget, manager):
    exception_of(budget, status="granted")
    exception = exception_of(budget)
    refused = refusal(lambda: decide(exception, "grant", by=manager))
    assert (type(refused), refused.field, str(refused)) == (
        InvalidInput,
        "over_budget",
        "Nova has 1 exception standing and a budget of 1. Say why this one goes beyond it.",
    )
    blank = refusal(lambda: decide(exception, "grant", by=manager, over_budget=" \n"))
    assert blank.field == "over_budget"


def test_a_grant_beyond_the_budget_goes_on_record_with_its_reason(budget, manager):
    exception_of(budget, status="granted")
    decision = decide(exception_of(budget), "grant", by=manager, over_budget=f" {REASON}\n")
    decision.refresh_from_db()
    assert (decision.verb, decision.over_budget) == ("grant", REASON)
    assert decision.hash == decision.computed_hash()
    assert budget.standing(NOON).count() == 2


def test_a_grant_within_the_budget_needs_no_reason(budget, manager):
    budget.limit = 2
    budget.save()
    exception_of(budget, status="granted")
    assert decide(exception_of(budget), "grant", by=manager).over_budget == ""


def test_a_budget_of_none_asks_a_reason_for_the_first(budget, manager):
    budget.limit = 0
    budget.save()
    exception = exception_of(budget)
    assert refusal(lambda: decide(exception, "grant", by=manager)).field == "over_budget"


@pytest.mark.parametrize(
    "status", ["requested", "denied", "withdrawn", "landed", "expired", "revoked"]
)
def test_only_what_stands_counts(status, budget, manager):
    exception_of(budget, status=status, expires=utc(2011, 3, 28))
    decide(exception_of(budget), "grant", by=manager)
    assert budget.standing(NOON).count() == 1


def test_a_lapsed_exception_does_not_count_whether_or_not_a_worker_saw_it(budget, manager):
    exception_of(budget, status="granted", expires=utc(2011, 3, 29))
    decide(exception_of(budget), "grant", by=manager)


def test_a_budget_is_of_one_project_in_one_release(budget, manager):
    exception_of(budget, of=make_project(), status="granted")
    elsewhere = make_budget(release=make_release(), project=budget.project)
    exception_of(elsewhere, status="granted")
    decide(exception_of(budget), "grant", by=manager)
    assert (budget.standing(NOON).count(), elsewhere.standing(NOON).count()) == (1, 1)


def test_a_standing_exception_of_the_whole_project_counts(budget, manager):
    make_exception(
        release=budget.release, project=budget.project, status="granted", expires=APRIL_2
    )
    exception = exception_of(budget)
    assert refusal(lambda: decide(exception, "grant", by=manager)).field == "over_budget"


def test_an_exception_of_several_proposals_counts_once_in_each_budget(budget, manager):
    swift = make_budget(release=budget.release, project=make_project(name="Swift"))
    named = [
        make_proposal(release=budget.release, project=project)
        for project in (budget.project, budget.project, swift.project)
    ]
    make_exception(release=budget.release, proposals=named, status="granted", expires=APRIL_2)
    assert (budget.standing(NOON).count(), swift.standing(NOON).count()) == (1, 1)
    for project in (budget.project, swift.project):
        exception = exception_of(budget, of=project)
        refused = refusal(partial(decide, exception, "grant", by=manager))
        assert refused.field == "over_budget"


def test_a_budget_holds_also_where_the_project_of_another_proposal_is_not_known(budget, manager):
    exception_of(budget, status="granted")
    named = [make_proposal(project=budget.project), make_proposal(project=None)]
    exception = exception_of(budget, proposals=named)
    assert refusal(lambda: decide(exception, "grant", by=manager)).field == "over_budget"


def test_a_project_named_beside_proposals_of_another_is_not_charged_for_them(budget):
    of_another = make_proposal(release=budget.release, project=make_project())
    exception_of(budget, project=budget.project, proposals=[of_another], status="granted")
    assert budget.standing(NOON).count() == 0


def test_a_late_extension_is_held_to_the_budget_too(budget, manager):
    """It makes one more stand, as a grant does."""
    expired = exception_of(budget, status="expired", expires=utc(2011, 3, 28))
    exception_of(budget, status="granted")
    assert refusal(lambda: decide(expired, "extend", by=manager)).field == "over_budget"


def test_an_extension_of_what_stands_is_within_the_budget_already(budget, manager):
    standing = exception_of(budget, status="granted")
    decide(standing, "extend", by=manager, expires=APRIL_3)
    assert ExceptionRequest.objects.standing(APRIL_2).get() == standing


def test_a_budget_is_set_once_for_a_project_in_a_release(budget):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_budget(release=budget.release, project=budget.project)
