"""How a line of the log looks, and what is taken out of it."""

import json
import logging
import re
from urllib.parse import quote

import pytest

from thaw.log_lines import Blame, JsonLine, PlainLine, Withholding, passwords_in, values_of

SECRET = "kept-to-ourselves"


def record(message, *args, **extra):
    made = logging.LogRecord("thaw.tests", logging.WARNING, "here.py", 7, message, args, None)
    made.created = 1_300_000_000.25
    vars(made).update({"request_id": "a" * 32} | extra)
    return made


def test_in_production_a_line_is_one_object_with_its_instant_and_its_request():
    line = JsonLine().format(record("Two\nlines, %d%%", 7))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2011-03-13T07:06:40.250000+00:00",
        "level": "WARNING",
        "logger": "thaw.tests",
        "request_id": "a" * 32,
        "message": "Two\nlines, 7%",
    }


def test_outside_of_a_request_there_is_no_id():
    assert "request_id" not in json.loads(JsonLine().format(record("Now", request_id=None)))
    assert PlainLine().format(record("Now", request_id=None)).endswith("thaw.tests Now")


def test_in_development_a_line_is_for_people():
    assert PlainLine().format(record("Now")).endswith(" WARNING thaw.tests Now [aaaaaaaa]")


@pytest.mark.parametrize("kind", [JsonLine, PlainLine])
def test_what_else_a_record_carries_is_not_shown(kind):
    line = kind().format(record("Refused", data={"args": SECRET}, request=SECRET, status_code=403))
    assert SECRET not in line


@pytest.mark.parametrize("kind", [JsonLine, PlainLine])
def test_an_error_is_shown_without_the_secret_in_its_words(kind):
    error = RuntimeError(f"login failed for {SECRET}")
    raised = (RuntimeError, error, None)
    line = kind(secrets=[SECRET]).format(record("Failed", exc_info=raised))
    assert SECRET not in line
    assert "RuntimeError: login failed for ***" in line


@pytest.mark.parametrize(
    ("logger", "level", "shows_code"),
    [
        ("django.request", logging.WARNING, False),  # refused
        ("django.security.DisallowedHost", logging.ERROR, False),
        ("django.request", logging.ERROR, True),
        ("thaw.tests", logging.WARNING, True),
    ],
)
def test_what_somebody_sends_that_is_refused_is_told_without_our_code(logger, level, shows_code):
    raised = (RuntimeError, RuntimeError("here"), None)
    told = record("Forbidden", name=logger, levelno=level, exc_info=raised)
    assert Blame().filter(told)
    assert ("RuntimeError" in JsonLine().format(told)) is shows_code


@pytest.mark.parametrize("kind", [JsonLine, PlainLine])
@pytest.mark.parametrize(
    "secret", ['quo"ted-word', "back\\slashed", "lîne\nbroken", 'it\'s-"both"']
)
def test_a_secret_is_withheld_however_it_is_spelt(kind, secret):
    spelt = [secret, json.dumps(secret), repr(secret), quote(secret, safe="")]
    line = kind(secrets=[secret]).format(record("%s", " | ".join(spelt)))
    assert "*** | *** | *** | ***" in re.sub(r"[\\\"']", "", line)


def test_a_line_stays_one_object_where_something_was_taken_out():
    line = JsonLine().format(record('{"password":"hunter2"} password=a\\"\nb'))
    assert json.loads(line)["message"] == '{"password":"***"} password=***"\nb'


SHAPES = {
    "token": (f"got thaw_{'x' * 43}, refused", "got thaw_***, refused"),
    "address": ("postgres://thaw:s3cr3t@db:5432/thaw", "postgres://thaw:***@db:5432/thaw"),
    "no name": ("redis://:s3cr3t@cache:6379/0", "redis://:***@cache:6379/0"),
    "header": ("Authorization: Bearer abcdefgh.ij-k=", "Authorization: Bearer ***"),
    "basic": ("{'authorization': 'Basic dGhhdzp0aGF3'}", "{'authorization': 'Basic ***'}"),
    "cookie": ("sessionid=0123456789abcdef; x=1", "sessionid=***; x=1"),
    "cookies": ("{'csrftoken': '0123456789abcdef'}", "{'csrftoken': '***'}"),
    "password": ("password=hunter2&next=/", "password=***&next=/"),
    "form": ("{'name': 'thea', 'password': 'hunter2'}", "{'name': 'thea', 'password': '***'}"),
    "SMTP": ("send: 'AUTH PLAIN AHRoYXcAczNjcjN0\\r\\n'", "send: 'AUTH PLAIN ***\\r\\n'"),
    "forge": ("X-Gitlab-Token: s3cr3t", "X-Gitlab-Token: ***"),
    "forge, told": ("{'x-gitlab-token': b's3cr3t'}", "{'x-gitlab-token': b'***'}"),
    "forge, paired": ("(b'X-Gitlab-Token', b's3cr3t')", "(b'X-Gitlab-Token', b'***')"),
    "unsubscribe": ("Not Found: /unsubscribe/WzMsICJ4Il0:1t:ab/", "Not Found: /unsubscribe/***/"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_what_looks_like_a_secret_is_withheld(name):
    given, shown = SHAPES[name]
    assert Withholding([])(given) == shown


@pytest.mark.parametrize(
    "words",
    [
        "https://thaw.example.org:8000/exceptions/FFE-12/?at=2011-03-30T10:00",
        "The token was revoked. A bearer of news is no basic need.",
        "redis://cache.example.org:6379/0 is silent",
        "Notices: 3 sent, 1 failed",
        "250-AUTH PLAIN LOGIN CRAM-MD5",
        "FORGE_TOKENS: number 1 of its entries is a plain authentication",
    ],
)
def test_other_words_stay_as_they_are(words):
    assert Withholding([])(words) == words


def test_a_secret_is_withheld_also_where_an_address_spells_it_and_never_a_short_word():
    withheld = Withholding(["p@ss/word", "thaw"])
    assert withheld("p@ss/word p%40ss%2Fword thaw") == "*** *** thaw"


def test_secrets_are_found_in_addresses_and_in_pairs():
    assert passwords_in("redis://:o%6ee@h/0", "redis://h/0", "") == ["o%6ee", "one"]
    assert values_of("github.com=two", "gitlab.com= three ", "none") == ["two", "three", ""]


def test_a_line_of_any_length_is_read_in_no_time():
    """Each shape is bounded: nothing that is logged can keep a worker busy."""
    withheld = Withholding([SECRET])
    for text in ("bearer " * 9_000, "x://" + "a" * 60_000, "sessionid=" * 6_000, "thaw_" * 12_000):
        withheld(text)


def test_of_a_line_in_the_environment_that_cannot_be_read_only_the_name_is_told(place, tmp_path):
    file = tmp_path / "env"
    file.write_text(f"SECRET_KEY {SECRET}\n{SECRET}\n")
    process = place.run("-c", f"from thaw.environment import env; env.read_env({str(file)!r})")
    assert (process.returncode, process.stderr.splitlines()) == (
        0,
        ["Invalid line: SECRET_KEY …", "Invalid line:  …"],
    )
