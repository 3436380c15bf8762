"""Reminders: sweeps over a million standing exceptions, and delivery to a real SMTP server.

`python -m bench.reminders`, in the environment of a `Checkout`, measures and prints JSON.
"""

import json
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from bench.checkout import Checkout
from bench.measuring import Comparison, Work, compare, in_turn
from bench.postgresql import NoPostgreSQL, scratch_database
from bench.table import Row, row_of_amount, row_of_times

FEW, MANY = 100_000, 1_000_000  # standing exceptions
SIZES = {"few": FEW, "many": MANY}  # each in a schema of its own
DUE = 1000
MAILS = 300
ROUNDS = 5
PEOPLE, MILESTONES = 50, 40

_FILL = (
    """
    INSERT INTO releases_person (id, name, zone)
    SELECT i, 'Person ' || i, 'UTC' FROM generate_series(1, %(people)s) i
    """,
    """
    INSERT INTO releases_handle (person_id, kind, value)
    SELECT id, 'email', 'person-' || id || '@example.org' FROM releases_person
    """,
    """
    INSERT INTO releases_project (id, slug, name) VALUES (1, 'nova', 'Nova')
    """,
    """
    INSERT INTO releases_release (id, slug, name, version, zone, leads_decide)
    VALUES (1, 'cactus', 'Cactus', '2011.2', 'UTC', false)
    """,
    # One freeze that is past, the others in weeks.
    """
    INSERT INTO releases_milestone (id, release_id, slug, name, kind, at, blocks)
    SELECT i, 1, 'm' || i, 'Milestone ' || i, 'feature-freeze',
        %(now)s + CASE WHEN i = 1 THEN interval '-40 days' ELSE i * interval '20 days' END,
        '["feature"]'
    FROM generate_series(1, %(milestones)s) i
    """,
    # All of them stand, for ten days to years; each tenth until some milestone.
    """
    INSERT INTO governance_exceptionrequest
        (id, release_id, freeze_id, title, scope, project_id, requester_id, requested_at, why_now,
         risk_of_landing, risk_of_not_landing, testing, status, expires_at, expires_with_id,
         deadline_words, deadline_zone, ledger_length, ledger_head)
    SELECT i, 1, 1, 'Exception ' || i, 'project', 1, 1 + i %% %(people)s,
        %(now)s - interval '30 days', 'Users wait for it.', 'Low.', '', '', 'granted',
        CASE WHEN i %% 10 > 0 THEN %(now)s + interval '10 days' + i * interval '1 minute' END,
        CASE WHEN i %% 10 = 0 THEN 2 + i / 10 %% (%(milestones)s - 1) END,
        '', '', 2, md5(i::text)
    FROM generate_series(1, %(exceptions)s) i
    """,
    """
    INSERT INTO governance_decision
        (exception_id, sequence, verb, by_id, at, previous_status, new_status, new_expires_at,
         deadline_words, deadline_zone, rationale, over_budget, quote, source_url, previous_hash,
         hash)
    SELECT id, 2, 'grant', requester_id, requested_at, 'requested', 'granted', expires_at, '', '',
        'Agreed.', '', '', '', '', md5(id::text)
    FROM governance_exceptionrequest
    """,
    "VACUUM ANALYZE",
)


def rows() -> Iterator[Row]:
    try:
        with scratch_database() as url, TemporaryDirectory(prefix="thaw-bench-") as name:
            measured = Checkout(Path(name), database_url=url, debug=True).answer(__spec__.name)
    except NoPostgreSQL as absent:
        yield Row("sweeps and mail", skipped=str(absent))
        return
    seconds = measured["seconds"]
    yield _row("sweep, none due of 1M", compare(seconds, "idle many", "query many"), limit=5)
    yield _row("sweep, none due, 10x", compare(seconds, "idle many", "idle few"), limit=1.5)
    yield _row("sweep, 1000 due of 1M", compare(seconds, "due many", "bare"), limit=2)
    yield _row("sweep, 1000 due, 10x", compare(seconds, "due many", "due few"), limit=1.5)
    mail = compare(seconds, "mail", "bare mail")
    yield _row(f"mail, {MAILS} by SMTP", mail, limit=40)
    yield row_of_amount("mail, each (20 ms is 50/s)", mail.ours / MAILS * 1e3, "ms", limit=20)


def _row(name: str, times: Comparison, *, limit: float) -> Row:
    row = row_of_times(name, times, limit=limit)
    return replace(row, ours=f"{times.ours * 1e3:.1f} ms", bare=f"{times.bare * 1e3:.1f} ms")


