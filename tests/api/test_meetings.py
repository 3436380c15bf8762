import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from meetings.models import Action, Meeting, Source, Suggestion
from releases.models import Role
from tests.factories import make_member, make_person, make_proposal, utc

pytestmark = pytest.mark.usefixtures("that_morning")

LOG = """\
21:00:00 <thea> #startmeeting
21:00:01 <thea> #topic Exceptions
21:00:02 <thea> #agreed volumes is fine, http://example.org/1
21:00:03 <thea> #action jun to send the results
21:00:04 <thea> #endmeeting
"""
NAME = "openstack-meeting.2011-03-29-21.00.log.txt"


def test_a_log_is_imported_once(scene, caller):
    thea = caller(scene.thea)
    first = thea.say("meetings/", {"text": LOG, "name": NAME})
    assert first.status_code == 201
    [meeting] = first.json()["meetings"]
    assert (meeting["slug"], meeting["created"]) == ("openstack-meeting.2011-03-29-21.00", True)
    assert [item["kind"] for item in meeting["items"]] == ["topic", "agreed", "action"]
    again = thea.say("meetings/", {"text": LOG, "name": NAME})
    assert (again.status_code, again.json()["meetings"][0]["created"]) == (200, False)
    as_file = thea.ask(
        "meetings/",
        "post",
        data={"log": SimpleUploadedFile(NAME, LOG.encode())},
        content_type=MULTIPART_CONTENT,
    )
    assert as_file.status_code == 200
    two = thea.ask(
        "meetings/",
        "post",
        data={"log": [SimpleUploadedFile(name, LOG.encode()) for name in ("first", NAME)]},
        content_type=MULTIPART_CONTENT,
    )  # of which the last alone would be read
    assert (two.status_code, two.json()) == (400, {"log": ["It is said 2 times. Say it once."]})
    assert Meeting.objects.count() == 1
    told = caller().read(f"meetings/{meeting['slug']}/")
    assert (told["chairs"], told["lines"]) == (["thea"], 5)


def test_a_file_is_named_and_dated_by_its_sender_where_it_does_not_say(scene, caller):
    answer = caller(scene.thea).ask(
        "meetings/",
        "post",
        data={
            "log": SimpleUploadedFile("log.txt", LOG.encode()),
            "date": "2011-03-29",
            "zone": "Europe/Paris",
            "channel": "#openstack-meeting",
        },
        content_type=MULTIPART_CONTENT,
    )
    assert answer.status_code == 201
    [meeting] = answer.json()["meetings"]
    assert (meeting["started_at"], meeting["channel"]) == (
        "2011-03-29T19:00:00Z",
        "openstack-meeting",
    )


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "This is a letter.\nIt holds no meeting.\n"}, "text"),
        ({"text": LOG}, "text"),  # nothing says the day
        ({"text": LOG, "date": "someday"}, "date"),
        ({"text": LOG, "zone": "EST"}, "zone"),
        ({"text": LOG, "format": "sms"}, "format"),
        ({"text": LOG, "name": NAME, "chairs": ["jun"]}, "chairs"),
        ({"text": LOG, "name": "a\u202eb"}, "name"),
    ],
)
def test_a_log_that_cannot_be_read_keeps_nothing(scene, caller, said, field):
    answer = caller(scene.thea).say("meetings/", said)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not Meeting.objects.exists()


def test_a_log_in_which_nobody_begins_a_meeting_is_one_as_a_whole_where_that_is_said(scene, caller):
    thea, talk = caller(scene.thea), "21:00:00 <thea> volumes is fine\n21:00:03 <jun> good\n"
    refused = thea.say("meetings/", {"text": talk, "name": NAME})
    assert refused.status_code == 400
    [why] = refused.json()["text"]
    assert why.startswith("No meeting in it: nobody says #startmeeting.")
    assert why.endswith(" If the whole log is one, send whole as true.")
    assert thea.say("meetings/", {"text": talk, "name": NAME, "whole": True}).status_code == 201
    as_file = thea.ask(
        "meetings/",
        "post",
        data={"log": SimpleUploadedFile(NAME, talk.encode()), "whole": "true"},
        content_type=MULTIPART_CONTENT,
    )
    assert as_file.status_code == 200
    assert Meeting.objects.get().line_count == 2


