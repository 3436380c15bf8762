from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance import outbox, reminders
from governance.composing import NoLongerTrue, TooLate, compose
from governance.models.notices import Channel, Notice, Preference, State, channel_of
from releases.rows import instant

SKEW = timedelta(minutes=5)


class Command(BaseCommand):
    help = (
        "Write down every notice that is due and send it: one sweep, for those who run cron"
        " instead of Celery's beat, and for looking ahead with --dry-run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", metavar="ISO", help="as at this instant (with its zone)")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would go out, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        at = _instant(options["at"]) if options["at"] else now
        if options["dry_run"]:
            self._show(at)
            return
        if at > now + SKEW:
            raise CommandError(
                f"{at:%Y-%m-%d %H:%M} UTC is ahead: nothing can be sent from there, and nothing"
                " has expired yet. Add --dry-run to see what would go out."
            )
        _sweep(at)
        clock = (lambda: at) if options["at"] else timezone.now
        ended = outbox.deliver(clock=clock)
        told = ", ".join(f"{count} {State(state).label}" for state, count in sorted(ended.items()))
        self.stdout.write(f"Swept at {at:%Y-%m-%d %H:%M:%S} UTC: {told or 'nothing was due'}.")
        if ended[State.FAILED] or ended[State.UNCERTAIN]:
            raise CommandError("Not everything went out: /status/ says why. It is tried again.")

    def _show(self, at: datetime) -> None:
        """Do it all in a transaction that is taken back, and tell what it came to."""
        with transaction.atomic():
            before = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
            _sweep(at)
            due = Notice.objects.due(at).select_related("recipient__user", "recipient__preference")
            shown = due.order_by("next_try_at", "pk")
            lines = [line for notice in shown if (line := _line(notice, at))]
            told = Notice.objects.filter(state=State.SENT, channel=Channel.IN_APP)
            in_app = told.filter(pk__gt=before).select_related("recipient").order_by("pk")
            lines += [f"{_who(notice)}, on /me/: {notice.about}" for notice in in_app]
            transaction.set_rollback(True)
        for line in lines:
            self.stdout.write(line)
        self.stdout.write(
            f"{len(lines)} would go out at {at:%Y-%m-%d %H:%M:%S} UTC. Nothing was sent or changed."
        )


def _sweep(at: datetime) -> None:
    try:
        reminders.sweep(at=at)
    except reminders.Forgotten as error:
        raise CommandError(str(error)) from error


def _instant(words: str) -> datetime:
    try:
        return instant(words)
    except ValueError as error:
        raise CommandError(f"--at: {error}") from error


def _line(notice: Notice, at: datetime) -> str:
    """Whom it would go to and its subject; nothing where it would not go out after all."""
    preference: Preference | None = getattr(notice.recipient, "preference", None)
    channel = channel_of(preference, notice.kind)
    try:
        mail = compose(notice, at=at)
    except (NoLongerTrue, TooLate):
        return ""
    if channel == Channel.NONE:
        return ""
    where = mail.to[0] if channel == Channel.MAIL and mail.to[0] else "on /me/"
    return f"{_who(notice)}, {where}: {mail.subject}"


def _who(notice: Notice) -> str:
    return notice.recipient.name
