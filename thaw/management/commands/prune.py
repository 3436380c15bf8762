from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from thaw.forgetting import forget, told


class Command(BaseCommand):
    help = (
        "Forget what has run its course long ago: notices that were sent, what was said to"
        " webhooks, sessions that are over, who signed in. A worker does it every six hours."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=settings.KEPT_DAYS,
            help="how long it is kept (default: KEPT_DAYS, %(default)s; 0 keeps everything)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            gone = forget(days=options["days"], at=timezone.now())
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(told(gone))
