"""Two sign-ins at once on PostgreSQL: threads with a connection each, from a barrier."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections

from governance.refusals import NotAllowed
from releases.models import HandleKind, Membership, Role
from tests.factories import make_person
from thaw.sign_in.account import account_of
from thaw.sign_in.people import login_for

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 8  # one try may miss the race


def at_once(*acts):
    """How each ended: what it gave back, or the name of the error."""
    barrier = threading.Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=10)
            return act()
        except Exception as error:  # noqa: BLE001 it is told, and the test says which may be
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_accounts_with_the_address_of_one_person_make_one_login():
    for number in range(ROUNDS):
        person = make_person()
        person.handles.create(kind=HandleKind.EMAIL, value=f"thea-{number}@example.org")

        def sign_in(name, number=number):
            account = account_of(
                name="", username=f"{name}-{number}", emails=[f"thea-{number}@example.org"]
            )
            return lambda: login_for(account, provider="Example SSO", new_people=True)

        ended = at_once(sign_in("left"), sign_in("right"))
        person.refresh_from_db()
        assert sorted(one is NotAllowed for one in ended) == [False, True], ended
        assert (person.user in ended, User.objects.count()) == (True, number + 1)


def test_two_sign_ins_of_one_person_leave_the_roles_of_one_of_them():
    for _ in range(ROUNDS):
        person = make_person()
        roles = {(Role.REVIEWER, None): "core"}
        more = {(Role.REVIEWER, None): "core", (Role.RELEASE_MANAGER, None): "team"}

        def follow(wanted, person=person):
            return lambda: Membership.objects.follow_groups(person=person, roles=wanted) and None

        assert at_once(follow(roles), follow(more), follow(more)) == [None] * 3
        assert person.memberships.count() in {1, 2}
