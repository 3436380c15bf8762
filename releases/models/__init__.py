from releases.models.calendar import (
    ChangeKind,
    InvalidMove,
    Milestone,
    MilestoneKind,
    MilestoneMove,
    Project,
    Release,
)
from releases.models.forges import ForgeStatus
from releases.models.people import Handle, HandleKind, Membership, Person, Role
from releases.models.proposals import (
    UNFINISHED,
    Forge,
    InvalidReclassification,
    MergeProposal,
    ProposalState,
    Reclassification,
    Review,
    ReviewVerdict,
)

__all__ = [
    "UNFINISHED",
    "ChangeKind",
    "Forge",
    "ForgeStatus",
    "Handle",
    "HandleKind",
    "InvalidMove",
    "InvalidReclassification",
    "Membership",
    "MergeProposal",
    "Milestone",
    "MilestoneKind",
    "MilestoneMove",
    "Person",
    "Project",
    "ProposalState",
    "Reclassification",
    "Release",
    "Review",
    "ReviewVerdict",
    "Role",
]
