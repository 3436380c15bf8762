"""GitLab: a merge request and its approvals.

Servers before 17 do not say when somebody approved. Such an approval is shown with the instant at
which the request was last changed, and counts for nothing when a merge was late.
"""

from typing import Any
from urllib.parse import quote

from releases.forges.snapshot import (
    APPROVE,
    LONGEST_BRANCH,
    LONGEST_TITLE,
    Account,
    ProposalSnapshot,
    ReviewSnapshot,
    approved_since,
    certain,
    instant,
    line,
)
from releases.references import Reference


def paths(reference: Reference) -> tuple[str, ...]:
    number = reference.key.rpartition("!")[2]
    project = quote(reference.project or "", safe="")
    request = f"/api/v4/projects/{project}/merge_requests/{number}"
    return request, f"{request}/approvals"


def snapshot(reference: Reference, request: Any, approvals: Any) -> ProposalSnapshot:
    updated_at = certain(request["updated_at"])
    approved_by = [row for row in approvals.get("approved_by") or [] if row.get("user")]
    reviews = tuple(
        ReviewSnapshot(
            key=str(row["user"]["id"]),
            reviewer=_account(row["user"]),
            verdict=APPROVE,
            at=instant(row.get("approved_at")) or updated_at,
            url=reference.url,
        )
        for row in approved_by
    )
    is_dated = all(row.get("approved_at") for row in approved_by)
    approved = bool(approvals.get("approved", bool(approved_by))) and bool(approved_by)
    return ProposalSnapshot(
        title=line(request["title"], LONGEST_TITLE),
        author=_account(request["author"]) if request.get("author") else None,
        source_branch=line(request["source_branch"], LONGEST_BRANCH),
        target_branch=line(request["target_branch"], LONGEST_BRANCH),
        state=_state(request, is_approved=approved),
        reviews=reviews,
        approved_at=approved_since(reviews) if is_dated and approved else None,
        merged_at=instant(request.get("merged_at")) if request["state"] == "merged" else None,
        updated_at=updated_at,
    )


def _account(user: Any) -> Account:
    return Account(line(user["username"], 100), line(user.get("name"), 120))


def _state(request: Any, *, is_approved: bool) -> str:
    states = {"merged": "merged", "closed": "rejected"}
    if request["state"] in states:
        return states[request["state"]]
    if request.get("draft") or request.get("work_in_progress"):
        return "draft"
    return "approved" if is_approved else "open"
