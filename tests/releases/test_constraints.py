"""What the database refuses, whoever writes to it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from releases.models import (
    Handle,
    Membership,
    MergeProposal,
    MilestoneMove,
    Person,
    Review,
)
from releases.models.calendar import validate_change_kinds
from tests.factories import (
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)

pytestmark = pytest.mark.django_db

IMPOSSIBLE = {
    "handle_kind_known": lambda: make_person().handles.create(kind="icq", value="1234"),
    "membership_role_known": lambda: make_person().memberships.create(role="king"),
    "membership_lead_has_project": lambda: make_person().memberships.create(role="project-lead"),
    "milestone_kind_known": lambda: make_milestone(kind="party"),
    "proposal_forge_known": lambda: make_proposal(forge="sourceforge"),
    "proposal_kind_known": lambda: make_proposal(change_kind="whim"),
    "proposal_state_known": lambda: make_proposal(state="lost"),
    "proposal_merged_at_when_merged": lambda: make_proposal(
        state="approved", merged_at=utc(2011, 4, 1)
    ),
    "review_verdict_known": lambda: Review.objects.create(
        proposal=make_proposal(), reviewer=make_person(), verdict="meh", at=utc(2011, 4, 1)
    ),
    "move_changes_instant": lambda: MilestoneMove.objects.create(
        milestone=make_milestone(),
        from_at=utc(2011, 4, 1),
        to_at=utc(2011, 4, 1),
        by=make_person(),
        at=utc(2011, 3, 1),
        why="to no other day",
    ),
}


@pytest.mark.parametrize("constraint", IMPOSSIBLE)
def test_the_database_refuses_what_cannot_be(constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        IMPOSSIBLE[constraint]()


def refuses_twice(create):
    create()
    with pytest.raises(IntegrityError), transaction.atomic():
        create()


def test_a_release_a_project_and_a_proposal_are_known_once():
    refuses_twice(lambda: make_release(slug="cactus"))
    refuses_twice(lambda: make_project(slug="nova"))
    refuses_twice(lambda: make_proposal(key="54464"))


def test_the_same_number_on_two_forges_is_two_proposals():
    make_proposal(forge="launchpad", key="12")
    make_proposal(forge="github", key="12")
    assert MergeProposal.objects.count() == 2


def test_a_milestone_has_its_slug_once_in_a_release_and_freely_in_others():
    cactus = make_release()
    refuses_twice(lambda: make_milestone(release=cactus, slug="gammafreeze"))
    make_milestone(release=make_release(), slug="gammafreeze")
    assert cactus.milestones.count() == 1


@pytest.mark.parametrize("other", ["ttx", "TTX", "Ttx"])
def test_a_handle_belongs_to_one_person_whatever_its_case(other):
    make_person().handles.create(kind="irc", value="ttx")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person().handles.create(kind="irc", value=other)


def test_a_handle_may_be_somebody_elses_elsewhere():
    for person, kind in [(make_person(), "irc"), (make_person(), "github")]:
        person.handles.create(kind=kind, value="ttx")
    assert list(Handle.objects.values_list("kind", "value")) == [("github", "ttx"), ("irc", "ttx")]


def test_a_handle_that_is_taken_is_refused_in_words():
    make_person().handles.create(kind="irc", value="ttx")
    with pytest.raises(ValidationError) as refused:
        Handle(person=make_person(), kind="irc", value="TTX").full_clean()
    assert refused.value.messages == ["Somebody already has this handle."]


def test_a_role_is_held_once_in_a_project_and_once_everywhere():
    person, nova = make_person(), make_project()
    refuses_twice(lambda: person.memberships.create(role="reviewer", project=nova))
    refuses_twice(lambda: person.memberships.create(role="reviewer"))
    assert Membership.objects.count() == 2


def test_a_lead_without_a_project_is_refused_in_words():
    with pytest.raises(ValidationError) as refused:
        Membership(person=make_person(), role="project-lead").full_clean()
    assert refused.value.messages == ["A project lead leads a project: name it."]


def test_a_merged_proposal_may_or_may_not_have_an_instant():
    make_proposal(state="merged", merged_at=utc(2011, 4, 1))
    make_proposal(state="merged")
    assert MergeProposal.objects.count() == 2


def test_history_is_not_deleted_with_what_it_is_about():
    milestone, mover = make_milestone(), make_person()
    milestone.move(to=utc(2011, 4, 9), by=mover, at=utc(2011, 4, 1), why="two days more")
    for part_of_history in (milestone, milestone.release, mover):
        with pytest.raises(ProtectedError):
            part_of_history.delete()
    assert MilestoneMove.objects.count() == 1
    assert Person.objects.filter(pk=mover.pk).exists()


@pytest.mark.parametrize(
    "blocks",
    ["feature", {"feature": True}, None, ["feature", "feature"], ["whim"], [1], [["feature"]]],
    ids=repr,
)
def test_what_a_freeze_blocks_is_a_list_of_kinds_each_once(blocks):
    with pytest.raises(ValidationError):
        validate_change_kinds(blocks)


def test_a_freeze_may_block_nothing_or_every_kind():
    make_milestone(blocks=[]).full_clean()
    milestone = make_milestone(
        blocks=["feature", "bugfix", "strings", "docs", "dependency", "unknown"]
    )
    milestone.full_clean()
    assert milestone.blocks_in_words == ["every change"]
