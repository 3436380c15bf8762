from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.models import Release
from releases.schedules import WRITERS
from releases.timetable import planned_of


class Command(BaseCommand):
    help = "Write a release's schedule in a format that import_schedule and others read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("release", metavar="R", help="slug")
        parser.add_argument("--kind", choices=list(WRITERS), default="ics")
        parser.add_argument("--to", metavar="FOLDER", default=".", help="absent: this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(slug=options["release"]).first()
        if release is None:
            raise CommandError(f"There is no release “{options['release']}”.")
        planned = planned_of(release.milestones.select_related("project"))
        files = WRITERS[options["kind"]](planned, name=release.name, version=release.version)
        for name, text in files.items():
            path = Path(options["to"]) / name
            try:
                with path.open("x", encoding="utf-8", newline="") as file:
                    file.write(text)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}.") from error
            self.stdout.write(str(path))
