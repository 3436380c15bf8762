"""Whatever happens in whatever order: what was due is told once, or is seen not to be."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from governance import composing, outbox, pruning, reminders
from governance.lifecycle import Status
from governance.models import ExceptionRequest, Notice
from governance.refusals import Refused
from governance.sinks import NotSent, Unknown, Unreachable
from releases.models import InvalidMove, Milestone
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_member,
    make_milestone,
    make_release,
    utc,
)
from tests.governance.outbox_scene import Memory

HOURS = st.integers(1, 100).map(lambda hours: timedelta(hours=hours))


class Killed(BaseException):
    """What a worker dies of here: nothing of ours catches it."""


class Accountant(Memory):
    """A server that keeps count over all workers, and kills or fails as it is told."""

    def __init__(self, accepted, fate):
        super().__init__()
        self.accepted, self.fate = accepted, fate

    def offer(self, mail):
        if self.fate == "dies before":
            raise Killed
        if self.fate == "unreachable":
            raise Unreachable("no answer")

    def hand_over(self, mail, key):
        if self.fate == "refuses":
            raise NotSent("451")
        if self.fate == "dies handing":
            raise Killed
        self.accepted[key] += 1
        if self.fate == "drops":
            raise Unknown("no answer after the final dot")
        if self.fate == "dies after":
            raise Killed


FATES = st.sampled_from(
    ["well", "well", "dies before", "dies handing", "dies after", "refuses", "unreachable", "drops"]
)


class Reminding(RuleBasedStateMachine):
    """People decide, milestones move, time jumps, workers sweep and die."""

    parks = False

    def __init__(self):
        super().__init__()
        self.world = transaction.atomic()  # each life ends as if it had never been
        self.world.__enter__()

    def teardown(self):
        try:
            self.come_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.at = utc(2026, 3, 1)
        self.accepted: Counter[str] = Counter()
        release = make_release()
        self.freeze = make_freeze(release=release, at=self.at - timedelta(days=5))
        self.gamma = make_milestone(release=release, at=self.at + timedelta(days=6))
        self.manager = make_manager(name="Manager")
        self.asker = make_member("contributor", name="Asker")
        for person in (self.manager, self.asker):
            person.handles.create(kind="email", value=f"{person.pk}@example.org")

    @rule(bound=st.booleans(), hours=HOURS)
    def grant(self, bound, hours):
        exception = make_exception(freeze=self.freeze, by=self.asker, at=self.at)
        expires = Milestone.objects.get(pk=self.gamma.pk) if bound else self.at + hours
        self._try(
            lambda: exception.grant(
                by=self.manager, at=self.at, expires=expires, rationale="Agreed."
            )
        )

    @rule(hours=HOURS)
    def extend(self, hours):
        for exception in self._latest():
            self._try(
                lambda e=exception: e.extend(
                    by=self.manager, at=self.at, expires=self.at + hours, rationale="More time."
                )
            )

    @rule(verb=st.sampled_from(["withdraw", "land", "revoke", "defer"]))
    def end(self, verb):
        for exception in self._latest():
            self._try(
                lambda e=exception: getattr(e, verb)(
                    by=self.manager, at=self.at, rationale="Decided."
                )
            )

    @rule(hours=st.integers(-100, 100))
    def move_the_milestone(self, hours):
        self._try(
            lambda: self.gamma.move(
                to=self.at + timedelta(hours=hours), by=self.manager, at=self.at, why="Planned."
            )
        )

    @rule(hours=HOURS)
    def time_passes(self, hours):
        self.at += hours

    @rule(weeks=st.integers(1, 4))
    def weeks_pass(self, weeks):
        """In which everything that was under way came to its end, with workers at work."""
        for days in (2, 2, 2, 2, 7 * weeks):
            self.at += timedelta(days=days)
            self.sweep()
            self.deliver("well")

    @rule()
    def prune(self):
        pruning.prune(days=pruning.FEWEST_DAYS, at=self.at)

    @rule()
    def sweep(self):
        reminders.sweep(at=self.at)

    @rule(fate=FATES)
    def deliver(self, fate):
        with suppress(Killed):
            outbox.deliver(clock=lambda: self.at, sink=Accountant(self.accepted, fate))

    @precondition(lambda self: hasattr(self, "accepted"))
    @invariant()
    def each_is_told_once_or_is_seen_not_to_be(self):
        for notice in Notice.objects.all():
            times = self.accepted[notice.key]
            if notice.state == "sent" and notice.channel == "mail":
                assert times >= 1, notice
            if times > 1:
                assert notice.uncertain_at is not None, notice
            if notice.state in {"cancelled", "missed"}:
                assert notice.uncertain_at is not None or times == 0, notice

    @precondition(lambda self: hasattr(self, "accepted"))
    @invariant()
    def the_ledger_calls_nothing_expired_that_stands(self):
        for exception in ExceptionRequest.objects.filter(status=Status.EXPIRED):
            last = exception.decisions.latest("sequence")
            assert last.at <= self.at

    def come_to_an_end(self):
        """Once the faults are gone and a day has passed, everything has come to its end."""
        if not hasattr(self, "accepted"):
            return
        for _ in range(4):
            self.at += timedelta(hours=2)
            reminders.sweep(at=self.at)
            outbox.deliver(clock=lambda: self.at, sink=Accountant(self.accepted, "well"))
        ends = set(Notice.objects.values_list("state", flat=True))
        assert ends <= {"sent", "cancelled", "missed", "uncertain"}
        if self.parks:
            assert max(self.accepted.values(), default=0) <= 1
        else:
            assert "uncertain" not in ends
        self.each_is_told_once_or_is_seen_not_to_be()
        for exception in ExceptionRequest.objects.filter(status__in=["granted", "expired"]):
            self._has_told_of(exception)

    def _has_told_of(self, exception):
        """Who asked has heard of its end, or of it coming where that is less than three days.

        When nobody swept for two weeks after its end, that is on record as missed.
        """
        told = Notice.objects.filter(
            subject_kind="exception", subject_id=exception.pk, recipient=self.asker
        )
        deadline = exception.until.instant
        if exception.status == Status.EXPIRED:
            # At the deadline that it had then: its milestone may have moved once more.
            ended = told.filter(kind="expired").order_by("pk").last()
            assert ended is not None
            missed = {"missed"} if self.at - ended.due_at > composing.NEWS_FOR else set()
            assert ended.state in {"sent", "uncertain"} | missed
        elif deadline - self.at <= timedelta(hours=72):
            assert told.filter(kind="reminder", deadline_at=deadline).exists()

    def _latest(self):
        return list(ExceptionRequest.objects.order_by("-pk")[:1])

    def _try(self, act):
        with suppress(Refused, InvalidMove):
            act()


@pytest.mark.parametrize("uncertain", ["resend", "park"])
def test_whatever_happens_each_thing_is_told_once_or_is_seen_not_to_be(
    uncertain, db, settings_of_django
):
    settings_of_django.REMINDER_UNCERTAIN = uncertain
    Reminding.parks = uncertain == "park"
    run_state_machine_as_test(
        Reminding,
        settings=settings(
            max_examples=4,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_django(settings):
    return settings
