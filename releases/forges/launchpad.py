"""Launchpad: a merge proposal of Bazaar or git branches, and the votes in its comments."""

from typing import Any
from urllib.parse import urlsplit

from releases.forges.snapshot import (
    LONGEST_BRANCH,
    LONGEST_TITLE,
    Account,
    ProposalSnapshot,
    ReviewSnapshot,
    certain,
    instant,
    latest,
    line,
    paragraph,
)
from releases.references import Reference

STATES = {
    "Work in progress": "draft",
    "Needs review": "open",
    "Approved": "approved",
    "Queued": "approved",
    "Code failed to merge": "approved",
    "Rejected": "rejected",
    "Merged": "merged",
    "Superseded": "superseded",
}
VERDICTS = {
    "Approve": "approve",
    "Needs Fixing": "needs-fixing",
    "Needs Information": "needs-information",
    "Needs Resubmitting": "resubmit",
    "Resubmit": "resubmit",
    "Abstain": "abstain",
    "Disapprove": "disapprove",
}


def paths(reference: Reference) -> tuple[str, ...]:
    proposal = "/devel" + urlsplit(reference.url).path
    return proposal, f"{proposal}/all_comments?ws.size=100"


def snapshot(reference: Reference, proposal: Any, comments: Any) -> ProposalSnapshot:
    state = STATES.get(proposal["queue_status"], "open")
    source, target = _branch(proposal, "source"), _branch(proposal, "target")
    words = (proposal.get("commit_message") or proposal.get("description") or "").strip()
    title = words.splitlines()[0] if words else f"Merge {source} into {target}"
    given = [
        ReviewSnapshot(
            key=str(comment["self_link"]).rpartition("/")[2],
            reviewer=_account(comment["author_link"]),
            verdict=VERDICTS[comment["vote"]],
            at=certain(comment["date_created"]),
            comment=paragraph(comment.get("message_body") or comment.get("content")),
            url=str(comment.get("web_link") or ""),
        )
        for comment in comments
        if comment.get("vote") in VERDICTS
    ]
    approved = state in {"approved", "merged"}
    return ProposalSnapshot(
        title=line(title, LONGEST_TITLE),
        author=_account(proposal["registrant_link"]),
        source_branch=line(source, LONGEST_BRANCH),
        target_branch=line(target, LONGEST_BRANCH),
        state=state,
        reviews=latest(given),
        approved_at=instant(proposal.get("date_reviewed")) if approved else None,
        merged_at=instant(proposal.get("date_merged")) if state == "merged" else None,
        updated_at=_updated_at(proposal, given),
    )


def _account(link: str) -> Account:
    """`https://api.launchpad.net/devel/~jun` -> `jun`."""
    return Account(line(link.rpartition("~")[2], 100))


def _branch(proposal: Any, side: str) -> str:
    """A Bazaar branch by its unique name, a git branch by its own."""
    link, ref = proposal.get(f"{side}_branch_link"), proposal.get(f"{side}_git_path")
    if link:
        return urlsplit(str(link)).path.removeprefix("/devel/").removeprefix("/1.0/")
    return str(ref or "").removeprefix("refs/heads/")


def _updated_at(proposal: Any, given: list[ReviewSnapshot]) -> Any:
    told = [
        instant(proposal.get(name))
        for name in ("date_created", "date_review_requested", "date_reviewed", "date_merged")
    ]
    return max([at for at in told if at] + [review.at for review in given], default=None)
