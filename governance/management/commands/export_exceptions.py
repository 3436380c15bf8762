from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.exception_list import entries_of
from governance.models import ExceptionRequest
from releases.models import Release
from releases.schedules.kubernetes_exceptions import write


class Command(BaseCommand):
    help = "Write a release's exceptions as an exceptions.yaml, as Kubernetes keeps them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("release", metavar="R", help="slug")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(slug=options["release"]).first()
        if release is None:
            raise CommandError(f"There is no release “{options['release']}”.")
        exceptions = ExceptionRequest.objects.filter(release=release).with_story().order_by("pk")
        self.stdout.write(write(entries_of(exceptions)), ending="")
