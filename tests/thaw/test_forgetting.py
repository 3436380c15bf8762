"""Each day what has run its course is forgotten: by a worker, or by hand."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance.models import Heartbeat, Notice
from governance.pruning import PRUNED
from governance.reminders import SWEPT
from tests.factories import make_person
from thaw.tasks import prune

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=1)


@pytest.fixture
def old_and_new():
    """Of everything one that ended 200 days ago and one of yesterday; swept just now."""
    now, person = timezone.now(), make_person()
    Heartbeat.record(SWEPT, at=now)
    for number, at in enumerate([now - 200 * DAYS, now - 1 * DAYS]):
        Notice.objects.create(
            subject_kind="decision",
            subject_id=number,
            kind="decision",
            deadline_at=at,
            recipient=person,
            about="FFE-1",
            state="sent",
            due_at=at,
            next_try_at=at,
            sent_at=at,
        )
        for model in (AccessLog, AccessAttempt):
            made = {"failures_since_start": 1} if model is AccessAttempt else {}
            found = model.objects.create(username=f"thea{number}", **made)
            model.objects.filter(pk=found.pk).update(attempt_time=at)
        Session.objects.create(session_key=str(number), session_data="", expire_date=at + 10 * DAYS)


def left():
    return [model.objects.count() for model in (Notice, AccessLog, AccessAttempt, Session)]


def pruned(*arguments):
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


def test_a_worker_forgets_what_is_older_than_the_setting_says(old_and_new, settings):
    settings.KEPT_DAYS = 180
    prune()
    assert left() == [1, 1, 1, 1]
    assert Heartbeat.last(PRUNED) is not None


def test_by_hand_it_says_what_it_forgot(old_and_new):
    assert pruned("--days=300") == "Forgotten: sessions 1.\n"
    assert pruned() == "Forgotten: notices 1, sign-ins 2.\n"
    assert pruned() == "Forgotten: nothing.\n"


def test_with_no_days_all_is_kept_but_sessions_that_are_over(old_and_new):
    pruned("--days=0")
    assert left() == [2, 2, 2, 1]


def test_too_few_days_are_refused_and_nothing_is_forgotten(old_and_new):
    with pytest.raises(CommandError, match="14 days are too few"):
        pruned("--days=14")
    assert left() == [2, 2, 2, 2]


def test_reminders_are_not_sent_by_hand_as_of_an_instant_that_is_forgotten(old_and_new):
    pruned()
    long_ago = f"{timezone.now() - 190 * DAYS:%Y-%m-%dT%H:%M:%SZ}"
    for options in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match="could send it twice"):
            call_command("send_reminders", f"--at={long_ago}", *options)
