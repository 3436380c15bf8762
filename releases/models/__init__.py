from releases.models.calendar import (
    ChangeKind,
    InvalidMove,
    Milestone,
    MilestoneKind,
    MilestoneMove,
    Project,
    Release,
)
from releases.models.people import Handle, HandleKind, Membership, Person, Role
from releases.models.proposals import Forge, MergeProposal, ProposalState, Review, ReviewVerdict

__all__ = [
    "ChangeKind",
    "Forge",
    "Handle",
    "HandleKind",
    "InvalidMove",
    "Membership",
    "MergeProposal",
    "Milestone",
    "MilestoneKind",
    "MilestoneMove",
    "Person",
    "Project",
    "ProposalState",
    "Release",
    "Review",
    "ReviewVerdict",
    "Role",
]
