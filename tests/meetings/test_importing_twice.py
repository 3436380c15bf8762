"""The same meeting again: from the same file, from a copy, from a log that has grown, at once."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.json import meeting_as_json
from meetings.logs import format_named
from meetings.models import Item, LogLine, Meeting, Source

LOG = """\
21:00:00 <ada> #startmeeting Weekly
21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada.
21:00:02 <ada> #topic Freeze
21:00:03 <bea> #action ada to look at https://github.com/owner/repo/pull/12
no shape at all
21:00:08 <ada> #endmeeting
21:00:09 <bea> bye
"""
STORED = {"Source": 1, "Meeting": 1, "LogLine": 6, "Item": 2}


def rows():
    """Everything that is stored, as plain values."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Source, Meeting, LogLine, Item)
    }


def counts():
    return {name: len(stored) for name, stored in rows().items()}


@pytest.mark.django_db
def test_a_second_import_of_the_same_log_changes_nothing(store):
    first, before = store(LOG), rows()
    second = store(LOG)
    assert rows() == before
    assert [meeting.created for log in (first, second) for meeting in log.meetings] == [True, False]
    seen, again = (meeting_as_json(log, log.meetings[0]) for log in (first, second))
    assert again == seen | {"created": False}
    assert (second.left_out, second.undated) == (first.left_out, first.undated)


@pytest.mark.django_db
def test_a_log_that_has_grown_brings_only_what_is_new(store):
    store(LOG)
    before = rows()
    grown = LOG + "22:00:00 <bea> #startmeeting Second\n22:00:01 <bea> #endmeeting\n"
    assert [meeting.created for meeting in store(grown).meetings] == [False, True]
    assert counts() == {"Source": 2, "Meeting": 2, "LogLine": 8, "Item": 2}
    after = rows()
    assert {name: after[name][: len(before[name])] for name in before} == before


@pytest.mark.django_db
def test_the_same_meeting_under_another_name_and_in_another_channel_is_already_there(store):
    store(LOG)
    copied = store(LOG.replace("\n", "\r\n"), name="copy.2011-03-29.txt", channel="#other")
    assert [(one.slug, one.created) for one in copied.meetings] == [
        ("weekly.2011-03-29-21.00", False)
    ]
    assert counts() == STORED


@pytest.mark.django_db
def test_a_meeting_of_the_bots_file_is_found_again_in_the_log_of_the_channel(store):
    bot = "Meeting started Mon Jan  7 09:00:00 2019 UTC.  The chair is ada."
    said = f"""\
09:00:00 <ada> #startmeeting Weekly
09:00:01 <MeetBot> {bot}
09:00:02 <ada> #agreed ship it
09:00:03  * bea cheers
09:00:04 <ada> #endmeeting
"""
    channel = f"""\
2019-01-07T08:59:00  <bea> soon
2019-01-07T09:00:00  <ada> #startmeeting Weekly
2019-01-07T09:00:01  <MeetBot> {bot}
2019-01-07T09:00:02 *** carl <c!~c@host.example> has joined #weekly
2019-01-07T09:00:02  <ada> #agreed ship it
2019-01-07T09:00:03  * bea cheers
2019-01-07T09:00:04  <ada> #endmeeting
2019-01-07T09:00:05  <MeetBot> Meeting ended Mon Jan  7 09:00:04 2019 UTC.
2019-01-07T09:00:05  <MeetBot> Minutes: http://example.org/
"""
    assert [one.created for one in store(said).meetings] == [True]
    assert [one.created for one in store(channel, name="#weekly.log").meetings] == [False]


@pytest.mark.django_db
def test_copies_of_a_meeting_in_one_file_each_count_and_only_once(store):
    text = "21:00:00 <ada> #startmeeting\n21:00:00 <ada> #endmeeting\n" * 3
    assert [one.created for one in store(text).meetings] == [True] * 3
    assert [one.created for one in store(text).meetings] == [False] * 3
    assert len(set(Meeting.objects.values_list("slug", flat=True))) == 3


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_at_once_store_a_log_once(store):
    # Long enough that each looks before the other has stored anything.
    text = LOG.replace("no shape", "21:00:04 <bea> and another thing\n" * 5000 + "no shape")
    both = threading.Barrier(2)
    outcomes = []

    def run():
        try:
            both.wait()
            outcomes.append(store(text).meetings[0].created)
        except Exception as error:  # noqa: BLE001 a thread's error would be lost
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [False, True]
    assert counts() == STORED | {"LogLine": 5006}


nicks = st.sampled_from(["ada", "bea", "MeetBot", "[x]`^", "ada_"])
words = st.one_of(
    st.sampled_from([
        "#startmeeting", "#startmeeting x", "#endmeeting", "#topic t", "#agreed x", "#undo", "hi",
        "#chair bea", "#unchair ada", "#action bea, do", "http://example.org/", "#nick carl",
        "Meeting started Mon May  4 21:00:00 2015 UTC.  The chair is ada.", "Meeting ended",
        "Meeting started Mon May  4 21:00:00 2015 UTC and is due to finish in 60 minutes.",
        "#startvote A? B, C", "#vote b", "#endvote", "#meetingtopic x", "LP: #1",
    ]),
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
clocks = st.builds("{:02}:{:02}:{:02}".format, *map(st.integers, (0, 0, 0), (23, 59, 59)))
shapes = st.one_of(
    st.builds("{} <{}> {}".format, clocks, nicks, words),
    st.builds("{}  * {} {}".format, clocks, nicks, words),
    st.sampled_from(["", "no shape", "25:00:00 <ada> x"]),
)
logs = st.lists(shapes, min_size=1, max_size=25).map(
    lambda lines: "\n".join(["00:00:00 <ada> #startmeeting", *lines])
)


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example undoes what it stored
@given(text=logs)
def test_no_line_is_lost_and_twice_is_once(store, take, text):
    with transaction.atomic():
        log = store(text, format=format_named("meetbot"))
        before = rows()
        again = store(text, format=format_named("meetbot"))
        assert rows() == before
        assert [meeting.created for meeting in again.meetings] == [False] * len(log.meetings)
        assert [meeting.created for meeting in log.meetings] == [True] * len(log.meetings)
        assert log.undated == []
        left = sum(unread.lines for unread in log.left_out)
        assert LogLine.objects.count() + left == text.count("\n") + (not text.endswith("\n"))
        assert LogLine.objects.count() == sum(meeting.lines for meeting in log.meetings)
        for items in (Item.objects.all(), Item.objects.filter(kind="link")):
            lines = items.filter(meeting__lines__number=F("line"), meeting__lines__nick=F("nick"))
            assert lines.count() == items.count()
        transaction.set_rollback(True)
