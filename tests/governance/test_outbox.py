"""Claim, send, record: one notice at a time, against a real SMTP server in every mood."""

import email
import smtplib
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import policy

import psycopg
import pytest
from django.core import mail as django_mail
from django.db import connection, connections
from django.db.models import QuerySet

from governance import outbox, sinks
from governance.models import Notice
from governance.sinks import (
    NotSent,
    SmtpSink,
    SpoolSink,
    Unknown,
    Unreachable,
    configured_sink,
    in_short,
)
from tests.chaos import smtp
from tests.chaos.smtp import free_port, postman
from tests.governance.outbox_scene import DAY, HOUR, Memory, run, states, with_addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(scene):
    return with_addresses(scene)


@pytest.fixture
def three(scene):
    """Three notices of one grant that are due."""
    exception = scene.grant()
    Notice.objects.all().delete()
    for person in (scene.jun, scene.ondine, scene.vera):
        decision = exception.decisions.get(verb="grant")
        Notice.objects.create(
            subject_kind="decision",
            subject_id=decision.pk,
            kind="decision",
            deadline_at=decision.at,
            recipient=person,
            about="FFE",
            due_at=scene.now,
            next_try_at=scene.now,
        )
    return scene


@pytest.fixture
def server(settings):
    """A friendly SMTP server that EMAIL_URL names."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with postman() as (handler, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield handler


# mood -> (how each of three stands, how many were accepted)
MOODS = {
    smtp.FRIENDLY: (["sent"] * 3, 3),
    smtp.REFUSES_RECIPIENT: (["failed"] * 3, 0),
    smtp.TEMPORARY: (["failed"] * 3, 0),
    smtp.PERMANENT: (["failed"] * 3, 0),
    smtp.DROPS: (["failed", "pending", "pending"], 0),
    smtp.STALLS: (["failed", "pending", "pending"], 0),
    smtp.DROPS_AT_THE_END: (["uncertain", "pending", "pending"], 1),
    smtp.STALLS_AT_THE_END: (["uncertain", "pending", "pending"], 1),
}


@pytest.mark.parametrize("uncertain", ["resend", "park"])
def test_whatever_the_server_does_everything_arrives_once_it_is_friendly_again(
    uncertain, three, server, settings, monkeypatch
):
    settings.REMINDER_UNCERTAIN = uncertain
    for mood, (left, accepted) in MOODS.items():
        Notice.objects.update(
            state="pending", attempts=0, next_try_at=three.now, owner="", uncertain_at=None
        )
        server.accepted.clear()
        server.mood = mood
        with monkeypatch.context() as hurried:
            hurried.setattr(sinks, "STEP_TIMEOUT", 0.4)
            hurried.setattr(sinks, "FINAL_TIMEOUT", 0.4)
            outbox.deliver(clock=lambda: three.now)
        found = ([state for state, _ in states()], server.accepted.total())
        assert found == (left, accepted), mood
        server.mood = smtp.FRIENDLY
        outbox.deliver(clock=lambda: three.now + HOUR)
        in_doubt = "uncertain" in left
        parked = in_doubt and uncertain == "park"
        assert [state for state, _ in states()] == (
            ["uncertain", "sent", "sent"] if parked else ["sent"] * 3
        ), mood
        times = sorted(server.accepted.values())
        assert times == ([1, 1, 2] if in_doubt and not parked else [1, 1, 1]), mood


def test_a_server_that_is_not_there_costs_one_of_them_a_try_and_the_others_nothing(three, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    outbox.deliver(clock=lambda: three.now)
    assert list(Notice.objects.order_by("pk").values_list("state", "attempts")) == [
        ("failed", 1),
        ("pending", 0),
        ("pending", 0),
    ]
    failed = Notice.objects.get(state="failed")
    assert (failed.next_try_at - three.now, "ConnectionRefused" in failed.detail) == (
        timedelta(seconds=30),
        True,
    )


def test_a_server_that_is_not_there_is_warned_of_without_its_name(three, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    outbox.deliver(clock=lambda: three.now)
    failed = Notice.objects.get(state="failed")
    assert warned(caplog) == [f"Notice {failed.pk} was not sent: Connection refused"]


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (smtp.REFUSES_RECIPIENT, ["was not sent: The server answers 550"] * 3),
        (smtp.TEMPORARY, ["was not sent: The server answers 451"] * 3),
        (smtp.DROPS, ["was not sent: SMTPServerDisconnected"]),
        (smtp.DROPS_AT_THE_END, ["may not have been sent: SMTPServerDisconnected"]),
    ],
)
def test_each_try_that_fails_is_warned_of_without_an_address(mood, words, three, server, caplog):
    server.mood = mood
    outbox.deliver(clock=lambda: three.now)
    assert [line.split(" ", 2)[2] for line in warned(caplog)] == words


def test_what_a_server_says_of_hosts_and_addresses_stays_out_of_the_log():
    def because(cause):
        error = NotSent("jun@example.org")
        error.__cause__ = cause
        return in_short(error)

    login = smtplib.SMTPAuthenticationError(535, b"no login for jun@example.org")
    trust = ssl.SSLCertVerificationError(1, "not valid for mail.example.org")
    trust.reason = "CERTIFICATE_VERIFY_FAILED"
    assert [because(cause) for cause in (login, trust, UnicodeError(), TimeoutError(), None)] == [
        "SMTPAuthenticationError 535",
        "SSLCertVerificationError CERTIFICATE_VERIFY_FAILED",
        "The address cannot be written in ASCII",
        "TimeoutError",
        "It was not taken",
    ]


def warned(caplog):
    lines = [line for line in caplog.records if line.name == "governance.outbox"]
    assert {line.levelname for line in lines} == {"WARNING"}
    return [line.getMessage() for line in lines]


def test_reminders_that_waited_for_the_server_are_one_when_it_is_back(scene):
    """Two offsets came while nothing could be sent; the earlier one says nothing more."""
    scene.grant()
    run(scene.until - 25 * HOUR, Memory(offers=[Unreachable("no answer")]))
    run(scene.until - 23 * HOUR, Memory(offers=[Unreachable("no answer")]))
    sink = run(scene.until - 22 * HOUR)
    assert [words for words in sink.told(scene.jun) if "expires in" in words] == [
        "expires in 22 hours: Volumes through the API"
    ]
    (earlier,) = Notice.objects.filter(recipient=scene.jun, kind="reminder", lead=72 * 3600)
    assert (earlier.state, earlier.detail) == (
        "missed",
        "A later reminder of the same deadline says it.",
    )


def test_tries_grow_apart_up_to_an_hour_and_end_after_days(three):
    Notice.objects.exclude(recipient=three.jun).delete()
    at, waits = three.now, []
    Notice.objects.filter(recipient=three.jun).update(attempts=0)
    for _ in range(9):
        run(at, Memory(hands=[NotSent("451")]), swept=False)
        notice = Notice.objects.get()
        waits.append((notice.next_try_at - at).total_seconds())
        at = notice.next_try_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    Notice.objects.update(attempts=outbox.MOST_TRIES - 1)
    run(at, Memory(hands=[NotSent("451")]), swept=False)
    assert not Notice.objects.due(at + 365 * DAY).exists()


def test_a_message_is_what_a_stranger_can_read(scene, server):
    scene.jun.zone = "Pacific/Honolulu"
    scene.jun.save()
    scene.grant()
    run(scene.until - HOUR, SmtpSink())
    raw = next(message for message in server.messages if b"expires in" in message)
    message = email.message_from_bytes(raw, policy=policy.default)
    notice = Notice.objects.get(recipient=scene.jun, kind="reminder", state="sent")
    assert message["Message-ID"] == f"<{notice.key}@127.0.0.1>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/unsubscribe/")
    text = message.get_body(("plain",)).get_content().splitlines()
    assert text[0].endswith(
        "expires in 60 minutes: Fri 1 April 2011 00:00 HST in Pacific/Honolulu (10:00 UTC)."
    )
    assert "in 60 minutes" in message.get_body(("html",)).get_content()
    (calendar,) = message.iter_attachments()
    assert (calendar.get_filename(), calendar.get_content_type()) == (
        "deadline.ics",
        "text/calendar",
    )
    assert "DTSTART:20110401T100000Z" in calendar.get_content()


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(scene, server):
    exception = scene.grant(rationale=".\n..\n.dot\nend", expires=scene.until)
    run(scene.now, SmtpSink(), swept=False)
    raw = server.messages[-1]
    body = email.message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert ".\n..\n.dot\nend" in body.get_content().replace("\r\n", "\n")
    assert exception.status == "granted"


def test_hostile_words_stay_words(scene, server):
    title = "<script>alert(1)</script> " + "x" * 150
    scene.jun.name = "Jun\r\nBcc: everybody@example.org"
    scene.jun.save()
    proposal = scene.ask().proposals.get()
    proposal.title = "Fix\u202e\r\n.\r\nQUIT\x07 <b>"
    proposal.save()
    Notice.objects.all().delete()
    exception = scene.ask(title=title)
    exception.proposals.update(title=proposal.title)
    scene.grant(exception)
    run(scene.until - HOUR, SmtpSink())
    for raw in server.messages:
        message = email.message_from_bytes(raw, policy=policy.default)
        assert (len(message["Subject"].strip()) <= 120, message["Bcc"]) == (True, None)
        html = message.get_body(("html",)).get_content()
        assert ("<script>" in html, "\u202e" in html, "<b>" in html) == (False, False, False)
        text = message.get_body(("plain",)).get_content()
        assert ("\u202e" in text, "\n.\n" in text, "\x07" in text) == (False, False, False)
    # The grant, the reminder, and the manager's digest.
    assert len(server.messages) == 3


@pytest.mark.parametrize(
    ("address", "kept"),
    [("jun@münchen.example", "jun@xn--mnchen-3ya.example"), ("jün@example.org", None)],
)
def test_an_address_beyond_ascii_is_written_as_the_server_can_read_it(address, kept, three, server):
    Notice.objects.exclude(recipient=three.jun).delete()
    three.jun.handles.filter(kind="email").update(value=address)
    outbox.deliver(clock=lambda: three.now)
    expected = {"sent"} if kept else {"failed", "sent"}
    assert {state for state, _ in states()} <= expected
    assert server.accepted.total() == (1 if kept else 0)


@pytest.mark.parametrize(
    "address",
    [
        "jun@example.org\r\nBcc: all@example.org",
        "jun@example.org\nTo: all@example.org",
        "jun@example.org, all@example.org",
        "Jun <jun@example.org>",
    ],
)
def test_what_is_more_than_one_address_is_none(address, three):
    three.jun.handles.filter(kind="email").update(value=address)
    sink = run(three.now, swept=False)
    assert Notice.objects.get(recipient=three.jun).detail == "No mail address is known."
    assert len(sink.mails) == 2


def test_without_an_address_it_stands_on_their_page_alone(three):
    three.jun.handles.filter(kind="email").delete()
    sink = run(three.now, swept=False)
    notice = Notice.objects.get(recipient=three.jun)
    assert (notice.state, notice.channel, notice.detail) == (
        "sent",
        "in-app",
        "No mail address is known.",
    )
    assert len(sink.mails) == 2


def test_the_address_of_a_login_serves_where_there_is_no_other(three, django_user_model):
    three.jun.handles.filter(kind="email").delete()
    three.jun.user = django_user_model.objects.create_user("jun", email="jun@login.example")
    three.jun.save()
    sink = run(three.now, swept=False)
    assert ["jun@login.example"] in [mail.to for mail in sink.mails]


# --- Claims -------------------------------------------------------------------------------------


def test_a_claim_is_nobody_elses_until_its_lease_runs_out(three):
    now = three.now
    mine = [outbox.claim(at=now, owner="me").pk for _ in range(3)]
    assert (len(set(mine)), outbox.claim(at=now, owner="you")) == (3, None)
    outbox.recover(at=now + outbox.LEASE - timedelta.resolution, honours_key=False)
    assert {state for state, _ in states()} == {"claimed"}
    outbox.recover(at=now + outbox.LEASE, honours_key=False)
    assert {state for state, _ in states()} == {"pending"}


def test_whoever_was_too_slow_leaves_it_to_the_next(three):
    """The lease runs out during MAIL and RCPT, and somebody else takes it up."""
    Notice.objects.exclude(recipient=three.jun).delete()
    second = Memory()

    class Slow(Memory):
        def offer(self, mail):
            run(three.now + 2 * outbox.LEASE, second, swept=False)

    slow = run(three.now, Slow(), swept=False)
    assert (len(slow.mails), len(second.mails)) == (0, 1)
    assert states() == [("sent", 0)]


def test_an_answer_that_comes_after_the_lease_still_counts(three, settings):
    settings.REMINDER_UNCERTAIN = "park"
    Notice.objects.exclude(recipient=three.jun).delete()
    other = Memory()

    class Slow(Memory):
        def hand_over(self, mail, key):
            run(three.now + 2 * outbox.LEASE, other, swept=False)
            super().hand_over(mail, key)

    slow = run(three.now, Slow(), swept=False)
    assert (len(slow.mails), len(other.mails)) == (1, 0)
    notice = Notice.objects.get()
    assert (notice.state, notice.uncertain_at is not None) == ("sent", True)


def test_one_that_kills_whoever_takes_it_does_not_hold_up_the_others(three):
    first = outbox.claim(at=three.now, owner="dies")
    outbox.recover(at=three.now + outbox.LEASE, honours_key=False)
    assert outbox.claim(at=three.now + outbox.LEASE, owner="next").pk != first.pk


def test_one_that_cannot_be_put_in_words_fails_alone_and_says_so(three, monkeypatch):
    compose = outbox.compose

    def broken(notice, *, at):
        if notice.recipient_id == three.jun.pk:
            raise KeyError("no such word")
        return compose(notice, at=at)

    monkeypatch.setattr(outbox, "compose", broken)
    sink = run(three.now, swept=False)
    assert (len(sink.mails), [state for state, _ in states()]) == (2, ["failed", "sent", "sent"])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("emptied_ledger")
@pytest.mark.parametrize("locked", [True, False])
def test_of_fifty_who_claim_one_notice_one_gets_it(locked, three, monkeypatch):
    """The conditional UPDATE decides; the row lock only keeps them out of each other's way."""
    Notice.objects.exclude(recipient=three.jun).delete()
    if not locked:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    barrier = threading.Barrier(10)

    def claims(number):
        try:
            barrier.wait(timeout=20)
            found = [outbox.claim(at=three.now, owner=f"{number}-{n}") for n in range(5)]
            return [notice.owner for notice in found if notice]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        owners = [owner for found in pool.map(claims, range(10)) for owner in found]
    assert len(owners) == 1
    assert Notice.objects.get().owner == owners[0]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("emptied_ledger")
