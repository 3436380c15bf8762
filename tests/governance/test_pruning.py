"""What has run its course is forgotten, and is never told again."""

from datetime import timedelta

import pytest

from governance import outbox, pruning, reminders, webhooks
from governance.models import Delivery, Heartbeat, Notice
from tests.api.receiver import receiving
from tests.api.test_webhooks import round_at, tell
from tests.factories import make_milestone
from tests.governance.outbox_scene import DAY, HOUR, Memory, run, with_addresses
from thaw.environment import FEWEST_DAYS_KEPT

__all__ = ["tell"]

pytestmark = pytest.mark.django_db
DAYS = 30


@pytest.fixture
def scene(scene):
    return with_addresses(scene)


@pytest.fixture
def told(scene):
    """An exception that was granted, reminded of and has expired, all of it sent; who was told."""
    scene.grant(scene.ask(at=scene.now))
    sink = Memory()
    for at in (scene.now, scene.until - HOUR, scene.until, scene.until + HOUR):
        run(at, sink)
    assert len(sink.keys) == len(set(sink.keys)) > 4
    return sink


def kinds():
    return dict.fromkeys(Notice.objects.order_by("kind").values_list("kind", flat=True)).keys()


def prune(at, days=DAYS):
    reminders.sweep(at=at)
    return pruning.prune(days=days, at=at)


def test_what_was_sent_is_forgotten_after_so_many_days_but_for_expiries(scene, told):
    assert kinds() == {"decision", "digest", "expired", "reminder"}
    assert prune(scene.until + (DAYS - 1) * DAY).notices <= len(told.keys) // 2
    assert "reminder" in kinds()
    prune(scene.until + (DAYS + 2) * DAY)
    assert set(Notice.objects.filter(due_at__lte=scene.until + HOUR).values_list("kind")) == {
        ("expired",)
    }


@pytest.mark.parametrize("days", [0, 1, 15, 29, 31, 400])
def test_nothing_that_was_forgotten_is_told_again_whenever_it_is_swept(days, scene, told):
    at = scene.until + timedelta(days=DAYS + 2)
    assert prune(at).notices > 0
    run(at + timedelta(days=days), told)
    assert len(told.keys) == len(set(told.keys))


def test_nobody_sweeps_as_of_an_instant_whose_notices_are_forgotten(scene, told):
    prune(scene.until + (DAYS + 2) * DAY)
    for at in (scene.now, scene.until, scene.until + 2 * DAY):
        with pytest.raises(reminders.Forgotten, match="could send it twice"):
            reminders.sweep(at=at)
    run(scene.until + 3 * DAY + HOUR, told)
    assert len(told.keys) == len(set(told.keys))


def test_a_milestone_moved_back_to_where_it_was_long_ago_tells_no_expiry_twice(scene):
    sink = Memory()
    exception = scene.grant(scene.ask(at=scene.now), expires=scene.gamma)
    run(scene.gamma.at, sink)
    first = scene.gamma.at
    later = first + (DAYS + 5) * DAY
    exception.refresh_from_db()
    exception.extend(by=scene.thea, at=later - DAY, expires=later + DAY, rationale="Once more.")
    exception.expire(at=later + DAY)
    scene.gamma.move(to=later + 3 * DAY, by=scene.thea, at=later, why="Slipped.")
    exception.extend(by=scene.thea, at=later + DAY, expires=scene.gamma, rationale="Once more.")
    later += 2 * DAY
    run(later - HOUR, sink)
    assert pruning.prune(days=DAYS, at=later).notices > 0
    scene.gamma.move(to=first, by=scene.thea, at=later, why="A slip of the keyboard.")
    run(later + HOUR, sink)
    exception.refresh_from_db()
    assert exception.status == "expired"
    assert len(sink.keys) == len(set(sink.keys))


def test_what_is_still_to_be_sent_or_to_be_looked_at_is_kept(scene):
    scene.grant(scene.ask(at=scene.now))
    at = scene.now + 400 * DAY
    Notice.objects.exclude(kind="expired").update(deadline_at=scene.now)
    reminders.sweep(at=at)
    before = Notice.objects.filter(due_at__lt=scene.now + DAY).order_by("pk").first()
    for state in ("pending", "failed", "uncertain"):
        Notice.objects.filter(pk=before.pk).update(state=state)
        pruning.prune(days=DAYS, at=at)
        assert Notice.objects.filter(pk=before.pk).exists(), state


def test_a_reminder_sent_long_before_its_deadline_is_kept_until_that_is_past(scene, settings):
    settings.REMINDER_OFFSETS = "90d,0"
    make_milestone(release=scene.release, name="Far", at=scene.now + 90 * DAY)
    sink = run(scene.now)
    early = Notice.objects.filter(lead=90 * 24 * 3600, state="sent")
    assert early.exists()
    prune(scene.now + 80 * DAY)
    assert early.exists()
    prune(scene.now + (90 + DAYS + 1) * DAY)
    assert not early.exists()
    assert len(sink.keys) == len(set(sink.keys))


def test_where_nobody_has_swept_for_long_nothing_is_forgotten(scene, told):
    count = Notice.objects.count()
    assert pruning.prune(days=DAYS, at=scene.until + 400 * DAY).notices == 0
    assert Notice.objects.count() == count
    Heartbeat.objects.all().delete()
    assert pruning.prune(days=DAYS, at=scene.until + 400 * DAY).notices == 0


def test_without_a_number_of_days_everything_is_kept_and_too_few_are_refused(scene, told):
    reminders.sweep(at=scene.until + 400 * DAY)
    assert pruning.prune(days=0, at=scene.until + 400 * DAY) == pruning.Pruned(0, 0)
    for days in (-1, 1, pruning.FEWEST_DAYS - 1):
        with pytest.raises(ValueError, match="too few"):
            pruning.prune(days=days, at=scene.until + 400 * DAY)
    assert pruning.FEWEST_DAYS == FEWEST_DAYS_KEPT


def test_many_are_forgotten_some_at_a_time(scene, told, monkeypatch):
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    assert prune(scene.until + (DAYS + 2) * DAY).notices > 4


def test_what_was_said_to_a_webhook_is_forgotten_and_not_said_again(scene, tell):
    with receiving() as receiver:
        tell(receiver)
        scene.grant(scene.ask(at=scene.now))
        assert round_at(scene.now) == {"sent": 2}
        later = scene.now + (DAYS + 1) * DAY
        assert prune(later).bodies == 2
        assert set(Delivery.objects.values_list("body")) == {("",)}
        webhooks.plan(at=later)
        assert dict(webhooks.deliver(clock=lambda: later)) == {}
    assert len(receiver.heard) == 2


def test_a_notice_that_waits_for_a_later_try_goes_out_as_ever(scene, told):
    """Forgetting holds nobody up who is still to be told."""
    at = scene.until + (DAYS + 2) * DAY
    prune(at)
    late = scene.ask(title="Another", at=at)
    late.grant(by=scene.thea, at=at, expires=at + 2 * DAY, rationale="Late.")
    count = len(told.keys)
    outbox.deliver(clock=lambda: at + HOUR, sink=told)
    assert len(told.keys) > count
