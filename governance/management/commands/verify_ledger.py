import sys
from typing import Any

from django.core.management.base import BaseCommand

from governance.models import Decision
from releases.plurals import number_of


class Command(BaseCommand):
    help = "Check that no decision was changed behind the database's back. Exit status 0: whole."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = Decision.objects.first_broken()
        if broken is None:
            decisions = number_of(Decision.objects.count(), "decision")
            self.stdout.write(f"The ledger is whole: {decisions}.")
            return
        self.stderr.write(
            f"The ledger is broken at {broken.reference}, decision {broken.sequence}:"
            f" {broken.reason}."
        )
        sys.exit(1)
