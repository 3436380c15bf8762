import stat
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction

from governance.models import ExceptionRequest
from meetings.models import Item, Meeting, Suggestion
from releases.models import MergeProposal, Milestone, MilestoneMove, Person, Release
from tests.factories import make_release, utc
from tests.thaw.logs import make_meeting
from thaw.demo import load_demo

pytestmark = pytest.mark.once

HAWAII = ZoneInfo("Pacific/Honolulu")
INSTANTS = {
    "just before midnight": utc(2026, 11, 23, 23, 30),
    "just after midnight": utc(2026, 11, 24, 0, 10),
    "a leap day": utc(2028, 2, 29, 12),
    "the last hour of a year": utc(2026, 12, 31, 23, 30),
    "just before a day ends in Hawaii": utc(2026, 6, 1, 9, 59),
    "an hour after the meeting began": utc(2026, 6, 1, 22),
}


@pytest.fixture(scope="class", params=INSTANTS)
def at(request, django_db_setup, django_db_blocker):
    """The instant at which the demo was loaded, once for all that is asked of it."""
    at = INSTANTS[request.param]
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(at=at, password="any")
        yield at

        transaction.set_rollback(True)


class TestLoadedAtAnyHour:
    def test_the_demo_is_dated_around_the_instant_at_which_it_is_loaded(self, at):
        assert Release.objects.current(at) == Release.objects.get(slug="cactus")
        passed, ahead = Milestone.objects.passed(at), Milestone.objects.ahead(at)
        assert [milestone.name for milestone in passed] == ["FeatureFreeze", "StringFreeze"]
        assert [milestone.name for milestone in ahead] == ["GammaFreeze", "RC1", "Cactus"]
        assert {milestone.at.astimezone(HAWAII).hour for milestone in Milestone.objects.all()} == {
            0
        }

    def test_its_meetings_were_held_lately_and_a_week_apart(self, at):
        this_week, last_week = Meeting.objects.all()
        assert this_week.started_at - last_week.started_at == timedelta(days=7)
        assert timedelta(hours=1) <= at - this_week.started_at < timedelta(hours=25)
        assert this_week.ended_at < at
        assert [(meeting.dated_by, meeting.warnings) for meeting in (this_week, last_week)] == [
            ("bot", [])
        ] * 2

    def test_what_was_said_in_it_agrees_with_its_calendar(self, at):
        last_week = Meeting.objects.last()
        move = MilestoneMove.objects.get()
        before, after = (moment.astimezone(HAWAII) for moment in (move.from_at, move.to_at))
        said = Item.objects.get(text__startswith="GammaFreeze moves")
        last_days = [moment - timedelta(seconds=1) for moment in (before, after)]
        assert "from {:%A %-d %B} to {:%A %-d %B},".format(*last_days) in said.text
        assert (move.milestone.at, move.at) == (move.to_at, last_week.started_at)
        agreed = Item.objects.get(text__startswith="volumes-api stands until EOD")
        deadline = at + timedelta(hours=2)
        assert f"EOD {deadline.astimezone(HAWAII):%A %-d %B} Hawaii time" in agreed.text

    def test_what_is_read_of_what_was_said_is_what_was_decided(self, at):
        read = {one.verdict: one for one in Suggestion.objects.order_by("-line")}
        exception = ExceptionRequest.objects.get(title="Volumes through the API")
        assert read["grant"].expires_at == exception.expires_at
        assert (read["grant"].state, read["grant"].warnings) == ("accepted", [])
        assert read["move-milestone"].moved_to == MilestoneMove.objects.get().to_at

    def test_of_what_was_decided_before_nothing_waits_to_be_decided(self, at):
        waiting = Suggestion.objects.waiting().values_list("verdict", flat=True)
        assert list(waiting) == ["policy"]


@pytest.mark.django_db
def test_it_holds_an_item_that_was_taken_back_and_one_that_did_not_count():
    load_demo(at=utc(2026, 11, 23, 19, 30), password="any")
    assert list(Item.objects.filter(undone=True).values_list("text", flat=True)) == [
        "disable-creds waits until it is a bug"
    ]
    assert list(Item.objects.filter(counted=False).values_list("nick", "text")) == [
        ("pim", "it goes in as it is")
    ]


@pytest.mark.django_db
def test_it_holds_six_people_three_proposals_and_two_meetings():
    load_demo(at=utc(2026, 11, 23, 19, 30), password="any")
    assert [
        model.objects.count() for model in (Person, User, MergeProposal, Meeting, Milestone)
    ] == [6, 6, 3, 2, 5]
    assert list(User.objects.filter(is_staff=True).values_list("username", flat=True)) == ["thea"]
    assert not User.objects.filter(is_superuser=True).exists()
    for milestone in Milestone.objects.all():
        milestone.full_clean()
    for proposal in MergeProposal.objects.all():
        proposal.full_clean()


@pytest.mark.django_db
def test_it_is_not_loaded_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="not in production"):
        call_command("load_demo")
    assert (User.objects.count(), Release.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_it_is_not_loaded_into_a_base_with_data(settings):
    settings.DEBUG = True
    make_release()
    with pytest.raises(CommandError, match="There is data here already"):
        call_command("load_demo")
    assert (User.objects.count(), Release.objects.count()) == (0, 1)


@pytest.mark.django_db
def test_it_is_not_loaded_beside_meetings_that_were_imported(settings):
    settings.DEBUG = True
    make_meeting("#agreed no more features")
    call_command("load_demo", "--if-empty")
    assert (User.objects.count(), Release.objects.count(), Meeting.objects.count()) == (0, 0, 1)


def test_loading_it_again_if_empty_is_harmless_and_tells_the_logins_again(migrated_place):
    place = migrated_place
    first, second = (place.manage("load_demo", "--if-empty") for _ in range(2))
    password_file = place.var / "demo-password"
    logins = f"Logins, all with the password {password_file.read_text()}\n"
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith("Loaded the demo: Cactus (2011.2).\n")
    assert (logins in second.stdout, first.stdout.endswith(second.stdout)) == (True, True)
    assert f" in {place.var}/mail/, a file a message" in second.stdout
    assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
