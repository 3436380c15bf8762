"""A log sent by a browser, and the records that its lines are about."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings.models import Meeting
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_proposal,
    make_release,
    utc,
)
from tests.thaw.logs import log_of, make_meeting

pytestmark = pytest.mark.django_db

TALK = "21:00:01 <thea> hello\n21:00:02 <pim> hello, thea\n21:00:03 <thea> that is all\n"


@pytest.fixture
def thea(client, django_user_model):
    """The client of a release manager."""
    user = django_user_model.objects.create_user("thea", password="secret")
    make_manager(user=user, name="Thea")
    client.force_login(user)
    return client


def send(client, text, **fields):
    log = SimpleUploadedFile("cactus.log", text.encode())
    return client.post("/meetings/new/", {"log": log, "day": "2011-03-29", **fields})


def test_a_log_that_is_checked_is_told_of_and_not_stored(thea):
    page = send(thea, log_of("#agreed no more", title="Cactus"), check="1")
    html = page.content.decode()
    assert 'Cactus <span class="source">5 lines, 1 person, 1 item, 0 suggestions</span>' in html
    assert Meeting.objects.count() == 0


def test_a_log_in_which_nobody_begins_a_meeting_is_one_where_it_is_said_so(thea):
    page = send(thea, TALK)
    assert "If the whole file is one, say so." in page.content.decode()
    assert Meeting.objects.count() == 0
    answer = send(thea, TALK, whole="on")
    (meeting,) = Meeting.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, meeting.get_absolute_url())
    assert meeting.line_count == 3


def test_a_log_that_nothing_recognises_can_be_named_by_its_format(thea):
    odd = "hello\nworld\n"
    assert "If you know its format, name it" in send(thea, odd).content.decode()
    page = send(thea, odd, format="meetbot", check="1").content.decode()
    assert "If you know its format" not in page
    assert "No meeting: nobody says #startmeeting in it." in page


def test_who_has_no_role_may_not_import(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("eve", password="secret"))
    page = send(client, TALK, whole="on")
    assert 'role="alert"' in page.content.decode()
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize("meetings", [1, 25])
def test_a_record_says_where_meetings_spoke_of_it_by_the_same_queries(
    meetings, client, emptied_ledger, django_assert_num_queries
):
    cactus = make_release(slug="cactus", name="Cactus")
    url = "https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001"
    proposal = make_proposal(key="61001", url=url, branch="~jun/nova/volumes-api", release=cactus)
    exception = make_exception(
        freeze=make_freeze(release=cactus), proposals=[proposal], at=utc(2011, 3, 25)
    )
    for day in range(meetings):
        make_meeting(f"look at {url}", begins=utc(2011, 4, 1 + day))
    shown = min(meetings, 20)
    for record, queries in ((proposal, 8), (exception, 6)):
        with django_assert_num_queries(queries):
            html = client.get(record.get_absolute_url()).content.decode()
        told = html.partition('id="spoken"')[2].partition("</section>")[0]
        assert told.count(">line 4 of Release meeting<") == shown
        assert told.count(f"look at {url}</span>") == shown
        assert ("Search for more" in told) == (meetings > shown)