def measure() -> dict[str, Any]:
    from django.conf import settings  # noqa: PLC0415 Django is set up first
    from django.core.management import call_command  # noqa: PLC0415 the same
    from django.db import connection  # noqa: PLC0415 the same
    from django.utils import timezone  # noqa: PLC0415 the same

    settings.DEBUG = False  # no record of queries
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA extensions")  # of both
        cursor.execute("ALTER EXTENSION pg_trgm SET SCHEMA extensions")
        for schema, exceptions in SIZES.items():
            cursor.execute(f"CREATE SCHEMA {schema}")
            _use(schema)
            call_command("migrate", verbosity=0)
            values = {
                "people": PEOPLE,
                "milestones": MILESTONES,
                "exceptions": exceptions,
                "now": now,
            }
            for statement in _FILL:
                cursor.execute(statement, values if "%" in statement else None)
    sweeps = _sweeps(now)
    with _server() as port:
        seconds = in_turn(sweeps | _mails(now, port), rounds=ROUNDS)
    return {"seconds": seconds}


def _use(schema: str) -> None:
    from django.db import connection  # noqa: PLC0415 Django is set up first

    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, extensions")


def _sweeps(now: datetime) -> dict[str, Work]:
    """Sweeps with nothing due and with a thousand due, and what each is held against."""
    from governance import reminders  # noqa: PLC0415 Django is set up first
    from governance.models import ExceptionRequest, Notice  # noqa: PLC0415 the same

    first_at = now + timedelta(days=10, minutes=1)
    thousandth_at = first_at + timedelta(minutes=DUE / 9 * 10 - 1)
    soon = thousandth_at - timedelta(hours=72)

    instants = (now + n * timedelta(milliseconds=1) for n in count(1))

    def idle() -> None:
        reminders.sweep(at=next(instants))

    def query() -> None:
        found = ExceptionRequest.objects.filter(
            status="granted", expires_at__gt=now, expires_at__lte=now + timedelta(hours=72)
        ).order_by("expires_at")
        assert list(found.values_list("pk", "expires_at", "release_id")[:DUE]) == []

    def due() -> None:
        reminders.sweep(at=soon)
        assert 0.99 * DUE <= Notice.objects.filter(kind="reminder").count() <= 1.01 * DUE

    def fresh(schema: str) -> Callable[[], None]:
        def prepare() -> None:
            _use(schema)
            _empty()

        return prepare

    def bare() -> None:
        """Each row claimed and marked by itself, as whoever must not lose one has to."""
        _claim_and_mark()

    def filled() -> None:
        fresh("few")()
        reminders.sweep(at=soon)

    return {
        **{
            f"idle {schema}": Work(idle, before=lambda s=schema: _use(s), repeat=20)
            for schema in SIZES
        },
        "query many": Work(query, before=lambda: _use("many"), repeat=20),
        **{f"due {schema}": Work(due, before=fresh(schema)) for schema in SIZES},
        "bare": Work(bare, before=filled),
    }


def _empty() -> None:
    from django.db import connection  # noqa: PLC0415 Django is set up first

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE governance_notice, governance_heartbeat")


def _claim_and_mark() -> None:
    from django.db import connection  # noqa: PLC0415 Django is set up first

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM governance_notice WHERE state = 'pending'")
        for (pk,) in cursor.fetchall():
            cursor.execute(
                "UPDATE governance_notice SET state = 'claimed', owner = 'bench',"
                " lease_until = now() WHERE id = %s AND state = 'pending'",
                [pk],
            )
            cursor.execute(
                "UPDATE governance_notice SET state = 'sent', sent_at = now()"
                " WHERE id = %s AND state = 'claimed' AND owner = 'bench'",
                [pk],
            )


def _mails(now: datetime, port: int) -> dict[str, Work]:
    """Reminders delivered by one worker; the same messages in a loop over one connection."""
    from django.conf import settings  # noqa: PLC0415 Django is set up first
    from django.core.mail import get_connection  # noqa: PLC0415 the same

    from governance import outbox, reminders  # noqa: PLC0415 the same
    from governance.composing import compose  # noqa: PLC0415 the same
    from governance.models import Notice  # noqa: PLC0415 the same

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    assert get_connection().host == "127.0.0.1"
    soon = now + timedelta(days=10, minutes=1) + timedelta(minutes=DUE / 9 * 10 - 1, hours=-72)

    def prepare() -> None:
        _use("few")
        _empty()
        reminders.sweep(at=soon)
        kept = Notice.objects.filter(kind="reminder").order_by("pk").values("pk")[:MAILS]
        Notice.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()

    def deliver() -> None:
        ended = outbox.deliver(clock=lambda: soon)
        assert ended == {"sent": MAILS}, ended

    prepare()
    due = Notice.objects.select_related("recipient__preference", "recipient__user")
    messages = [
        (mail.to[0], mail.message().as_bytes(linesep="\r\n"))
        for mail in (compose(notice, at=soon) for notice in due)
    ]

    def bare() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as session:
            for recipient, message in messages:
                session.sendmail("thaw@localhost", [recipient], message)

    return {"mail": Work(deliver, before=prepare), "bare mail": Work(bare)}


@contextmanager
def _server() -> Iterator[int]:
    """aiosmtpd in a process of its own, that takes everything and keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "-c", "aiosmtpd.handlers.Sink"])
    try:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure()))
