from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.exporting import export_release
from releases.models import Release


class Command(BaseCommand):
    help = "Print a release with all its records as one JSON document, mail addresses included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("release", metavar="RELEASE", help="slug")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(slug=options["release"]).first()
        if release is None:
            raise CommandError(f"There is no release “{options['release']}”.")
        for piece in export_release(release, with_mail=True):
            self.stdout.write(piece, ending="")
