"""One undecided or standing exception for a proposal and a freeze, and the database sees to it."""

import pytest
from django.db import IntegrityError, transaction

from governance.models import Claim, ExceptionRequest
from governance.refusals import InvalidTransition
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_milestone,
    make_project,
    make_proposal,
    utc,
)
from tests.governance.steps import decide, refusal

pytestmark = pytest.mark.django_db

LATE = utc(2011, 4, 1)  # after the deadline of `make_exception`
LATER_STILL = utc(2011, 4, 3)


@pytest.fixture
def freeze():
    return make_freeze(name="FeatureFreeze")


@pytest.fixture
def proposal(freeze):
    return make_proposal(release=freeze.release)


@pytest.fixture
def exception_for(freeze, proposal):
    """An exception for the one proposal, from the one freeze."""
    return lambda **fields: make_exception(**{"freeze": freeze, "proposals": [proposal]} | fields)


def open_claims(proposal):
    return [claim.exception for claim in Claim.objects.filter(proposal=proposal, open=True)]


HOLDING = {"requested": "undecided", "granted": "granted"}
WAYS = {
    "requested": "Wait for its decision, or withdraw it",
    "granted": "Extend or withdraw that one",
}
FREE = ["denied", "deferred", "withdrawn", "landed", "expired", "revoked", "reverted"]


@pytest.mark.parametrize("status", HOLDING)
def test_a_second_request_for_the_same_proposal_is_refused_and_names_the_first(
    status, exception_for, proposal
):
    first = exception_for(status=status)
    by = make_manager()
    refused = refusal(lambda: exception_for(by=by, at=utc(2011, 3, 28)))
    assert type(refused) is InvalidTransition
    assert str(refused) == (
        f"There is an exception from FeatureFreeze for it already: {first.reference}"
        f" ({HOLDING[status]}). {WAYS[status]}."
    )
    assert open_claims(proposal) == [first]


@pytest.mark.parametrize("status", FREE)
def test_a_proposal_is_free_again_once_the_first_is_over(status, exception_for, proposal):
    exception_for(status=status)
    second = exception_for(at=LATE)
    assert open_claims(proposal) == [second]


def test_a_lapsed_exception_does_not_block_a_new_request(exception_for, proposal):
    lapsed = exception_for(status="granted")
    second = exception_for(at=LATE)
    assert open_claims(proposal) == [second]
    last = lapsed.decisions.order_by("sequence").last()
    assert (last.verb, last.by, last.at) == ("expire", None, utc(2011, 3, 30, 10))


def test_a_request_that_is_refused_enters_no_expiry_of_another(exception_for, freeze, proposal):
    exception_for(status="granted")
    other = make_proposal(release=freeze.release)
    make_exception(freeze=freeze, proposals=[other])
    by = make_manager()
    refused = refusal(lambda: exception_for(by=by, proposals=[proposal, other], at=LATE))
    assert type(refused) is InvalidTransition


def test_the_same_proposal_may_be_excepted_from_two_freezes(freeze, proposal, exception_for):
    exception_for()
    hard = make_milestone(release=freeze.release, blocks=["feature"], at=utc(2011, 4, 7))
    assert len({exception_for(freeze=hard), *open_claims(proposal)}) == 2


