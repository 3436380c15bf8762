import sys
from collections import Counter
from typing import Any

import click
from django.core.management.base import BaseCommand

from meetings.models import Meeting
from meetings.relinking import changes_of_linking_again
from releases.plurals import number_of

BATCH = 50  # meetings linked by one round of queries, and one transaction
INTERRUPTED = 130
WORTH_A_BAR = 100  # meetings; about two seconds


class Command(BaseCommand):
    help = (
        "Link every stored meeting again by what is known today, as if its log came in now. What a"
        " person has confirmed, added, removed, accepted or dismissed stays; a second run changes"
        " nothing. Exit status: 0 all are linked; 130 stopped with Ctrl-C: what was linked stays."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = list(Meeting.objects.order_by("started_at", "pk").values_list("pk", flat=True))
        changes, done = Counter[str](), 0
        hidden = len(keys) < WORTH_A_BAR or not sys.stderr.isatty()
        try:
            with click.progressbar(
                length=len(keys), label="Linking", file=sys.stderr, hidden=hidden
            ) as bar:
                for first in range(0, len(keys), BATCH):
                    meetings = list(Meeting.objects.filter(pk__in=keys[first : first + BATCH]))
                    changes += changes_of_linking_again(meetings)
                    done += len(meetings)
                    bar.update(BATCH)
        except KeyboardInterrupt:
            self.stderr.write(
                f"Stopped after {done:,} of {number_of(len(keys), 'meeting')}: run it again to link"
                " the others."
            )
            sys.exit(INTERRUPTED)
        self.stdout.write(
            f"{number_of(done, 'meeting')} linked again. Of links, suggestions and counts of bugs"
            f" {changes['new']:,} are new, {changes['changed']:,} changed,"
            f" {changes['gone']:,} gone."
        )
