"""Whether what an exception is for has landed, as the forges report it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from releases import sources
from releases.models import UNFINISHED, MergeProposal, ProposalState
from releases.moments import moment

if TYPE_CHECKING:
    from governance.models.exceptions import ExceptionRequest


@dataclass(frozen=True)
class Landing:
    """When the last of the proposals merged, in a sentence, and where that can be seen."""

    at: datetime
    words: str
    source_url: str


def landing(exception: "ExceptionRequest") -> Landing | None:
    """None while a proposal may still land, where none has, and where one landed too late."""
    proposals = list(exception.proposals.all())
    merged = [p for p in proposals if p.state == ProposalState.MERGED and p.merged_at is not None]
    ended = len(merged) + sum(
        p.state not in UNFINISHED and p.state != ProposalState.MERGED for p in proposals
    )
    deadline = exception.until.instant
    if not merged or ended < len(proposals) or deadline is None:
        return None
    if any(_is_late(proposal, deadline) for proposal in merged):
        return None
    last = max(merged, key=_merged_at)
    return Landing(
        _merged_at(last),
        _words(last, deadline),
        last.url if len(last.url) <= sources.LONGEST and sources.is_source(last.url) else "",
    )


def _is_late(proposal: MergeProposal, deadline: datetime) -> bool:
    """Neither merged before the deadline nor approved before it."""
    approved_at = proposal.approved_at
    return _merged_at(proposal) >= deadline and (approved_at is None or approved_at >= deadline)


def _words(proposal: MergeProposal, deadline: datetime) -> str:
    merged_at, forge = _merged_at(proposal), proposal.get_forge_display()
    if merged_at < deadline or proposal.approved_at is None:
        return f"Merged {moment(merged_at)}, as {forge} reports."
    return (
        f"Approved {moment(proposal.approved_at)}, before its deadline, and merged"
        f" {moment(merged_at)} after waiting for its gate, as {forge} reports."
    )


def _merged_at(proposal: MergeProposal) -> datetime:
    assert proposal.merged_at is not None  # noqa: S101 only merged ones come here
    return proposal.merged_at