def test_a_word_that_is_no_choice_is_told_with_those_that_there_are(scene, caller):
    [told] = caller(scene.thea).say("meetings/", {"text": LOG, "format": "sms"}).json()["format"]
    assert told.startswith("“sms” is none of element, ")


@pytest.mark.parametrize(
    ("role", "applied", "status"),
    [
        (None, False, 403),
        (Role.CONTRIBUTOR, False, 201),
        (Role.CONTRIBUTOR, True, 403),
        (Role.RELEASE_MANAGER, True, 201),
    ],
)
def test_who_may_decide_with_a_log_is_who_may_bring_one(
    scene, caller, settings, role, applied, status
):
    settings.APPLY_AGREED = applied
    person = make_member(role) if role else make_person()
    answer = caller(person).say("meetings/", {"text": LOG, "name": NAME})
    assert answer.status_code == status


def test_what_is_too_long_is_not_read(scene, caller, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.UPLOAD_BYTES = 1000
    thea = caller(scene.thea)
    assert thea.say("meetings/", {"text": LOG * 10}).status_code == 413
    upload = {"log": SimpleUploadedFile(NAME, LOG.encode() * 10)}
    answer = thea.ask("meetings/", "post", data=upload, content_type=MULTIPART_CONTENT)
    assert answer.status_code == 413
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b'{"text": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (rb'{"\ud800": 1}', "application/json", 400),
        (rb'{"text": "x", "format": "\uDfff"}', "application/json", 400),
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b"<log/>", "text/xml", 415),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"x", "multipart/form-data", 400),
        (b"", "", 400),
    ],
)
def test_a_body_of_another_kind_is_refused_in_words(scene, caller, body, content_type, status):
    answer = caller(scene.thea).ask("meetings/", "post", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.json()


def suggest(scene, **fields):
    caller_log = Meeting.objects.create(
        slug="m", title="m", started_at=utc(2011, 3, 29, 21), ended_at=utc(2011, 3, 29, 22),
        line_count=5, profile="classic", dated_by="name", digest="d",
        source=source(),
    )  # fmt: skip
    defaults = {"meeting": caller_log, "verdict": "grant", "line": 2, "lines": [2], "words": "ok"}
    return Suggestion.objects.create(**defaults | fields)


def source():
    return Source.objects.create(
        sha256="0" * 64, name="x", size=1, format="x", imported_at=utc(2011, 3, 29)
    )


def test_a_suggestion_is_accepted_with_another_deadline(scene, caller):
    proposal = make_proposal(project=scene.nova, release=scene.release)
    found = suggest(scene, proposal=proposal, release=scene.release, deadline_words="soon")
    thea = caller(scene.thea)
    refused = thea.say(f"suggestions/{found.pk}/accept/", {"expires": "soon"})
    assert (refused.status_code, list(refused.json())) == (400, ["expires"])
    answer = thea.say(f"suggestions/{found.pk}/accept/", {"expires": "2011-04-01T10:00:00Z"})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    gate = caller().read("gate/", ref=proposal.url)
    assert gate["allowed"] is True
    twice = thea.say(f"suggestions/{found.pk}/accept/")
    assert twice.status_code == 409


def test_a_suggestion_is_dismissed_by_who_might_accept_it(scene, caller):
    found = suggest(scene, verdict="note")
    assert caller(scene.jun).say(f"suggestions/{found.pk}/dismiss/").status_code == 403
    answer = caller(scene.thea).say(f"suggestions/{found.pk}/dismiss/", {"why": "A question."})
    assert (answer.json()["state"], answer.json()["why"]) == ("dismissed", "A question.")
    assert answer.json()["decided_by"] == "Thea"


def test_an_action_is_closed_by_its_owner_or_a_manager(scene, caller):
    caller(scene.thea).say("meetings/", {"text": LOG, "name": NAME})
    action = Action.objects.get()
    path = f"actions/{action.pk}/close/"
    assert caller(scene.ondine).say(path).status_code == 403
    unsaid = caller(scene.thea).say(path, {"state": "dropped"})
    assert (unsaid.status_code, list(unsaid.json())) == (400, ["note"])
    action.people.add(scene.jun)
    answer = caller(scene.jun).say(path, {"note": "Sent."})
    assert (answer.json()["state"], answer.json()["closed_by"]) == ("done", "Jun")
    assert caller(scene.jun).say(path).status_code == 409
    assert [one["id"] for one in caller().read("actions/", owner="jun")["results"]] == [action.pk]
