"""Gerrit: a change with its labels.

Code-Review and Workflow are people's words; other labels are machines' and no reviews. A change is
approved once each of the two that the project has stands at its highest value and none is vetoed.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from releases.forges.snapshot import (
    APPROVE,
    DISAPPROVE,
    LONGEST_BRANCH,
    LONGEST_TITLE,
    NEEDS_FIXING,
    Account,
    ProposalSnapshot,
    ReviewSnapshot,
    certain,
    instant,
    line,
)
from releases.references import Reference

DECISIVE = ("Code-Review", "Workflow")
STATES = {"MERGED": "merged", "ABANDONED": "rejected", "DRAFT": "draft", "SUBMITTED": "approved"}


def paths(reference: Reference) -> tuple[str, ...]:
    number = reference.key.rpartition("/")[2]
    path = urlsplit(reference.url).path
    marks = [mark for mark in ("/c/", "/q/") if mark in path]
    # Without a mark it is https://host/12345 or https://host/r/12345.
    base = path.partition(marks[0])[0] if marks else path.rpartition("/")[0]
    return (f"{base}/changes/{number}?o=DETAILED_LABELS&o=DETAILED_ACCOUNTS",)


def snapshot(reference: Reference, change: Any) -> ProposalSnapshot:
    labels = change.get("labels") or {}
    approved_at = _approved_at(labels)
    merged = change["status"] == "MERGED"
    state = STATES.get(change["status"], "approved" if approved_at else "open")
    if state in {"open", "approved"} and change.get("work_in_progress"):
        state = "draft"
    return ProposalSnapshot(
        title=line(change["subject"], LONGEST_TITLE),
        author=_account(change["owner"]),
        source_branch=line(change.get("topic"), LONGEST_BRANCH),
        target_branch=line(change["branch"], LONGEST_BRANCH),
        state=state,
        reviews=_reviews(reference, labels),
        approved_at=approved_at,
        merged_at=instant(change.get("submitted") or change["updated"]) if merged else None,
        updated_at=instant(change.get("updated")),
    )


def _account(who: Any) -> Account:
    # Some know people by their mail address alone, and a handle stands on pages: then the number.
    handle = who.get("username") or who["_account_id"]
    return Account(line(handle, 100), line(who.get("name"), 120))


def _reviews(reference: Reference, labels: Any) -> tuple[ReviewSnapshot, ...]:
    votes = labels.get("Code-Review", {}).get("all") or []
    return tuple(
        ReviewSnapshot(
            key=f"Code-Review:{vote['_account_id']}",
            reviewer=_account(vote),
            verdict=_verdict(vote["value"]),
            at=certain(vote["date"]),
            comment=f"Code-Review {vote['value']:+d}",
            url=reference.url,
        )
        for vote in votes
        if vote.get("value") and vote.get("date")
    )


def _verdict(value: int) -> str:
    if value > 0:
        return APPROVE
    return NEEDS_FIXING if value == -1 else DISAPPROVE


def _approved_at(labels: Any) -> datetime | None:
    """When the last of the decisive labels came to its highest value."""
    instants = []
    for name in DECISIVE:
        if name not in labels:
            continue
        votes = labels[name].get("all") or []
        highest = max((int(value) for value in labels[name].get("values") or {"1": ""}), default=1)
        lowest = min((int(value) for value in labels[name].get("values") or {"-1": ""}), default=-1)
        full = [certain(v["date"]) for v in votes if v.get("value") == highest and v.get("date")]
        if not full or any(v.get("value") == lowest for v in votes):
            return None
        instants.append(min(full))
    return max(instants, default=None)
