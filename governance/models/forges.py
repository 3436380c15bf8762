from typing import Self

from django.db import models

from releases.models import MergeProposal, ProposalState


class SeenEvent(models.Model):
    """An event that a forge sent, by the digest of its body, so that a replay is known for one.

    `at` is the forge's own instant of the change; what is older than the last of its proposal
    changes nothing.
    """

    host = models.CharField(max_length=253)
    key = models.CharField(max_length=100)
    target = models.CharField(max_length=1100, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "key"], name="event_of_forge_seen_once")
        ]
        indexes = [models.Index(fields=["host", "target", "at"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.host}"


class CommitStatusQuerySet(models.QuerySet["CommitStatus"]):
    def open(self) -> Self:
        """Of proposals that may still land: what is said of the others is said."""
        ended = [ProposalState.MERGED, ProposalState.REJECTED, ProposalState.SUPERSEDED]
        return self.exclude(proposal__state__in=ended)


class CommitStatus(models.Model):
    """What the gate says of a proposal, as a status of its newest commit on its own forge.

    `said` is what the forge took last. It is told again when the gate says something else.
    """

    proposal = models.OneToOneField(
        MergeProposal, on_delete=models.CASCADE, related_name="commit_status"
    )
    commit = models.CharField(max_length=64)
    said = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)

    objects = CommitStatusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "commit statuses"
        indexes = [models.Index(fields=["next_try_at"])]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.said}"
