"""What goes with an exception: the proposals that it holds, its conditions, and budgets."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from governance import rights
from governance.lifecycle import WITH_CONDITIONS, Status
from governance.numbering import reference_of
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from governance.texts import aware
from releases.models import MergeProposal, Milestone, Person, Project, Release
from releases.plurals import number_of

if TYPE_CHECKING:
    from governance.models.exceptions import ExceptionRequest
    from governance.models.queries import ExceptionQuerySet


class Claim(models.Model):
    """A proposal that an exception is for.

    `open` while the exception is undecided or standing; then no other may be for it against the
    same freeze.
    """

    exception = models.ForeignKey(
        "governance.ExceptionRequest", on_delete=models.CASCADE, related_name="claims"
    )
    proposal = models.ForeignKey(MergeProposal, on_delete=models.PROTECT, related_name="claims")
    freeze = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="+")
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exception", "proposal"], name="claim_once"),
            models.UniqueConstraint(
                fields=["proposal", "freeze"],
                condition=models.Q(open=True),
                name="one_open_exception_per_proposal_and_freeze",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} by {reference_of(self.exception_id)}"


class Condition(models.Model):
    """What must be confirmed before an exception's proposals land: a review, a test."""

    exception = models.ForeignKey(
        "governance.ExceptionRequest", on_delete=models.CASCADE, related_name="conditions"
    )
    text = models.CharField(max_length=500)
    met_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(met_by__isnull=True, met_at__isnull=True)
                | models.Q(met_by__isnull=False, met_at__isnull=False),
                name="condition_met_by_somebody_at_some_time",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def confirm(self, *, by: Person, at: datetime) -> None:
        """Say that it is met. Raises Refused where that is not theirs to say, or was said."""
        aware(at, field="at")
        status = Status(self.exception.status)
        if status not in WITH_CONDITIONS:
            raise InvalidTransition(
                f"{self.exception.reference} is {status.label}: nothing hangs on its conditions"
                " any more."
            )
        if not rights.may_confirm(by, self.exception):
            raise NotAllowed(f"{by} may not confirm conditions of {self.exception.reference}.")
        met = Condition.objects.filter(pk=self.pk, met_at__isnull=True).update(met_by=by, met_at=at)
        self.refresh_from_db()
        if not met:
            raise InvalidTransition(f"{self.met_by} has confirmed this already.")


class Budget(models.Model):
    """How many exceptions may stand at once for a project in a release, without a reason."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="budgets")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="budgets")
    limit = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "project"], name="one_budget_per_project")
        ]

    def __str__(self) -> str:
        return f"{self.project} in {self.release}: {self.limit}"

    def admit(self, exception: "ExceptionRequest", *, at: datetime, reason: str) -> None:
        """Let one more stand. Raises InvalidInput where it goes beyond and no reason is given."""
        standing = self.standing(at).exclude(pk=exception.pk).count()
        if standing >= self.limit and not reason:
            raise InvalidInput(
                f"{self.project} has {number_of(standing, 'exception')} standing and a budget of"
                f" {self.limit}."
                " Say why this one goes beyond it.",
                field="over_budget",
            )

    def standing(self, at: datetime) -> "ExceptionQuerySet":
        """The exceptions that count against it."""
        return (
            self.release.exceptions.standing(at)
            .filter(
                models.Q(project_id=self.project_id)
                | models.Q(claims__proposal__project_id=self.project_id)
            )
            .distinct()
        )
