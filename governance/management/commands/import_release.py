import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.exporting import import_release
from governance.refusals import Refused


class Command(BaseCommand):
    help = (
        "Enter a document of export_release: all of it, or nothing. What is here already and the"
        " same is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = options["file"]
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
            new = import_release(text)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{options['file']} cannot be read: {error}.", returncode=2
            ) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        told = ", ".join(f"{count} {name}" for name, count in new.items() if count)
        self.stdout.write(f"Entered: {told}." if told else "All of it was here already.")
