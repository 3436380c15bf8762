"""A pull request and its reviews, as GitHub tells them and Forgejo after it."""

from collections.abc import Iterable, Mapping
from typing import Any

from releases.forges.snapshot import (
    LONGEST_BRANCH,
    LONGEST_TITLE,
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


def pull_snapshot(
    pull: Any, reviews: Iterable[Any], *, verdicts: Mapping[str, str], name: str
) -> ProposalSnapshot:
    """What a forge says of a pull request; `name`: its word for the name of an account."""
    given = [
        ReviewSnapshot(
            key=str(review["id"]),
            reviewer=_account(review["user"], name),
            verdict=verdicts[review["state"]],
            at=certain(review["submitted_at"]),
            comment=paragraph(review.get("body")),
            url=str(review.get("html_url") or ""),
        )
        for review in reviews
        if review["state"] in verdicts and review.get("user")
    ]
    approved_at = approved_since(given)
    return ProposalSnapshot(
        title=line(pull["title"], LONGEST_TITLE),
        author=_account(pull["user"], name) if pull.get("user") else None,
        source_branch=line(pull["head"]["ref"], LONGEST_BRANCH),
        target_branch=line(pull["base"]["ref"], LONGEST_BRANCH),
        state=_state(pull, is_approved=approved_at is not None),
        reviews=latest(given),
        approved_at=approved_at,
        merged_at=instant(pull.get("merged_at")),
        updated_at=instant(pull.get("updated_at")),
    )


def _account(user: Any, name: str) -> Account:
    return Account(line(user["login"], 100), line(user.get(name), 120))


def _state(pull: Any, *, is_approved: bool) -> str:
    if pull.get("merged") or pull.get("merged_at"):
        return "merged"
    if pull["state"] == "closed":
        return "rejected"
    if pull.get("draft"):
        return "draft"
    return "approved" if is_approved else "open"
