"""Who looks after logins in the admin makes nobody more than they are."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tests.factories import make_manager

pytestmark = pytest.mark.django_db

POWERS = {"is_superuser", "is_staff", "groups", "user_permissions"}
NEW = {"password1": "a new secret of 2026", "password2": "a new secret of 2026"}


@pytest.fixture
def clerk(django_user_model):
    """Somebody who may do with logins whatever there is a permission for."""
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    of_logins = Permission.objects.filter(content_type__model__in=["user", "group"])
    clerk.user_permissions.set(of_logins)
    return clerk


@pytest.fixture
def ttx(django_user_model):
    return django_user_model.objects.create_superuser("ttx", password="an old secret")


@pytest.fixture
def jun(django_user_model):
    return django_user_model.objects.create_user("jun", password="an old secret")


def address(of, user):
    return reverse(f"admin:auth_user_{of}", args=[user.pk])


def everything(user):
    """What a form sends that asks for all powers."""
    return {
        "username": user.username,
        "first_name": "Jun",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [Group.objects.get_or_create(name="release team")[0].pk],
        "user_permissions": [permission.pk for permission in Permission.objects.all()],
        "date_joined_0": "2026-11-29",
        "date_joined_1": "12:00:00",
    }


def test_who_is_no_superuser_gives_nobody_powers(clerk, jun, client):
    client.force_login(clerk)
    had = clerk.user_permissions.count()
    form = client.get(address("change", jun)).context["adminform"].form
    assert POWERS.isdisjoint(form.fields)
    for user in (clerk, jun):
        client.post(address("change", user), everything(user))
        user.refresh_from_db()
        assert (user.first_name, user.is_superuser, user.groups.count()) == ("Jun", False, 0)
    assert (jun.is_staff, jun.user_permissions.count()) == (False, 0)
    assert clerk.user_permissions.count() == had


def test_who_is_no_superuser_touches_no_superuser(clerk, ttx, jun, client):
    client.force_login(clerk)
    assert client.get(address("change", ttx)).status_code == 200  # to look at
    assert client.post(address("change", ttx), everything(ttx)).status_code == 403
    assert client.post(address("delete", ttx), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [ttx.pk, jun.pk], "post": "yes"}
    assert client.post(reverse("admin:auth_user_changelist"), chosen).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[ttx.pk])
    assert client.post(password, NEW).status_code == 403
    ttx.refresh_from_db()
    assert ttx.check_password("an old secret")


def test_a_superuser_gives_powers_and_takes_them(ttx, jun, client):
    client.force_login(ttx)
    client.post(address("change", jun), everything(jun))
    jun.refresh_from_db()
    assert (jun.is_superuser, jun.is_staff, jun.groups.count()) == (True, True, 1)
    client.post(address("delete", jun), {"post": "yes"})
    assert not type(jun).objects.filter(pk=jun.pk).exists()


# --- Somebody with rights that the clerk has not --------------------------------------------------


def permission(name):
    return Permission.objects.get(codename=name)


def give_directly(user):
    user.user_permissions.add(permission("change_milestone"))


def give_by_group(user):
    group = Group.objects.create(name="release team")
    group.permissions.add(permission("change_milestone"))
    user.groups.add(group)


def give_and_close(user):
    """A closed login has no rights until the form of logins opens it again."""
    give_directly(user)
    user.is_active = False
    user.save()


def give_a_role(user):
    make_manager(user=user)


def set_password(client, user):
    answer = client.post(reverse("admin:auth_user_password_change", args=[user.pk]), NEW)
    user.refresh_from_db()
    return answer.status_code, user.check_password(NEW["password1"])


@pytest.mark.parametrize("give", [give_directly, give_by_group, give_and_close, give_a_role])
def test_who_sets_passwords_does_not_come_by_rights_that_they_have_not(give, clerk, jun, client):
    give(jun)
    client.force_login(clerk)
    assert set_password(client, jun) == (403, False)
    assert client.post(address("change", jun), everything(jun)).status_code == 403
    assert client.post(address("delete", jun), {"post": "yes"}).status_code == 403
    page = client.get(address("change", jun))
    assert [str(message) for message in page.context["messages"]] == [
        "It has rights that you have not: a superuser changes it."
    ]


def test_the_password_of_somebody_with_no_more_rights_is_set(clerk, jun, client):
    client.force_login(clerk)
    assert set_password(client, jun) == (302, True)
    jun.user_permissions.add(permission("change_user"))
    assert set_password(client, jun) == (302, True)
    assert set_password(client, clerk) == (302, True)


def test_who_gives_roles_may_set_the_password_of_somebody_with_a_role(clerk, jun, client):
    make_manager(user=jun)
    clerk.user_permissions.add(permission("change_person"))
    client.force_login(clerk)
    assert set_password(client, jun) == (302, True)


# --- Groups ---------------------------------------------------------------------------------------

GROUPS = "/admin/auth/group/"


def save_group(client, group, *permissions, name="clerks"):
    given = {"name": name, "permissions": [one.pk for one in permissions]}
    url = f"{GROUPS}{group.pk}/change/" if group else f"{GROUPS}add/"
    return client.post(url, given).status_code


def rights_of(group):
    return set(group.permissions.values_list("codename", flat=True))


@pytest.fixture
def clerks(clerk):
    """The clerk's own group, which gives nothing yet."""
    group = Group.objects.create(name="clerks")
    clerk.groups.add(group)
    return group


def test_who_looks_after_groups_gives_them_what_they_have_alone(clerk, clerks, client):
    client.force_login(clerk)
    assert save_group(client, clerks, permission("change_milestone")) == 200
    assert save_group(client, None, permission("change_milestone"), name="new") == 200
    assert (rights_of(clerks), Group.objects.count()) == (set(), 1)
    assert save_group(client, clerks, permission("view_user")) == 302
    assert rights_of(clerks) == {"view_user"}
    offered = client.get(f"{GROUPS}{clerks.pk}/change/").context["adminform"].form
    of_clerk = {one.pk for one in clerk.user_permissions.all()}
    assert set(offered.fields["permissions"].queryset.values_list("pk", flat=True)) == of_clerk


def test_a_group_with_rights_that_the_changer_has_not_is_a_superusers(clerk, clerks, ttx, client):
    team = Group.objects.create(name="team")
    team.permissions.add(permission("change_milestone"))
    client.force_login(clerk)
    assert save_group(client, team) == 403
    assert client.post(f"{GROUPS}{team.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (team.name, rights_of(team)) == ("team", {"change_milestone"})
    client.force_login(ttx)
    assert save_group(client, team, permission("view_user"), name="others") == 302
    assert rights_of(team) == {"view_user"}
