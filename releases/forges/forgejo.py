"""Forgejo and Gitea: a pull request and its reviews."""

from typing import Any

from releases.forges.snapshot import (
    APPROVE,
    LONGEST_BRANCH,
    LONGEST_TITLE,
    NEEDS_FIXING,
    Account,
    ProposalSnapshot,
    ReviewSnapshot,
    approved_since,
    certain,
    instant,
    latest,
    line,
    paragraph,
)
from releases.references import Reference

VERDICTS = {"APPROVED": APPROVE, "REQUEST_CHANGES": NEEDS_FIXING}


def paths(reference: Reference) -> tuple[str, ...]:
    number = reference.key.rpartition("#")[2]
    pull = f"/api/v1/repos/{reference.project}/pulls/{number}"
    return pull, f"{pull}/reviews?limit=50"


def snapshot(reference: Reference, pull: Any, reviews: Any) -> ProposalSnapshot:
    given = [
        ReviewSnapshot(
            key=str(review["id"]),
            reviewer=_account(review["user"]),
            verdict=VERDICTS[review["state"]],
            at=certain(review["submitted_at"]),
            comment=paragraph(review.get("body")),
            url=str(review.get("html_url") or ""),
        )
        for review in reviews
        if review["state"] in VERDICTS and review.get("user") and not review.get("dismissed")
    ]
    approved_at = approved_since(given)
    return ProposalSnapshot(
        title=line(pull["title"], LONGEST_TITLE),
        author=_account(pull["user"]) if pull.get("user") else None,
        source_branch=line(pull["head"]["ref"], LONGEST_BRANCH),
        target_branch=line(pull["base"]["ref"], LONGEST_BRANCH),
        state=_state(pull, is_approved=approved_at is not None),
        reviews=latest(given),
        approved_at=approved_at,
        merged_at=instant(pull.get("merged_at")) if pull.get("merged") else None,
        updated_at=instant(pull.get("updated_at")),
    )


def _account(user: Any) -> Account:
    return Account(line(user["login"], 100), line(user.get("full_name"), 120))


def _state(pull: Any, *, is_approved: bool) -> str:
    if pull.get("merged"):
        return "merged"
    if pull["state"] == "closed":
        return "rejected"
    if pull.get("draft"):
        return "draft"
    return "approved" if is_approved else "open"
