"""Groups of the provider give roles, for as long as each sign-in says so."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured

from governance.rights import may_steer
from releases.models import HandleKind, Membership, Person, Role
from tests.factories import make_person, make_project
from tests.sign_in.test_people import join
from thaw.sign_in.groups import GroupRole, parse_group_roles

pytestmark = pytest.mark.once

RULES = (
    "release-team=release-manager",
    "nova-core=reviewer:nova",
    "/teams/nova=leads=project-lead:nova",
)


@pytest.fixture
def nova(db):
    return make_project(slug="nova", name="Nova")


@pytest.fixture
def asked(configure, nova):
    configure(roles=RULES)


def sign_in(provider, visitor, **claims):
    provider.has("thea", preferred_username="thea", name="Thea", **claims)
    answer = visitor.sign_in("thea")
    assert answer.status_code == 302, answer.content
    return Person.objects.get(user__username=visitor.name)


def held(person):
    return [
        (one.role, one.project and one.project.slug, one.from_group)
        for one in person.memberships.order_by("role")
    ]


def history(person):
    entries = LogEntry.objects.filter(object_id=str(person.pk)).order_by("pk")
    return [(entry.user.username, entry.change_message) for entry in entries]


def test_groups_give_the_roles_that_the_settings_map_and_no_other(asked, provider, visitor):
    thea = sign_in(provider, visitor, groups=["release-team", "nova-core", "staff", "release"])
    assert held(thea) == [
        ("release-manager", None, "release-team"),
        ("reviewer", "nova", "nova-core"),
    ]
    assert may_steer(thea)
    assert (thea.user.is_staff, thea.user.is_superuser) == (False, False)


def test_who_leaves_a_group_loses_its_role_at_the_next_sign_in(asked, provider, visitor):
    sign_in(provider, visitor, groups=["release-team", "nova-core"])
    thea = sign_in(provider, visitor, groups=["nova-core"])
    assert held(thea) == [("reviewer", "nova", "nova-core")]
    assert not may_steer(thea)
    assert held(sign_in(provider, visitor)) == []  # where nothing is said, nobody is in a group


def test_what_a_group_gave_and_took_stands_in_the_persons_history(asked, provider, visitor):
    sign_in(provider, visitor, groups=["release-team"])
    sign_in(provider, visitor, groups=["release-team"])
    thea = sign_in(provider, visitor, groups=["nova-core"])
    (by, first), (_, then) = history(thea)
    assert (by, first) == (
        "thea",
        "Signed in with Example SSO: release manager (group release-team) given.",
    )
    assert then == (
        "Signed in with Example SSO: reviewer of Nova (group nova-core) given,"
        " release manager (group release-team) ended."
    )


def test_what_a_person_gave_by_hand_is_never_taken(asked, provider, visitor, nova):
    thea = sign_in(provider, visitor)
    thea.memberships.create(role=Role.RELEASE_MANAGER)
    thea.memberships.create(role=Role.CONTRIBUTOR, project=nova)
    by_hand = [("contributor", "nova", ""), ("release-manager", None, "")]
    assert held(sign_in(provider, visitor, groups=["release-team"])) == by_hand
    assert held(sign_in(provider, visitor, groups=[])) == by_hand


def test_the_same_role_by_another_group_goes_on_without_a_gap(configure, nova, provider, visitor):
    configure(roles=("first=reviewer:nova", "second=reviewer:nova"))
    thea = sign_in(provider, visitor, groups=["second", "first"])
    (membership,) = thea.memberships.all()
    assert membership.from_group == "first"
    sign_in(provider, visitor, groups=["second"])
    membership.refresh_from_db()
    assert membership.from_group == "second"


def test_a_name_and_a_password_or_another_provider_change_no_role(asked, provider, visitor):
    thea = sign_in(provider, visitor, groups=["release-team"])
    thea.user.set_password("an old secret")
    thea.user.save()
    visitor.client.post("/logout/")
    visitor.client.post("/login/", {"username": "thea", "password": "an old secret"})
    assert (visitor.name, held(thea)) == ("thea", [("release-manager", None, "release-team")])


def test_who_leaves_the_account_loses_what_its_groups_gave(asked, provider, visitor, client):
    user = User.objects.create_user("sol", password="x")
    sol = make_person(user=user)
    sol.memberships.create(role=Role.CONTRIBUTOR)
    client.force_login(user)
    provider.has("17", groups=["release-team"])
    join(visitor, "17")
    visitor.sign_in("17")
    assert [role for role, _, _ in held(sol)] == ["contributor", "release-manager"]
    client.post(f"/me/accounts/{user.socialaccount_set.get().pk}/leave/")
    assert [role for role, _, _ in held(sol)] == ["contributor"]
    assert "Left the account elsewhere: release manager" in history(sol)[-1][1]


def test_a_matched_person_keeps_their_roles_and_gets_those_of_their_groups(
    asked, provider, visitor
):
    thea = make_person()
    thea.handles.create(kind=HandleKind.EMAIL, value="thea@example.org")
    thea.memberships.create(role=Role.CONTRIBUTOR)
    sign_in(provider, visitor, email="thea@example.org", email_verified=True, groups=["nova-core"])
    assert held(thea) == [("contributor", None, ""), ("reviewer", "nova", "nova-core")]


@pytest.mark.parametrize(
    ("told", "roles"),
    [
        ("release-team", ["release-manager"]),
        ("release-team nova-core", []),
        (["release-team", 7, None, {"a": 1}, ["nova-core"]], ["release-manager"]),
        ({"release-team": True}, []),
        (7, []),
        (None, []),
        ([], []),
        (["Release-Team", " release-team"], []),
        (["/teams/nova=leads"], ["project-lead"]),
        (["x" * 100_000] * 20, []),
    ],
)
def test_a_claim_of_any_shape_gives_what_it_names_exactly(told, roles, asked, provider, visitor):
    thea = sign_in(provider, visitor, groups=told)
    assert [role for role, _, _ in held(thea)] == roles


def test_the_claim_may_have_another_name(configure, db, provider, visitor):
    configure(roles=RULES, groups_claim="https://example.org/roles")
    told = {"https://example.org/roles": ["release-team"]}
    assert [role for role, _, _ in held(sign_in(provider, visitor, **told))] == ["release-manager"]


def test_the_claim_may_stand_in_the_id_token_alone(asked, provider, visitor):
    provider.lie(**{"/.well-known/openid-configuration": {"userinfo_endpoint": None}})
    thea = sign_in(provider, visitor, groups=["release-team"])
    assert [role for role, _, _ in held(thea)] == ["release-manager"]


def test_a_group_for_a_project_that_is_not_here_gives_nothing_and_says_so(
    configure, provider, visitor, db, caplog
):
    configure(roles=("core=reviewer:swift",))
    assert held(sign_in(provider, visitor, groups=["core"])) == []
    assert "OIDC_ROLES names the project swift, which is not here." in caplog.text


def test_without_a_map_groups_give_nothing(oidc, db, provider, visitor):
    assert held(sign_in(provider, visitor, groups=["release-team", "release-manager"])) == []


def test_a_login_that_was_closed_gets_no_role(asked, provider, visitor):
    thea = sign_in(provider, visitor)
    visitor.client.post("/logout/")
    User.objects.update(is_active=False)
    provider.has("thea", groups=["release-team"])
    assert visitor.sign_in("thea").status_code == 403
    assert held(thea) == []


def test_a_login_without_a_person_gets_no_role_from_a_group(asked, provider, visitor):
    thea = sign_in(provider, visitor)
    thea.user = None
    thea.save()
    provider.has("thea", groups=["release-team"])
    visitor.client.post("/logout/")
    assert visitor.sign_in("thea").status_code == 302
    assert (visitor.name, Membership.objects.count()) == ("thea", 0)


# --- The map ----------------------------------------------------------------------------------


def test_the_map_is_read_as_it_is_written():
    assert parse_group_roles(RULES) == (
        GroupRole("release-team", Role.RELEASE_MANAGER, None),
        GroupRole("nova-core", Role.REVIEWER, "nova"),
        GroupRole("/teams/nova=leads", Role.PROJECT_LEAD, "nova"),
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("release-team", "is not group=role"),
        ("=reviewer", "is not group=role"),
        ("nova-core=reviewer:", "is not group=role"),
        ("core=", "is no role"),
        ("core=Reviewer", "is no role"),
        ("core=admin", "is no role"),
        ("core=project-lead", "needs its slug"),
        ("x" * 201 + "=reviewer", "is not group=role"),
    ],
)
def test_a_misspelt_map_is_refused_in_words(told, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        parse_group_roles([told])
