from meetings.models.actions import Action, ActionState, Telling
from meetings.models.counts import WeekCount
from meetings.models.links import Mention, MentionHow, MentionState
from meetings.models.suggestions import Suggestion, SuggestionState
from meetings.models.transcript import (
    DamagedSource,
    Item,
    ItemKind,
    LineKind,
    LogLine,
    Meeting,
    Piece,
    Source,
)

__all__ = [
    "Action",
    "ActionState",
    "DamagedSource",
    "Item",
    "ItemKind",
    "LineKind",
    "LogLine",
    "Meeting",
    "Mention",
    "MentionHow",
    "MentionState",
    "Piece",
    "Source",
    "Suggestion",
    "SuggestionState",
    "Telling",
    "WeekCount",
]
