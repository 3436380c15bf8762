import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.exception_list import Listed, NoFreeze, import_list, team_of
from releases.handed_in import UNREADABLE, source_of, text_of
from releases.models import Release
from releases.people import WhoIsMeant, person_named
from releases.plurals import number_of
from releases.schedules import Unreadable
from releases.schedules.kubernetes_exceptions import read

BROKEN = 1  # exit status
LARGEST = 4 << 20  # bytes


class Command(BaseCommand):
    help = (
        "Import the exceptions of a Kubernetes release (exceptions.yaml). Broken entries are named"
        " by line, the rest is imported; importing again changes nothing. Exit status: 0 all is in;"
        " 1 the file is broken somewhere, or an entry was refused; 2 it cannot be read at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- for standard input")
        parser.add_argument("--release", metavar="R", required=True, help="slug")
        parser.add_argument(
            "--by", metavar="PERSON", help="who asked and decided; absent: the release's team"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(slug=options["release"]).first()
        if release is None:
            known = ", ".join(Release.objects.values_list("slug", flat=True)[:10]) or "none"
            raise CommandError(
                f"--release: there is no release “{options['release']}”. Known: {known}.",
                returncode=UNREADABLE,
            )
        name = options["file"]
        text = text_of(name, longest=LARGEST)
        try:
            exceptions = read(text)
            by = person_named(options["by"]) if options["by"] else team_of(release)
            listed = import_list(exceptions, release=release, by=by, source=source_of(name))
        except (Unreadable, NoFreeze, WhoIsMeant) as error:
            raise CommandError(f"{name}: {error}", returncode=UNREADABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(listed, release), ensure_ascii=False, indent=1))
        else:
            self._tell(listed, name, by if not options["by"] else None)
        if any(problem.is_error for problem in listed.problems):
            sys.exit(BROKEN)

    def _tell(self, listed: Listed, name: str, team: object) -> None:
        for problem in listed.problems:
            self.stdout.write(f"{name}, line {problem.line}: {problem.message}")
        for exception in listed.created:
            self.stdout.write(f"{exception}: {exception.get_status_display()}")
        if team and listed.created:
            self.stdout.write(
                f"The list does not say who decided: recorded as decided by “{team}”. --by names"
                " somebody."
            )
        lost = sum(problem.is_lost for problem in listed.problems)
        self.stdout.write(
            f"{number_of(len(listed.created), 'exception')} new,"
            f" {len(listed.decided)} decided since, {listed.unchanged} unchanged,"
            f" {lost} not imported."
        )


def _as_json(listed: Listed, release: Release) -> dict[str, Any]:
    return {
        "release": release.slug,
        "created": [
            {"ref": one.reference, "title": one.title, "status": one.status}
            for one in listed.created
        ],
        "decided": [{"ref": one.reference, "status": one.status} for one in listed.decided],
        "unchanged": listed.unchanged,
        "errors": [
            {"line": one.line, "reason": one.message} for one in listed.problems if one.is_error
        ],
        "warnings": [
            {"line": one.line, "reason": one.message} for one in listed.problems if not one.is_error
        ],
    }
