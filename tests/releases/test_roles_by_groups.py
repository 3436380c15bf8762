"""A role that a group elsewhere gives is marked with it; one by hand is a person's own matter."""

import json

import pytest

from governance.exporting import export_release
from releases.models import Membership, Role
from tests.factories import make_exception, make_manager, make_person, make_project

pytestmark = pytest.mark.django_db


def held(person):
    return [
        (one.role, one.project and one.project.slug, one.from_group)
        for one in person.memberships.order_by("role")
    ]


def test_groups_give_and_end_only_what_groups_gave():
    thea, nova = make_person(), make_project(slug="nova")
    thea.memberships.create(role=Role.RELEASE_MANAGER)
    thea.memberships.create(role=Role.CONTRIBUTOR, from_group="old")
    followed = Membership.objects.follow_groups(
        person=thea,
        roles={(Role.RELEASE_MANAGER, None): "team", (Role.REVIEWER, nova.pk): "core"},
    )
    assert held(thea) == [("release-manager", None, ""), ("reviewer", "nova", "core")]
    assert [one.role for one in followed.given] == [Role.REVIEWER]
    assert [one.role for one in followed.ended] == [Role.CONTRIBUTOR]


def test_following_costs_the_same_for_one_role_and_for_three(django_assert_num_queries):
    people = [make_person(), make_person()]
    for person, roles in zip(people, (1, 3), strict=True):
        wanted = {
            (role, None): "core"
            for role in (Role.REVIEWER, Role.CONTRIBUTOR, Role.RELEASE_MANAGER)[:roles]
        }
        Membership.objects.follow_groups(person=person, roles=wanted)
        other = dict.fromkeys(wanted, "another")
        with django_assert_num_queries(5):
            Membership.objects.follow_groups(person=person, roles=other)


def test_a_role_by_a_group_is_not_handed_on_with_a_release():
    """Who imports it does not ask that provider, and the role would stay for good."""
    thea = make_manager()
    thea.memberships.create(role=Role.REVIEWER, from_group="core")
    release = make_exception(by=thea).release
    document = json.loads("".join(export_release(release, with_mail=False)))
    assert [row["role"] for row in document["memberships"]] == ["release-manager"]


def save_role(admin_client, person, **changes):
    (membership,) = person.memberships.all()
    fields = {
        "name": person.name,
        "zone": "UTC",
        "user": person.user_id or "",
        "handles-TOTAL_FORMS": 0,
        "handles-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": membership.pk,
        "memberships-0-person": person.pk,
        "memberships-0-role": membership.role,
        "memberships-0-project": membership.project_id or "",
        "memberships-0-from_group": membership.from_group,
    }
    fields |= {f"memberships-0-{name}": value for name, value in changes.items()}
    return admin_client.post(f"/admin/releases/person/{person.pk}/change/", fields)


@pytest.mark.parametrize(
    ("changes", "then"),
    [
        ({}, ("reviewer", None, "core")),
        ({"from_group": ""}, ("reviewer", None, "")),
        ({"role": "contributor"}, ("contributor", None, "")),
    ],
)
def test_a_role_by_a_group_that_an_admin_changes_is_by_hand_from_then_on(
    changes, then, admin_client
):
    person = make_person()
    person.memberships.create(role=Role.REVIEWER, from_group="core")
    assert save_role(admin_client, person, **changes).status_code == 302
    assert held(person) == [then]


def test_an_admin_gives_no_role_in_the_name_of_a_group(admin_client):
    person = make_person()
    person.memberships.create(role=Role.REVIEWER)
    answer = save_role(admin_client, person, from_group="core")
    assert (answer.status_code, held(person)) == (200, [("reviewer", None, "")])
    assert "Only a sign-in gives a role by a group." in answer.content.decode()
