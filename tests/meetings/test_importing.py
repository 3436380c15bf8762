import hashlib
import io
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.importing import UnreadableLog, channel_in_name, import_log
from meetings.json import meeting_as_json
from meetings.logs import DateHints
from meetings.models import Item, LogLine, Meeting, Source

LOG = """\
21:00:00 <ada> #startmeeting Weekly
21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada.
21:00:02 <ada> #topic Freeze
21:00:03 <bea> #action ada to look at https://github.com/owner/repo/pull/12
21:00:04 <bea> #agreed not mine to say
21:00:05  * bea sighs

21:00:06 <ada> #link https://example.org/a).
21:00:07 <ada> #undo
no shape at all
21:00:08 <ada> #endmeeting
21:00:09 <bea> bye
"""


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def rows():
    """Everything that is stored, as plain values."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Source, Meeting, LogLine, Item)
    }


def counts():
    return {name: len(stored) for name, stored in rows().items()}


@pytest.mark.django_db
def test_a_meeting_is_stored_as_it_was_read(store):
    store(LOG)
    meeting = Meeting.objects.values().get()
    assert len(meeting.pop("digest")) == 64
    assert meeting == {
        "id": meeting["id"],
        "slug": "weekly.2011-03-29-21.00",
        "title": "Weekly",
        "channel": "weekly",
        "started_at": utc(2011, 3, 29, 21),
        "ended_at": utc(2011, 3, 29, 21, 0, 8),
        "chairs": ["ada"],
        "people": {"ada": 5, "bea": 3},
        "bots": ["MeetBot"],
        "line_count": 10,
        "profile": "classic",
        "dated_by": "bot",
        "warnings": [],
        "source_id": Source.objects.get().pk,
    }


@pytest.mark.django_db
def test_every_line_is_stored_with_its_number_instant_and_kind(store):
    store(LOG)
    assert list(LogLine.objects.values_list("number", "at", "nick", "kind", "text")) == [
        (1, utc(2011, 3, 29, 21, 0, 0), "ada", "speech", "#startmeeting Weekly"),
        (2, utc(2011, 3, 29, 21, 0, 1), "MeetBot", "bot",
         "Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada."),
        (3, utc(2011, 3, 29, 21, 0, 2), "ada", "speech", "#topic Freeze"),
        (4, utc(2011, 3, 29, 21, 0, 3), "bea", "speech",
         "#action ada to look at https://github.com/owner/repo/pull/12"),
        (5, utc(2011, 3, 29, 21, 0, 4), "bea", "speech", "#agreed not mine to say"),
        (6, utc(2011, 3, 29, 21, 0, 5), "bea", "action", "sighs"),
        (8, utc(2011, 3, 29, 21, 0, 6), "ada", "speech", "#link https://example.org/a)."),
        (9, utc(2011, 3, 29, 21, 0, 7), "ada", "speech", "#undo"),
        (10, utc(2011, 3, 29, 21, 0, 7), "", "unread", "no shape at all"),
        (11, utc(2011, 3, 29, 21, 0, 8), "ada", "speech", "#endmeeting"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_every_instant_is_stored_to_the_microsecond(store):
    stamps = [
        "2026-01-05 23:59:59.999999",
        "2026-01-05 23:59:59",
        "2026-01-06 00:00:00.000001",
        "2026-01-06T00:00:00.5Z",
        "2026-01-06 01:30:00+02:00",
        "1999-12-31 00:00:00",
        "2026-01-06 00:00:00",
    ]
    lines = [f"{stamp} <@ada:example.org> !info x" for stamp in stamps]
    store("\n".join([f"{stamps[0]} <@ada:example.org> !startmeeting", *lines]), name="x.log")
    at = [datetime.fromisoformat(stamp) for stamp in stamps]
    at = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in at]
    assert list(LogLine.objects.values_list("at", flat=True))[1:] == at
    assert list(Item.objects.order_by("line").values_list("at", flat=True)) == at
    assert LogLine.objects.filter(at=at[5], number=7).exists()  # as the ORM would write it
    assert list(LogLine.objects.order_by("at").values_list("at", flat=True)) == sorted([at[0], *at])


@pytest.mark.django_db
def test_items_are_stored_with_what_counts_and_what_was_taken_back(store):
    store(LOG)
    columns = "line at nick kind text topic url by_chair counted undone assignees".split()
    at = [utc(2011, 3, 29, 21, 0, second) for second in range(9)]
    assert list(Item.objects.order_by("line").values_list(*columns)) == [
        (3, at[2], "ada", "topic", "Freeze", "Freeze", "", True, True, False, []),
        (4, at[3], "bea", "action", "ada to look at https://github.com/owner/repo/pull/12",
         "Freeze", "", False, True, False, ["ada"]),
        (5, at[4], "bea", "agreed", "not mine to say", "Freeze", "", False, False, False, []),
        (8, at[6], "ada", "link", "https://example.org/a).", "Freeze", "https://example.org/a",
         True, True, True, []),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_file_is_remembered_with_its_name_and_digest(store):
    store(LOG, name="logs/weekly.2011-03-29-21.00.log.txt")
    source = Source.objects.values("name", "size", "format", "imported_at", "sha256").get()
    assert source == {
        "name": "logs/weekly.2011-03-29-21.00.log.txt",
        "size": len(LOG),
        "format": "meetbot",
        "imported_at": utc(2011, 4, 1),
        "sha256": hashlib.sha256(LOG.encode()).hexdigest(),
    }


@pytest.mark.django_db
def test_references_are_found_in_what_people_said(store):
    found = store(LOG).meetings[0].about.links
    url = "https://github.com/owner/repo/pull/12"
    assert found == [(4, "proposal:github:owner/repo#12", "url", url)]
    bots = "21:00:00 <ada> #startmeeting\n21:00:01 <ubottu> https://pad.lv/1 LP: #2\n"
    assert store(bots).meetings[0].about.links == []


@pytest.mark.django_db
def test_two_meetings_of_the_same_minute_have_addresses_of_their_own(store):
    for word in ("one", "two", "three"):
        store(f"21:00:00 <ada> #startmeeting\n21:00:01 <ada> {word}\n")
    slugs = list(Meeting.objects.order_by("pk").values_list("slug", "digest"))
    name = "weekly.2011-03-29-21.00"
    assert [slug for slug, _ in slugs] == [name, *(f"{name}-{d[:8]}" for _, d in slugs[1:])]


@pytest.mark.django_db
def test_a_dry_run_reads_everything_and_stores_nothing(store):
    dry = store(LOG, dry_run=True)
    assert counts() == {"Source": 0, "Meeting": 0, "LogLine": 0, "Item": 0}
    wet = store(LOG)
    said = [meeting_as_json(log, log.meetings[0]) for log in (dry, wet)]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("openstack-meeting.2011-03-29-21.00.log.txt", "openstack-meeting"),
        ("logs/#weekly_20110329.log", "weekly"),
        ("weekly--2011-03-29.log", "weekly"),
        ("status-2017-09-18.log.txt", "status"),
        ("2011-03-29.log", ""),
        ("weekly.log", ""),
        ("", ""),
    ],
)
def test_the_channel_is_in_the_name_of_the_file(name, channel):
    assert channel_in_name(name) == channel


WHOLE = "21:00:00 <ada> hello\n21:00:05 <bea> and here I am\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "channel", "called"),
    [
        ("openstack-meeting.2011-03-29.log", "", "#openstack-meeting, 29 March 2011"),
        ("paste.txt", "#dill", "#dill, 29 March 2011"),
        ("dill-release.weechatlog", "", "dill-release, 29 March 2011"),
        ("#dill/2011-03-29.log", "", "#dill, 29 March 2011"),
        ("logs/Monday, late.log.txt", "", "Monday, late, 29 March 2011"),
        ("2011-03-29.log", "", "Meeting, 29 March 2011"),
        ("", "", "Meeting, 29 March 2011"),
    ],
)
def test_a_meeting_that_nobody_ran_is_called_by_its_channel_or_file_and_its_day(
    store, client, name, channel, called
):
    store(WHOLE, name=name, channel=channel, day="2011-03-29", whole=True)
    meeting = Meeting.objects.get()
    assert (meeting.name, meeting.title) == (called, called.removesuffix(", 29 March 2011"))
    for page in ("/", "/meetings/", meeting.get_absolute_url()):
        assert f">{called}</" in client.get(page).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "called"), [("", "Meeting, 29 March 2011"), (" Weekly", "Weekly")]
)
def test_a_meeting_that_somebody_ran_keeps_its_name_and_one_without_has_its_day(
    store, said, called
):
    store(f"21:00:00 <ada> #startmeeting{said}\n", name="dill.log", day="2011-03-29")
    assert Meeting.objects.get().name == called


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "channel", "title", "slug"),
    [
        ("x.2011-03-29.log", "#OpenStack Meeting", "Weekly", "openstack-meeting.2011-03-29-21.00"),
        ("2011-03-29.log", "", "Weekly", "weekly.2011-03-29-21.00"),
        ("2011-03-29.log", "", "日本 ../x", "x.2011-03-29-21.00"),
        ("2011-03-29.log", "", "日本", "meeting.2011-03-29-21.00"),
        ("2011-03-29.log", "", "w" * 300, f"{'w' * 80}.2011-03-29-21.00"),
        ("2011-03-29.log", "c" * 300, "", f"{'c' * 80}.2011-03-29-21.00"),
    ],
)
def test_a_meeting_gets_an_address_that_a_url_can_hold(store, name, channel, title, slug):
    store(f"21:00:00 <ada> #startmeeting {title}\n", name=name, channel=channel)
    meeting = Meeting.objects.get()
    assert meeting.slug == slug
    assert meeting.get_absolute_url() == f"/meetings/{slug}/"
    meeting.full_clean(exclude=["warnings", "bots"])


def queries(store, text):
    with CaptureQueriesContext(connection) as captured:
        log = store(text)
    assert [meeting.created for meeting in log.meetings] == [True]
    return len(captured)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_log(store):
    start = "21:00:00 <ada> #startmeeting\n"

    def log(numbers):
        proposal = "https://review.opendev.org/c/nova/+/"
        return start + "".join(
            f"21:00:01 <p{n}> #action p{n} to merge {proposal}{n}\n" for n in numbers
        )

    assert queries(store, log(range(1, 9))) == queries(store, log(range(9, 600)))
    assert LogLine.objects.count() == 9 + 592


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_meetings_of_a_log(store):
    with CaptureQueriesContext(connection) as few:
        store(
            "".join(
                f"21:00:{n:02} <a> #startmeeting\n21:00:{n:02} <a> #endmeeting\n" for n in range(2)
            )
        )
    with CaptureQueriesContext(connection) as many:
        store(
            "".join(
                f"22:00:{n:02} <b> #startmeeting\n22:00:{n:02} <b> #endmeeting\n" for n in range(50)
            )
        )
    assert Meeting.objects.count() == 52
    assert len(few) == len(many)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "There is no line to read in it."),
        (LOG.encode("utf-16"), "This is a binary file (or UTF-16), not a text log."),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_no_trace(store, data, words):
    with pytest.raises(UnreadableLog) as refused:
        store(data)
    assert str(refused.value) == words
    assert counts() == {"Source": 0, "Meeting": 0, "LogLine": 0, "Item": 0}


class Failing(io.BytesIO):
    """A file on a disk that fails when it is read for the second time, near its end."""

    def read(self, size=-1):
        if self.tell() > self.getbuffer().nbytes // 2 and size < 64 * 1024:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.django_db
def test_a_file_that_fails_half_way_leaves_no_half_behind():
    # More meetings than are stored at once, so that some were stored when it failed.
    meeting = "".join(
        f"21:00:00 <ada> {said}\n" for said in ("#startmeeting", "x" * 400, "#endmeeting")
    )
    with pytest.raises(OSError, match="Input/output error"):
        import_log(
            Failing(meeting.encode() * 500),
            name="weekly.2011-03-29.log",
            at=utc(2011, 4, 1),
            hints=DateHints(name="weekly.2011-03-29.log"),
        )
    assert counts() == {"Source": 0, "Meeting": 0, "LogLine": 0, "Item": 0}
