"""`manage.py sendtestemail`: whether mail goes out, on the way on which reminders do."""

import pytest
from django.core.management import CommandError, call_command

from tests.chaos.smtp import REFUSES_RECIPIENT, free_port, postman
from thaw.environment import email_settings


@pytest.fixture
def sent_over(settings):
    def point(url):
        settings.EMAIL_URL = url
        for name, value in email_settings(url).items():
            setattr(settings, name, value)
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False

    settings.DEFAULT_FROM_EMAIL = "Thaw <thaw@example.org>"
    return point


def test_who_tries_is_told_that_it_was_taken_and_from_whom(sent_over, capsys):
    with postman() as (handler, port):
        sent_over(f"smtp://127.0.0.1:{port}")
        call_command("sendtestemail", "thea@example.org")
    assert capsys.readouterr().out == (
        f"smtp://127.0.0.1:{port} has taken it for thea@example.org, from Thaw"
        " <thaw@example.org>.\n"
    )
    (message,) = handler.messages
    assert b"\nTo: thea@example.org\r\n" in message


def test_what_the_server_says_is_told_without_a_traceback_and_without_a_password(sent_over):
    with postman() as (handler, port):
        handler.mood = REFUSES_RECIPIENT
        sent_over(f"smtp://127.0.0.1:{port}")
        with pytest.raises(CommandError) as refused:
            call_command("sendtestemail", "nobody@example.org")
        sent_over(f"smtp://thaw:s3cret@127.0.0.1:{port}")
        with pytest.raises(CommandError, match=r"AUTH extension not supported by server\. Look at"):
            call_command("sendtestemail", "thea@example.org")
    assert str(refused.value) == (
        f"smtp://127.0.0.1:{port} has not taken it for nobody@example.org, from Thaw"
        " <thaw@example.org>: 550 No such user here. Look at EMAIL_URL and DEFAULT_FROM_EMAIL."
    )
    sent_over(f"smtp://thaw:s3cret@127.0.0.1:{free_port()}")
    with pytest.raises(CommandError, match="Connection refused") as refused:
        call_command("sendtestemail", "thea@example.org")
    assert "s3cret" not in str(refused.value)


def test_without_a_server_it_says_where_it_was_written(settings, tmp_path, capsys):
    settings.EMAIL_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    call_command("sendtestemail", "thea@example.org")
    assert capsys.readouterr().out.startswith(f"{tmp_path} has taken it for thea@example.org")
    assert len(list(tmp_path.glob("try-*.eml"))) == 1
