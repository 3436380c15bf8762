import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from governance.gate import Code, verdict
from releases.models import Release
from releases.rows import instant

REFUSED, CANNOT_TELL = 1, 2


class Command(BaseCommand):
    help = (
        "May this change land? Exit status: 0 it may, 1 it may not, 2 cannot tell (unknown"
        " reference, bad input). One line says why."
    )

    # A script asks often, and changes nothing: checks would import every page, for as long again.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "reference", metavar="REFERENCE", help="an address, a number, FFE-12 or a branch"
        )
        parser.add_argument("--release", metavar="R", help="slug; absent: the proposal's own")
        parser.add_argument("--at", metavar="ISO", help="an instant with its offset; absent: now")
        parser.add_argument("--json", action="store_true", help="the answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        at = _instant(options["at"]) if options["at"] else timezone.now()
        try:
            release = _release(options["release"]) if options["release"] else None
            answer = verdict(options["reference"], at=at, release=release)
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be read ({type(error).__name__}): is it there, and migrated?",
                returncode=CANNOT_TELL,
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer.as_json(), ensure_ascii=False))
        else:
            says = "May land" if answer.allowed else "May not land"
            if answer.code == Code.UNKNOWN:
                says = "Cannot tell"
            self.stdout.write(" ".join(f"{says}. {answer.reason}".split()))
        if not answer.allowed:
            sys.exit(CANNOT_TELL if answer.code == Code.UNKNOWN else REFUSED)


def _instant(words: str) -> datetime:
    try:
        return instant(words)
    except ValueError as error:
        raise CommandError(f"--at: {error}", returncode=CANNOT_TELL) from error


def _release(slug: str) -> Release:
    release = Release.objects.filter(slug=slug).first()
    if release is None:
        known = ", ".join(Release.objects.values_list("slug", flat=True)[:10]) or "none"
        raise CommandError(
            f"--release: there is no release “{slug}”. Known: {known}.", returncode=CANNOT_TELL
        )
    return release
