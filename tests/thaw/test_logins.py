"""Who looks after logins in the admin makes nobody more than they are."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

pytestmark = pytest.mark.django_db

POWERS = {"is_superuser", "is_staff", "groups", "user_permissions"}
NEW = {"password1": "a new secret of 2026", "password2": "a new secret of 2026"}


@pytest.fixture
def clerk(django_user_model):
    """Somebody who may do with logins whatever there is a permission for."""
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    of_logins = Permission.objects.filter(content_type__model="user")
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