def test_a_second_open_claim_is_refused_by_the_database(exception_for, freeze, proposal):
    exception_for(status="granted")
    other = make_exception(freeze=freeze)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(exception=other, proposal=proposal, freeze=freeze)
    Claim.objects.create(exception=other, proposal=proposal, freeze=freeze, open=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(open=True)


def test_a_proposal_is_named_once_in_an_exception(exception_for, freeze, proposal):
    exception = exception_for()
    again = {"exception": exception, "proposal": proposal, "freeze": freeze, "open": False}
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(**again)


CLAIMED_MEANWHILE = {"denied": "reopen", "expired": "extend"}


@pytest.mark.parametrize("status", CLAIMED_MEANWHILE)
def test_one_whose_proposal_was_claimed_meanwhile_does_not_come_back(
    status, exception_for, proposal
):
    first = exception_for(status=status)
    second = exception_for(at=LATE)
    verb, manager = CLAIMED_MEANWHILE[status], make_manager()
    refused = refusal(
        lambda: decide(first, verb, by=manager, at=LATE, **until(verb, utc(2011, 4, 9)))
    )
    assert type(refused) is InvalidTransition
    assert str(refused) == (
        f"There is an exception from FeatureFreeze for it already: {second.reference}"
        " (undecided). Wait for its decision, or withdraw it."
    )
    assert open_claims(proposal) == [second]


def until(verb, at):
    return {"expires": at} if verb == "extend" else {}


def test_one_that_does_not_come_back_is_left_alone_in_the_object_too(exception_for, freeze):
    first, manager = exception_for(status="expired"), make_manager()
    exception_for(at=LATE)
    gamma = make_milestone(release=freeze.release, at=utc(2011, 4, 9))
    before = first.until
    refusal(lambda: decide(first, "extend", by=manager, at=LATE, expires=gamma))
    assert (first.status, first.until) == ("expired", before)


@pytest.mark.parametrize("status", CLAIMED_MEANWHILE)
def test_one_whose_proposal_is_free_again_comes_back(status, exception_for, proposal):
    first, manager = exception_for(status=status), make_manager()
    second = exception_for(at=LATE)
    decide(second, "withdraw", by=manager, at=LATE)
    verb = CLAIMED_MEANWHILE[status]
    decide(first, verb, by=manager, at=LATE, **until(verb, utc(2011, 4, 9)))
    assert open_claims(proposal) == [first]


@pytest.mark.parametrize("status", CLAIMED_MEANWHILE)
def test_a_lapsed_exception_does_not_keep_another_from_coming_back(status, exception_for, proposal):
    """Whether a worker has entered the expiry of the second has no say in that."""
    first, manager = exception_for(status=status), make_manager()
    second = exception_for(at=LATE)
    decide(second, "grant", by=manager, at=LATE, expires=utc(2011, 4, 2))
    verb = CLAIMED_MEANWHILE[status]
    decide(first, verb, by=manager, at=LATER_STILL, **until(verb, utc(2011, 4, 9)))
    assert open_claims(proposal) == [first]


def test_one_exception_is_for_proposals_on_several_forges(freeze):
    named = [
        make_proposal(forge="launchpad", key="54464"),
        make_proposal(forge="gerrit", key="review.opendev.org/803322"),
        make_proposal(forge="github", key="owner/repo#12"),
    ]
    exception = make_exception(freeze=freeze, proposals=named)
    assert set(exception.proposals.all()) == set(named)
    assert [open_claims(proposal) for proposal in named] == [[exception]] * 3
    decide(exception, "deny", by=make_manager())
    assert [open_claims(proposal) for proposal in named] == [[], [], []]


def test_proposals_are_claimed_in_one_order_whatever_the_order_in_which_they_are_named(freeze):
    """Else two requests that name the same ones in opposite orders wait for each other."""
    named = [make_proposal(release=freeze.release) for _ in range(3)]
    exception = make_exception(freeze=freeze, proposals=named[::-1])
    claimed = exception.claims.order_by("pk").values_list("proposal", flat=True)
    assert list(claimed) == [proposal.pk for proposal in named]


def test_a_refusal_for_one_of_several_proposals_claims_none(freeze, exception_for, proposal):
    first = exception_for()
    by, others = make_manager(), [make_proposal(), make_proposal()]
    refusal(lambda: exception_for(by=by, proposals=[others[0], proposal, others[1]]))
    assert ExceptionRequest.objects.holding(freeze, [*others, proposal]).get() == first


def test_a_standing_exception_of_a_project_claims_no_proposal(freeze):
    exception = make_exception(freeze=freeze, project=make_project())
    assert (exception.scope, exception.claims.count()) == ("project", 0)
