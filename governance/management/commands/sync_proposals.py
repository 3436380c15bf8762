import sys
from argparse import ArgumentParser
from typing import Any

import click
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from governance.syncing import due, sync_proposals
from releases.forge_settings import access
from releases.models import UNFINISHED, MergeProposal
from releases.models.proposals import proposal_at
from releases.plurals import number_of
from releases.sync import Round

FAILED, UNKNOWN = 1, 2
WORTH_A_BAR = 50  # proposals; about two seconds at one forge


class Command(BaseCommand):
    help = (
        "Ask the forges about merge proposals: those named, or all that are due. A proposal that is"
        " new here is entered. Exit status: 0 all answered; 1 some did not; 2 a reference is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("references", nargs="*", metavar="REFERENCE", help="an address")
        parser.add_argument("--all", action="store_true", help="every unfinished one, due or not")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        proposals: QuerySet[MergeProposal]
        if options["references"]:
            named = [_named(words) for words in options["references"]]
            proposals = MergeProposal.objects.filter(pk__in=named)
        elif options["all"]:
            proposals = MergeProposal.objects.filter(state__in=UNFINISHED)
        else:
            proposals = due(at)
        count = proposals.count()
        with click.progressbar(
            length=count, file=sys.stderr, hidden=count < WORTH_A_BAR or not sys.stderr.isatty()
        ) as bar:
            round_ = sync_proposals(
                proposals,
                at=at,
                access=access(),
                is_forced=bool(options["references"]),
                advance=bar.update,
            )
        self._tell(round_, count)
        if options["references"]:
            for proposal in proposals.all():
                self.stdout.write(proposal.trouble or f"{proposal}: {proposal.get_state_display()}")
        if round_.failed or round_.troubles or round_.skipped:
            sys.exit(FAILED)

    def _tell(self, round_: Round, count: int) -> None:
        self.stdout.write(
            f"{round_.asked} of {number_of(count, 'proposal')} asked for: {round_.changed} changed,"
            f" {round_.unchanged} unchanged, {round_.failed} without an answer."
        )
        for host, trouble in round_.troubles.items():
            self.stderr.write(f"{host}: {trouble}")
        for host, number in round_.skipped.items():
            self.stderr.write(
                f"{host}: {number} not asked for; it is not in FORGE_HOSTS, or rests, or is being"
                " asked by another round."
            )


def _named(words: str) -> int:
    try:
        return MergeProposal.objects.from_reference(proposal_at(words)).pk
    except ValueError as told:
        raise CommandError(str(told), returncode=UNKNOWN) from told
