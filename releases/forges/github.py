"""GitHub: a pull request and its reviews; on hosts of one's own the API is under /api/v3."""

from typing import Any

from releases.forges.pulls import pull_snapshot
from releases.forges.snapshot import APPROVE, NEEDS_FIXING, ProposalSnapshot
from releases.references import Reference

VERDICTS = {"APPROVED": APPROVE, "CHANGES_REQUESTED": NEEDS_FIXING}


def paths(reference: Reference) -> tuple[str, ...]:
    number = reference.key.rpartition("#")[2]
    prefix = "" if reference.url.startswith("https://github.com/") else "/api/v3"
    pull = f"{prefix}/repos/{reference.project}/pulls/{number}"
    return pull, f"{pull}/reviews?per_page=100"


def snapshot(reference: Reference, pull: Any, reviews: Any) -> ProposalSnapshot:
    return pull_snapshot(pull, reviews, verdicts=VERDICTS, name="name")
