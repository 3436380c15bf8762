"""Two at once on PostgreSQL: threads with a connection each, from a barrier."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connections
from django.db.models import QuerySet

from governance.models import Decision
from tests.governance.races import CONTESTS, aftermath, attempt

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("emptied_ledger"),
]


def race(contest):
    """How the two ended, and the ledgers that they left."""
    ids, barrier = contest.prepare(), threading.Barrier(2)

    def run(side):
        try:
            act = side(ids)
            barrier.wait(timeout=10)
            return attempt(act)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        ended = tuple(pool.map(run, (contest.left, contest.right)))
    return ended, aftermath(contest, ids)


def unfair(names, rounds=1):
    """What must not be, by the name of the contest."""
    found = {}
    for name in names:
        for _ in range(rounds):
            ended, left = race(CONTESTS[name])
            if left not in CONTESTS[name].endings.get(ended, []):
                found[name] = (ended, left)
    return found


def test_two_at_once_end_as_if_one_came_after_the_other():
    assert unfair(CONTESTS, rounds=4) == {}  # one try may miss the race


@pytest.fixture
def pause_before_a_decision_is_written(monkeypatch):
    """Each waits until the other has come as far, or has shown that it cannot.

    Whoever comes there has read the state and found the verb possible: the moment of any race.
    """
    write, barrier = Decision.save, threading.Barrier(2)

    def wait_and_write(decision, **options):
        if threading.current_thread() is not threading.main_thread():
            with suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=0.3)
            barrier.reset()
        write(decision, **options)

    monkeypatch.setattr(Decision, "save", wait_and_write)


BY_ROW_LOCK = [name for name, contest in CONTESTS.items() if contest.by_row_lock]


@pytest.mark.usefixtures("pause_before_a_decision_is_written")
def test_the_moment_of_the_race_is_guarded():
    assert unfair(BY_ROW_LOCK) == {}


@pytest.mark.usefixtures("pause_before_a_decision_is_written")
def test_without_its_locks_each_of_these_races_goes_wrong(monkeypatch):
    """So the tests above do see what they look for."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    assert set(unfair(BY_ROW_LOCK)) == set(BY_ROW_LOCK)
