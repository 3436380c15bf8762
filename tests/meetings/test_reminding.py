"""Who owns an action is reminded of it, and managers of what is overdue."""

from datetime import timedelta

import pytest

from governance.models import Notice
from governance.reminders import sweep
from governance.subjects import sources
from meetings.models import Action
from tests.factories import make_manager, make_person, utc

pytestmark = pytest.mark.django_db
DUE = utc(2011, 4, 2)  # the end of that Friday
LOG = """\
21:00:00 <ttx> #startmeeting
21:00:01 <pim> hi
21:00:02 <ttx> #action pim test it by Friday
"""


@pytest.fixture
def pim(store):
    pim = make_person(name="Pim")
    pim.handles.create(kind="irc", value="pim")
    store(LOG)
    return pim


def told():
    return list(
        Notice.objects.filter(subject_kind="action").values_list("recipient__name", "deadline_at")
    )


def test_the_owner_is_reminded_before_an_action_is_due(pim):
    sweep(at=DUE - timedelta(hours=2))
    assert set(told()) == {("Pim", DUE)}


def test_nobody_is_told_of_what_is_done(pim):
    Action.objects.get().close(state="done", by=pim, at=DUE - timedelta(days=3))
    sweep(at=DUE - timedelta(hours=2))
    assert told() == []


def test_a_reminder_is_dropped_when_the_action_was_closed_meanwhile(pim):
    source, action = sources()["action"], Action.objects.get()
    assert source.reread(action.pk, deadline_at=DUE, at=DUE).title == "pim test it by Friday"
    action.close(state="done", by=pim, at=DUE)
    assert source.reread(action.pk, deadline_at=DUE, at=DUE) is None


def test_the_digest_lists_what_is_overdue(pim):
    make_manager()
    [section] = sources()["action"].digest(at=DUE + timedelta(hours=1))
    assert [line.words for line in section.lines] == ["pim: pim test it by Friday"]
