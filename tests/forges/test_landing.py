"""A merge that a forge reports closes its exception; how late the news come does not matter."""

import pytest
from django.db import IntegrityError, connection, transaction

from governance.models import Decision
from governance.syncing import land_merged
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_project,
    make_proposal,
    make_release,
    utc,
)

pytestmark = pytest.mark.django_db

DEADLINE, NOW = utc(2011, 3, 30, 10), utc(2011, 4, 2)


def granted(*proposals, **fields):
    freeze = make_freeze(release=make_release())
    made = [make_proposal(release=freeze.release, **proposal) for proposal in proposals]
    fields = {"status": "granted", "expires": DEADLINE, "proposals": made} | fields
    return make_exception(freeze=freeze, **fields)


def merged(at, **fields):
    return {"state": "merged", "merged_at": at} | fields


def land(exception, at=NOW):
    decision = exception.land_as_merged(at=at)
    return decision and (decision.verb, decision.by, decision.at, decision.rationale)


def verbs(exception):
    return list(exception.decisions.order_by("sequence").values_list("verb", "at"))


def test_a_merge_in_time_lands_at_the_forges_instant_with_its_source():
    exception = granted(merged(utc(2011, 3, 29, 12)))
    assert land(exception, at=utc(2011, 3, 29, 12, 5)) == (
        "land",
        None,
        utc(2011, 3, 29, 12),
        "Merged Tue 29 March 2011 12:00 UTC, as Launchpad reports.",
    )
    decision = exception.decisions.order_by("-sequence").first()
    assert decision.source_url == exception.proposals.get().url
    assert (exception.status, exception.claims.get().open) == ("landed", False)
    assert Decision.objects.first_broken() is None


def test_news_of_it_after_the_expiry_was_entered_land_it_all_the_same():
    exception = granted(merged(utc(2011, 3, 29, 12)))
    exception.expire(at=utc(2011, 3, 31))
    assert land(exception)[2:] == (
        DEADLINE,
        "Merged Tue 29 March 2011 12:00 UTC, as Launchpad reports.",
    )
    assert [verb for verb, _ in verbs(exception)] == ["request", "grant", "expire", "land"]
    assert Decision.objects.first_broken() is None


def test_what_was_approved_in_time_and_merged_late_lands_and_says_so():
    exception = granted(merged(utc(2011, 3, 30, 12), approved_at=utc(2011, 3, 30, 9)))
    words = (
        "Approved Wed 30 March 2011 09:00 UTC, before its deadline, and merged Wed 30 March 2011"
        " 12:00 UTC after waiting for its gate, as Launchpad reports."
    )
    assert land(exception)[2:] == (utc(2011, 3, 30, 12), words)
    assert verbs(exception)[2:] == [("expire", DEADLINE), ("land", utc(2011, 3, 30, 12))]


LATE, OPEN = utc(2011, 3, 30, 10), {"state": "open"}
NOT_LANDING = [
    [merged(LATE)],
    [merged(LATE, approved_at=LATE)],
    [OPEN],
    [merged(utc(2011, 3, 29)), OPEN],
    [merged(utc(2011, 3, 29)), merged(LATE)],
    [{"state": "rejected"}],
    [merged(None)],
    [merged(utc(2011, 4, 3), approved_at=utc(2011, 3, 29))],  # a clock that is ahead of ours
]


@pytest.mark.parametrize("proposals", NOT_LANDING)
def test_what_merged_too_late_or_not_at_all_does_not_land(proposals):
    exception = granted(*proposals)
    before = verbs(exception)
    assert (land(exception), verbs(exception)) == (None, before)


def test_of_two_the_last_to_merge_lands_it_and_one_that_was_given_up_is_not_waited_for():
    exception = granted(merged(utc(2011, 3, 28)), merged(utc(2011, 3, 29)), {"state": "superseded"})
    assert land(exception)[2] == utc(2011, 3, 29)


@pytest.mark.parametrize("status", ["requested", "denied", "revoked", "landed", "reverted"])
def test_one_that_does_not_stand_is_left_as_it_is(status):
    exception = granted(merged(utc(2011, 3, 26, 12)), status=status)
    before = verbs(exception)
    assert (land(exception), verbs(exception)) == (None, before)


def test_one_for_a_whole_project_is_used_by_no_single_merge():
    freeze = make_freeze(release=make_release())
    exception = make_exception(freeze=freeze, project=make_project(), status="granted")
    assert land(exception) is None


def test_a_decision_that_came_after_the_merge_comes_first_in_the_ledger():
    exception = granted(merged(utc(2011, 3, 27)))
    exception.extend(
        by=make_manager(), at=utc(2011, 3, 28), expires=utc(2011, 4, 5), rationale="More time."
    )
    assert land(exception, at=utc(2011, 3, 29))[2] == utc(2011, 3, 28)


def test_every_exception_that_is_due_is_landed_and_nothing_else_is_looked_at(
    django_assert_num_queries,
):
    due = [granted(merged(utc(2011, 3, 29))) for _ in range(3)]
    granted(OPEN)
    granted(merged(LATE))
    granted(merged(utc(2011, 3, 29)), OPEN)
    assert land_merged([due[0].proposals.get()], at=NOW) == 1
    assert land_merged(None, at=NOW) == 2
    with django_assert_num_queries(1):
        assert land_merged(None, at=NOW) == 0


def test_only_an_expiry_and_a_landing_may_be_recorded_by_nobody():
    exception = granted(OPEN)
    with pytest.raises(IntegrityError, match="decision_by_somebody"), transaction.atomic():
        Decision.objects.create(
            exception=exception, sequence=9, verb="revoke", at=NOW, new_status="revoked"
        )


def test_the_ledger_still_refuses_to_be_rewritten_after_its_table_was_changed():
    granted(OPEN)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        connection.cursor().execute("UPDATE governance_decision SET rationale = ''")
