"""Have a worker do at once what the next round would do."""

from collections.abc import Iterable

from celery import current_app
from django.db import transaction

from releases.models import MergeProposal


def ask_soon(proposals: Iterable[MergeProposal]) -> None:
    """Have a worker ask about those that nobody has asked about yet, once they are committed.

    It is a nudge: where no worker hears it, the next round asks for them all the same.
    """
    keys = [proposal.pk for proposal in proposals if proposal.asked_at is None]
    if keys:
        transaction.on_commit(lambda: _publish(keys), robust=True)


def _publish(keys: list[int]) -> None:
    current_app.send_task("governance.tasks.fill_in", args=[keys], expires=3600)
