"""Forms and files of any length, from anybody: none fills a disk or a memory."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from meetings.models import Meeting
from tests.factories import make_manager
from tests.thaw.logs import log_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]

TAKEN = 4000  # bytes


@pytest.fixture(autouse=True)
def no_disk(settings):
    """Every file goes to a disk, and there is none: to begin to store one would be a fault."""
    settings.UPLOAD_BYTES = TAKEN
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"


@pytest.fixture
def thea(client, django_user_model):
    user = django_user_model.objects.create_user("thea")
    make_manager(user=user, name="Thea")
    client.force_login(user)
    return client


def file_of(size):
    return {"log": SimpleUploadedFile("x.log", b"x" * size)}


@pytest.mark.parametrize(
    "path", ["/login/", "/logout/", "/meetings/new/", "/admin/login/", "/me/read/"]
)
def test_a_form_of_a_stranger_that_is_too_long_is_not_read_anywhere(path):
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32  # with one, Django looks into the form for the other
    answer = client.post(path, file_of(TAKEN + 1))
    assert (answer.status_code, "4,000 are taken here" in answer.content.decode()) == (413, True)


def test_who_sends_a_longer_log_is_told_how_it_comes_in(thea):
    answer = thea.post("/meetings/new/", file_of(TAKEN + 1))
    assert answer.status_code == 413
    assert "manage.py import_meeting" in answer.content.decode()


def test_a_log_that_fits_is_taken(thea, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    log = SimpleUploadedFile("cactus.log", log_of("#agreed no more").encode())
    thea.post("/meetings/new/", {"log": log, "day": "2011-03-29"})
    assert Meeting.objects.count() == 1
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_finds_no_room_is_refused_in_words_and_nothing_is_kept(thea):
    thea.raise_request_exception = False
    sent = {"log": SimpleUploadedFile("cactus.log", log_of("#agreed no more").encode())}
    for path, kind in (("/meetings/new/", "text/html"), ("/api/v1/meetings/", "application/json")):
        answer = thea.post(path, {**sent, "day": "2011-03-29"})
        told = "The server finds no room for what you sent (No such file or directory)."
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert answer.headers["Content-Type"].startswith(kind)
        assert told in answer.content.decode()
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "limits"),
    [
        ({"why": "x" * 1001}, {"DATA_UPLOAD_MAX_MEMORY_SIZE": 1000}),
        ({f"name{number}": "x" for number in range(11)}, {"DATA_UPLOAD_MAX_NUMBER_FIELDS": 10}),
        (
            {f"f{n}": SimpleUploadedFile("x", b"x") for n in range(3)},
            {"DATA_UPLOAD_MAX_NUMBER_FILES": 2},
        ),
    ],
    ids=["long", "many fields", "many files"],
)
def test_a_form_with_too_much_in_it_is_refused_in_words(said, limits, thea, settings):
    settings.FILE_UPLOAD_TEMP_DIR = None
    for name, value in limits.items():
        setattr(settings, name, value)
    answer = thea.post("/me/preferences/", said)
    assert answer.status_code in {400, 413}
    assert "Nothing was changed." in answer.content.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "evil@testserver", "[evil"]
)
def test_a_host_that_is_not_ours_is_answered_by_nothing_that_names_it(host, client):
    answer = client.get("/releases", HTTP_HOST=host)  # which would lead on to /releases/
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    assert "Location" not in answer.headers


FORM = encode_multipart(BOUNDARY, {"why": "x" * 1001})
TOO_LONG = [
    ("/me/preferences/", "application/x-www-form-urlencoded", b"why=" + b"x" * 1001),
    ("/me/preferences/", MULTIPART_CONTENT, FORM),
    ("/api/v1/meetings/", MULTIPART_CONTENT, FORM),
]


@pytest.mark.parametrize(("path", "kind", "said"), TOO_LONG, ids=["plain", "multipart", "API"])
def test_what_is_too_long_is_told_in_words_of_ours(path, kind, said, thea, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = thea.generic("POST", path, said, content_type=kind)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "Of what is no file 1,000 bytes are taken, and you sent more." in page
    assert "settings" not in page
