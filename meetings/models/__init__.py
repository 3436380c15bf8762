from meetings.models.actions import Action, ActionState, Telling
from meetings.models.counts import WeekCount
from meetings.models.links import Mention, MentionHow, MentionState
from meetings.models.suggestions import Suggestion, SuggestionState
from meetings.models.transcript import WINDOW, Item, ItemKind, LineKind, LogLine, Meeting, Source

__all__ = [
    "WINDOW",
    "Action",
    "ActionState",
    "Item",
    "ItemKind",
    "LineKind",
    "LogLine",
    "Meeting",
    "Mention",
    "MentionHow",
    "MentionState",
    "Source",
    "Suggestion",
    "SuggestionState",
    "Telling",
    "WeekCount",
]