def test_a_database_that_goes_away_while_mail_is_handed_over_is_told_afterwards(three, monkeypatch):
    """As in a restart: each connection of ours is ended, just when the mail was accepted."""
    monkeypatch.setattr(outbox.time, "sleep", lambda seconds: None)
    told = connection.settings_dict

    class Restart(Memory):
        def hand_over(self, mail, key):
            super().hand_over(mail, key)
            with psycopg.connect(
                host=told["HOST"], user=told["USER"], password=told["PASSWORD"], dbname="postgres"
            ) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [told["NAME"]],
                )

    sink = run(three.now, Restart(), swept=False)
    assert (len(sink.mails), [state for state, _ in states()]) == (3, ["sent"] * 3)


# --- Sinks --------------------------------------------------------------------------------------


def test_the_spool_keeps_one_copy_of_a_key_and_no_draft(three, tmp_path):
    spool = SpoolSink(tmp_path / "mail")
    mail = run(three.now, swept=False).mails[0]
    for _ in range(3):
        spool.offer(mail)
        spool.hand_over(mail, "a-key")
    assert [path.name for path in (tmp_path / "mail").rglob("*") if path.is_file()] == ["a-key.eml"]


def test_a_spool_that_cannot_be_written_to_is_no_loss(three, tmp_path):
    (tmp_path / "mail").write_text("a file where a folder should be")
    run(three.now, SpoolSink(tmp_path / "mail"), swept=False)
    assert [state for state, _ in states()] == ["failed", "pending", "pending"]


def test_another_of_djangos_backends_is_taken_as_it_is(three):
    assert type(configured_sink()) is sinks.BackendSink  # the test runner's own
    run(three.now, configured_sink(), swept=False)
    assert len(django_mail.outbox) == 3


def test_what_another_backend_raises_says_nothing_about_what_was_sent(three, settings):
    settings.REMINDER_UNCERTAIN = "park"
    settings.EMAIL_BACKEND = "tests.nowhere.Backend"
    run(three.now, configured_sink(), swept=False)
    assert [state for state, _ in states()] == ["uncertain", "pending", "pending"]


@pytest.mark.parametrize("error", [Unknown("?"), Unreachable("?"), NotSent("?")])
def test_a_person_can_say_what_became_of_it(error, three, settings):
    settings.REMINDER_UNCERTAIN = "park"
    Notice.objects.exclude(recipient=three.jun).delete()
    run(three.now, Memory(hands=[error]), swept=False)
    notice = Notice.objects.get()
    assert outbox.send_again(notice, at=three.now)
    sink = run(three.now, swept=False)
    assert (len(sink.mails), Notice.objects.get().state) == (1, "sent")
    assert not outbox.arrived(notice, at=three.now + DAY)  # it is no question any more
