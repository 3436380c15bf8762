from typing import TYPE_CHECKING

from django.db import models

from releases.models.calendar import ChangeKind, Project, Release
from releases.models.people import Person

if TYPE_CHECKING:
    from releases.references import Reference


class Forge(models.TextChoices):
    LAUNCHPAD = "launchpad", "Launchpad"
    GERRIT = "gerrit", "Gerrit"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    FORGEJO = "forgejo", "Forgejo or Gitea"
    PAGURE = "pagure", "Pagure"
    BITBUCKET = "bitbucket", "Bitbucket"
    PHABRICATOR = "phabricator", "Phabricator"
    PATCHWORK = "patchwork", "Patchwork"
    COMMITFEST = "commitfest", "Commitfest"
    LORE = "lore", "lore.kernel.org"
    SOURCEHUT = "sourcehut", "SourceHut"


class ProposalState(models.TextChoices):
    DRAFT = "draft", "work in progress"
    OPEN = "open", "in review"
    APPROVED = "approved", "approved, not merged"
    MERGED = "merged", "merged"
    REJECTED = "rejected", "rejected"
    SUPERSEDED = "superseded", "superseded"


class MergeProposalQuerySet(models.QuerySet["MergeProposal"]):
    def from_reference(self, reference: "Reference") -> "MergeProposal":
        """The proposal that a reference names; a stub with its address if it is new to us."""
        proposal, _ = self.get_or_create(
            forge=reference.forge,
            key=reference.key,
            defaults={"url": reference.url, "branch": getattr(reference, "branch", None) or ""},
        )
        return proposal


class MergeProposal(models.Model):
    """A change that somebody wants to land: merge proposal, change, pull or merge request.

    `forge` and `key` together name it; `releases.references` derives both from any of its URLs.
    """

    forge = models.CharField(max_length=16, choices=Forge)
    key = models.CharField(max_length=255)
    url = models.URLField(max_length=500)
    title = models.CharField(max_length=255, blank=True)
    branch = models.CharField("source branch", max_length=255, blank=True)
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        help_text="The release that it is meant for.",
    )
    change_kind = models.CharField(
        "kind of change",
        max_length=16,
        choices=ChangeKind,
        default=ChangeKind.UNKNOWN,
        help_text="While nobody has said it, it counts as a feature.",
    )
    state = models.CharField(max_length=16, choices=ProposalState, default=ProposalState.OPEN)
    merged_at = models.DateTimeField(null=True, blank=True)

    objects = MergeProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["forge", "key"], name="proposal_known_once"),
            models.CheckConstraint(
                condition=models.Q(forge__in=Forge.values), name="proposal_forge_known"
            ),
            models.CheckConstraint(
                condition=models.Q(change_kind__in=ChangeKind.values), name="proposal_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ProposalState.values), name="proposal_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_at__isnull=True) | models.Q(state=ProposalState.MERGED),
                name="proposal_merged_at_when_merged",
                violation_error_message="Only a merged proposal has an instant of merging.",
            ),
        ]
        indexes = [models.Index(fields=["key"]), models.Index(fields=["branch"])]

    def __str__(self) -> str:
        return self.title or f"{self.get_forge_display()} {self.key}"

    @property
    def target(self) -> str:
        """The public name of this record, such as `proposal:launchpad:54464`."""
        return f"proposal:{self.forge}:{self.key}"


class ReviewVerdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    NEEDS_FIXING = "needs-fixing", "Needs Fixing"
    NEEDS_INFORMATION = "needs-information", "Needs Information"
    RESUBMIT = "resubmit", "Resubmit"
    ABSTAIN = "abstain", "Abstain"
    DISAPPROVE = "disapprove", "Disapprove"


class Review(models.Model):
    """What one reviewer said of a proposal; shown beside a decision, never counted as one."""

    proposal = models.ForeignKey(MergeProposal, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=20, choices=ReviewVerdict)
    at = models.DateTimeField("given at")
    comment = models.TextField(max_length=5000, blank=True)
    url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=ReviewVerdict.values), name="review_verdict_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_verdict_display()}"
