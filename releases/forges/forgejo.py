"""Forgejo and Gitea: a pull request and its reviews."""

from typing import Any

from releases.forges.pulls import pull_snapshot
from releases.forges.snapshot import APPROVE, NEEDS_FIXING, ProposalSnapshot
from releases.references import Reference

VERDICTS = {"APPROVED": APPROVE, "REQUEST_CHANGES": NEEDS_FIXING}


def paths(reference: Reference) -> tuple[str, ...]:
    number = reference.key.rpartition("#")[2]
    pull = f"/api/v1/repos/{reference.project}/pulls/{number}"
    return pull, f"{pull}/reviews?limit=50"


def snapshot(reference: Reference, pull: Any, reviews: Any) -> ProposalSnapshot:
    standing = [review for review in reviews if not review.get("dismissed")]
    if not pull.get("merged"):  # an instant alone does not say so here
        pull = pull | {"merged_at": None}
    return pull_snapshot(pull, standing, verdicts=VERDICTS, name="full_name")
