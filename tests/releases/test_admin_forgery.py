"""The admin shows state and does not edit it, whatever is posted."""

import pytest
from django.contrib.auth.models import Permission

from meetings.models import Item, Meeting
from releases.models import Milestone, MilestoneMove
from tests.factories import make_milestone, make_person, make_release, utc
from tests.thaw.logs import make_meeting
from tests.thaw.pages import admin_url

pytestmark = [pytest.mark.once, pytest.mark.django_db]

GAMMA = utc(2011, 4, 5, 10)
NO_MOVES = {"moves-TOTAL_FORMS": 0, "moves-INITIAL_FORMS": 0}
LATER = {"at_0": "2031-01-01", "at_1": "00:00:00", "at": "2031-01-01 00:00"}


@pytest.fixture
def milestone():
    return make_milestone(at=GAMMA, name="GammaFreeze", slug="gammafreeze", kind="hard-freeze")


@pytest.fixture(params=["superuser", "release manager"])
def insider(request, client, django_user_model):
    """Who may do the most: a superuser, and a login with the rights of the demo's manager."""
    user = django_user_model.objects.create_user("insider", is_staff=True)
    if request.param == "superuser":
        user.is_superuser = True
        user.save()
    apps = ["releases", "governance", "meetings"]
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=apps))
    client.force_login(user)
    return client


def change(record):
    return admin_url(type(record), "change", record.pk)


NONE_NEW = {"milestones-2-TOTAL_FORMS": 0, "milestones-2-INITIAL_FORMS": 0}


def fields_of(milestone, **others):
    fields = {"name": milestone.name, "slug": milestone.slug, "kind": milestone.kind}
    return fields | {"project": "", "release": milestone.release_id} | NO_MOVES | others


def test_a_posted_instant_does_not_move_a_milestone(milestone, insider):
    elsewhere = make_release()
    forged = fields_of(milestone, name="Renamed", **LATER) | {"release": elsewhere.pk}
    assert insider.post(change(milestone), forged).status_code == 302
    stored = Milestone.objects.get()
    assert (stored.name, stored.at, stored.release) == ("Renamed", GAMMA, milestone.release)


def test_a_posted_instant_does_not_move_a_milestone_by_the_page_of_its_release(milestone, insider):
    release = milestone.release
    forged = {f"milestones-0-{name}": value for name, value in fields_of(milestone).items()}
    forged |= {f"milestones-0-{name}": value for name, value in LATER.items()}
    answer = insider.post(
        change(release),
        {
            "name": "Renamed",
            "slug": release.slug,
            "zone": "UTC",
            "version": "",
            **forged,
            "milestones-0-id": milestone.pk,
            "milestones-0-release": release.pk,
            "milestones-0-DELETE": "on",
            "milestones-TOTAL_FORMS": 1,
            "milestones-INITIAL_FORMS": 1,
            **NONE_NEW,
        },
    )
    assert answer.status_code == 302
    assert list(Milestone.objects.values_list("at", "name", "release__name")) == [
        (GAMMA, "GammaFreeze", "Renamed")
    ]


def test_an_old_milestone_is_not_changed_among_the_new_ones(milestone, insider):
    release = milestone.release
    forged = fields_of(milestone) | LATER | {"id": milestone.pk, "DELETE": "on"}
    for initial in (0, 1):
        insider.post(
            change(release),
            {
                "name": "Renamed",
                "slug": release.slug,
                "zone": "UTC",
                "milestones-TOTAL_FORMS": 0,
                "milestones-INITIAL_FORMS": 0,
                **{f"milestones-2-0-{name}": value for name, value in forged.items()},
                "milestones-2-TOTAL_FORMS": 1,
                "milestones-2-INITIAL_FORMS": initial,
            },
        )
    assert list(Milestone.objects.values_list("at", "name")) == [(GAMMA, "GammaFreeze")]


FORGED_MOVE = {
    "moves-0-from_at_0": "2011-04-05",
    "moves-0-from_at_1": "10:00",
    "moves-0-to_at_0": "2031-04-07",
    "moves-0-to_at_1": "10:00",
    "moves-0-at_0": "2011-04-01",
    "moves-0-at_1": "10:00",
    "moves-0-why": "forged",
    "moves-TOTAL_FORMS": 1,
}


def test_a_move_is_not_added_by_a_form(milestone, insider):
    forged = FORGED_MOVE | {"moves-0-milestone": milestone.pk, "moves-0-by": make_person().pk}
    answer = insider.post(change(milestone), fields_of(milestone) | forged)
    assert answer.status_code == 302
    assert list(MilestoneMove.objects.all()) == []


def test_a_move_is_neither_edited_nor_deleted_by_a_form(milestone, insider):
    move = milestone.move(to=utc(2011, 4, 7), by=make_person(), at=utc(2011, 4, 1), why="bugs")
    before = MilestoneMove.objects.values().get()
    forged = FORGED_MOVE | {
        "moves-0-id": move.pk,
        "moves-0-milestone": milestone.pk,
        "moves-0-by": make_person().pk,
        "moves-0-DELETE": "on",
        "moves-INITIAL_FORMS": 1,
    }
    answer = insider.post(change(milestone), fields_of(milestone) | forged)
    assert answer.status_code == 302
    assert MilestoneMove.objects.values().get() == before


def test_a_milestone_that_was_moved_is_not_deleted(milestone, insider):
    milestone.move(to=utc(2011, 4, 7), by=make_person(), at=utc(2011, 4, 1), why="bugs")
    answer = insider.post(admin_url(Milestone, "delete", milestone.pk), {"post": "yes"})
    assert answer.status_code in {200, 403}
    insider.post(
        admin_url(Milestone, "changelist"),
        {"action": "delete_selected", "_selected_action": [milestone.pk], "post": "yes"},
    )
    assert Milestone.objects.get() == milestone


@pytest.mark.parametrize("model", [Meeting, Item])
def test_what_was_said_is_neither_added_nor_edited_nor_deleted(model, insider):
    make_meeting("#agreed no more features")
    record = model.objects.get()
    before = model.objects.values().get()
    answers = {
        "read": insider.get(change(record)).status_code,
        "add": insider.post(admin_url(model, "add"), {"title": "forged"}).status_code,
        "change": insider.post(change(record), {"title": "forged", "text": "forged"}).status_code,
        "delete": insider.post(admin_url(model, "delete", record.pk), {"post": "yes"}).status_code,
    }
    assert answers == {"read": 200, "add": 403, "change": 403, "delete": 403}
    insider.post(
        admin_url(model, "changelist"),
        {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"},
    )
    assert model.objects.values().get() == before


def test_what_a_freeze_blocks_is_not_widened_to_an_unknown_kind(milestone, insider):
    answer = insider.post(change(milestone), fields_of(milestone, blocks=["feature", "whim"]))
    assert answer.status_code == 200
    assert Milestone.objects.get().blocks == []
