from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.exporting import import_release
from governance.refusals import Refused
from releases.handed_in import text_of


class Command(BaseCommand):
    help = (
        "Enter a document of export_release: all of it, or nothing. What is here already and the"
        " same is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        text = text_of(name)
        try:
            new = import_release(text)
        except Refused as refusal:
            raise CommandError(f"{name}: {refusal}") from refusal
        told = ", ".join(f"{count} {kind}" for kind, count in new.items() if count)
        self.stdout.write(f"Entered: {told}." if told else "All of it was here already.")
