import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.gate import verdict
from meetings.models import Meeting
from releases.models import Release
from releases.plurals import number_of
from thaw.demo import CAST, load_demo
from thaw.environment import ROOT, VAR

SHOWN = 10  # proposals
PASSWORD_FILE = VAR / "demo-password"


class Command(BaseCommand):
    help = (
        "Load the demo into an empty database: a release in its freezes, three merge proposals,"
        " six people with logins, two meetings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is data already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Release.objects.exists() or Meeting.objects.exists():
            if not options["if_empty"]:
                raise CommandError("There is data here already; the demo goes into an empty base.")
            self._tell_standing()
            self._tell_logins()
            return
        if not settings.DEBUG:
            raise CommandError("The demo's logins share one password: not in production.")
        demo = load_demo(at=timezone.now(), password=_password())
        self.stdout.write(f"Loaded the demo: {demo.release}.")
        for milestone in demo.release.milestones.all():
            blocks = ", ".join(milestone.blocks_in_words) or "nothing"
            self.stdout.write(
                f"  {milestone.at:%Y-%m-%d %H:%M} UTC  {milestone.name}: blocks {blocks}"
            )
        for meeting in demo.meetings:
            counts = ", ".join(
                [number_of(meeting.lines, "line"), number_of(len(meeting.minutes.items), "item")]
            )
            self.stdout.write(f"  imported {meeting.slug}: {counts}")
        self._tell_standing()
        self._tell_logins()

    def _tell_standing(self) -> None:
        """How each merge proposal of the current release stands at the gate."""
        now = timezone.now()
        release = Release.objects.current(now)
        proposals = release.proposals.all()[:SHOWN] if release else []
        for proposal in proposals:
            answer = verdict(proposal.url, at=now, release=release)
            says = "may land" if answer.allowed else "may not land"
            self.stdout.write(f"  {proposal.branch_name or proposal.key} {says}. {answer.reason}")

    def _tell_logins(self) -> None:
        """Who can sign in, where the demo is what is loaded."""
        if not PASSWORD_FILE.exists():
            return
        self.stdout.write(f"Logins, all with the password {_password()}")
        for cast in CAST:
            where = f" of {cast.project}" if cast.project else ""
            self.stdout.write(f"  {cast.nick:8} {cast.name}, {cast.role.label}{where}")
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            kept = Path(folder)
            kept = kept.relative_to(ROOT) if kept.is_relative_to(ROOT) else kept
            self.stdout.write(f"Mail to them stays here, in {kept}/, a file a message")


def _password() -> str:
    """The demo's password: made on first use, readable by its owner alone."""
    path = Path(PASSWORD_FILE)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    os.chmod(path, 0o600)  # noqa: PTH101 the file may have been made under another mask
    return path.read_text().strip()
