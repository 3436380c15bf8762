"""Five proposals in one freeze, and what each of them is."""

import pytest

from governance.breaches import breaches, sentence
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)

pytestmark = pytest.mark.django_db

FREEZE, DEADLINE = utc(2011, 3, 24), utc(2011, 3, 30, 10)


@pytest.fixture
def frozen():
    return make_freeze(release=make_release(slug="cactus"), name="FeatureFreeze", at=FREEZE)


def merged(freeze, title, at, **fields):
    defaults = {"change_kind": "feature", "state": "merged", "release": freeze.release}
    return make_proposal(**defaults | {"title": title, "merged_at": at} | fields)


def told(release):
    return [(one.proposal.title, one.code.value, one.waited) for one in breaches(release)]


def excepted(freeze, proposal, **fields):
    return make_exception(freeze=freeze, proposals=[proposal], status="granted", **fields)


def test_of_five_proposals_exactly_those_without_leave_are_breaches(frozen):
    merged(frozen, "a bug fix", utc(2011, 3, 26), change_kind="bugfix")
    excepted(frozen, merged(frozen, "excepted", utc(2011, 3, 29)), expires=DEADLINE)
    merged(frozen, "before the freeze", utc(2011, 3, 23, 23, 59))
    excepted(frozen, merged(frozen, "after its expiry", utc(2011, 3, 30, 11)), expires=DEADLINE)
    merged(frozen, "without asking", utc(2011, 3, 28))
    assert told(frozen.release) == [
        ("after its expiry", "exception_expired", None),
        ("without asking", "exception_missing", None),
    ]


def test_both_ends_are_exact(frozen):
    merged(frozen, "as the freeze begins", FREEZE)
    excepted(frozen, merged(frozen, "at the deadline", DEADLINE), expires=DEADLINE)
    just_before = utc(2011, 3, 30, 9, 59, 59)
    excepted(frozen, merged(frozen, "just before it", just_before), expires=DEADLINE)
    assert [title for title, *_ in told(frozen.release)] == [
        "at the deadline",
        "as the freeze begins",
    ]


def test_what_was_approved_in_time_and_waited_for_its_gate_is_told_apart(frozen):
    in_time, late = utc(2011, 3, 30, 9), utc(2011, 3, 30, 11)
    for title, approved_at in (("waited", in_time), ("approved late", late)):
        one = merged(frozen, title, utc(2011, 3, 30, 12), approved_at=approved_at)
        excepted(frozen, one, expires=DEADLINE)
    merged(frozen, "waited for the freeze", utc(2011, 3, 24, 1), approved_at=utc(2011, 3, 23))
    merged(frozen, "never excepted", utc(2011, 3, 25), approved_at=utc(2011, 3, 24, 12))
    found = breaches(frozen.release)
    assert {one.proposal.title: one.is_late_gate for one in found} == {
        "waited": True,
        "approved late": False,
        "waited for the freeze": True,
        "never excepted": False,
    }
    assert sentence(next(one for one in found if one.proposal.title == "waited")).endswith(
        "It was approved in time, Wed 30 March 2011 09:00 UTC, and waited for its gate."
    )


def test_an_exception_that_a_merge_used_up_covered_that_merge(frozen):
    one = merged(frozen, "landed", utc(2011, 3, 29))
    exception = excepted(frozen, one, expires=DEADLINE)
    assert exception.land_as_merged(at=utc(2011, 3, 29, 1)) is not None
    assert told(frozen.release) == []


def test_it_is_judged_by_what_was_known_when_it_merged(frozen):
    person = make_person()
    moved = merged(frozen, "the freeze moved later", utc(2011, 3, 25))
    frozen.move(to=utc(2011, 4, 1), by=person, at=utc(2011, 3, 26), why="More time.")
    calm = merged(frozen, "called a bug fix in time", utc(2011, 3, 25))
    calm.reclassify(to="bugfix", by=person, at=utc(2011, 3, 24), why="It is one.")
    glossed = merged(frozen, "called a bug fix afterwards", utc(2011, 3, 25))
    glossed.reclassify(to="bugfix", by=person, at=utc(2011, 3, 27), why="It is one.")
    pardoned = merged(frozen, "excepted afterwards", utc(2011, 3, 25, 1))
    exception = make_exception(freeze=frozen, proposals=[pardoned])
    exception.grant(
        by=make_manager(), at=utc(2011, 3, 26), expires=DEADLINE, rationale="It is in already."
    )
    assert {title: code for title, code, _ in told(moved.release)} == {
        "the freeze moved later": "exception_missing",
        "called a bug fix afterwards": "exception_missing",
        "excepted afterwards": "exception_undecided",
    }


def test_a_proposal_without_a_release_is_meant_for_that_of_its_exception(frozen):
    late = merged(frozen, "pasted", utc(2011, 3, 30, 11), release=None)
    excepted(frozen, late, expires=DEADLINE)
    merged(frozen, "of no release", utc(2011, 3, 30, 11), release=None)
    assert told(frozen.release) == [("pasted", "exception_expired", None)]
    assert told(make_freeze(release=make_release()).release) == []


def test_a_freeze_and_an_exception_of_a_whole_project_hold_for_that_project(frozen):
    nova, swift = make_project(), make_project()
    make_freeze(release=frozen.release, project=swift, at=utc(2011, 3, 1), name="Swift freeze")
    make_exception(freeze=frozen, project=nova, status="granted", expires=DEADLINE)
    merged(frozen, "nova is excepted", utc(2011, 3, 29), project=nova)
    merged(frozen, "nova before", utc(2011, 3, 10), project=nova)
    merged(frozen, "swift is frozen early", utc(2011, 3, 10), project=swift)
    assert [title for title, *_ in told(frozen.release)] == ["swift is frozen early"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_history_of_a_release_costs_the_same_for_one_proposal_and_three(
    rows, frozen, django_assert_num_queries
):
    for _ in range(rows):
        one = merged(frozen, "late", utc(2011, 4, 2), author=make_person(), project=make_project())
        excepted(frozen, one, expires=DEADLINE)
        milestone = make_milestone(release=frozen.release)
        milestone.move(to=utc(2011, 5, 1), by=make_person(), at=utc(2011, 4, 1), why="More time.")
    with django_assert_num_queries(6):
        assert len(breaches(frozen.release)) == rows


def test_the_release_page_names_breaches_and_what_waited(frozen, client):
    merged(frozen, "Volumes <b>", utc(2011, 3, 28))
    merged(frozen, "Quotas", utc(2011, 3, 24, 1), approved_at=utc(2011, 3, 23))
    page = client.get("/releases/cactus/").content.decode()
    _, _, breached = page.partition("Merged without an exception")
    breached, _, waited = breached.partition("Approved in time, merged late")
    assert ("Volumes &lt;b&gt;" in breached, "Quotas" in breached) == (True, False)
    assert "no exception was asked for" in breached
    assert "approved <time" in waited.partition("</section>")[0]


def test_a_release_that_kept_its_freezes_says_nothing_of_breaches(frozen, client):
    page = client.get("/releases/cactus/").content.decode()
    assert "Merged without an exception" not in page
