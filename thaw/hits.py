"""What is shown of what a search found: how it stands or who said it, its words, where it is."""

from datetime import datetime
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

from governance.models import Decision, ExceptionRequest
from meetings.harmless import harmless
from meetings.models import Item, LogLine
from releases.models import MergeProposal, Person
from thaw.questions import Question

EXCERPT = 240  # characters of a text, around the first word that was found
BEFORE_IT = 60  # of them


class Hit(NamedTuple):
    """Something found: how it stands or who said it, its words, and where it is."""

    status: str
    text: str
    url: str
    where: str
    at: datetime | None


def line_hit(line: LogLine, asked: Question, now: datetime) -> Hit:
    text = _marked(line.text, asked)
    where = f"line {line.number} of {harmless(line.meeting.title)}"
    return Hit(harmless(line.nick), text, line.meeting.url_of_line(line.number), where, line.at)


def item_hit(item: Item, asked: Question, now: datetime) -> Hit:
    text = _marked(item.text or item.url, asked)
    where = f"{harmless(item.nick)}, in {harmless(item.meeting.title)}"
    return Hit(item.get_kind_display(), text, item.get_absolute_url(), where, item.at)


def decision_hit(decision: Decision, asked: Question, now: datetime) -> Hit:
    said = f"{decision.exception}: {decision.rationale}"
    where = f"by {decision.by}" if decision.by else "by time"
    url = decision.exception.get_absolute_url()
    words = str(decision.verb_in_words)
    return Hit(words[:1].upper() + words[1:], _marked(said, asked), url, where, decision.at)


def exception_hit(exception: ExceptionRequest, asked: Question, now: datetime) -> Hit:
    status = exception.status_at(now).label
    text = _marked(str(exception), asked)
    where = f"{exception.release.name}, asked by {exception.requester}"
    return Hit(
        str(status).capitalize(), text, exception.get_absolute_url(), where, exception.requested_at
    )


def proposal_hit(proposal: MergeProposal, asked: Question, now: datetime) -> Hit:
    state = str(proposal.get_state_display()).capitalize()
    where = f"{proposal.get_forge_display()} {proposal.key}, {proposal.branch}".rstrip(", ")
    return Hit(state, _marked(str(proposal), asked), proposal.get_absolute_url(), where, None)


def person_hit(person: Person, asked: Question, now: datetime) -> Hit:
    text = _marked(person.name, asked)
    return Hit("Person", text, person.get_absolute_url(), person.zone, None)


def _marked(text: str, asked: Question) -> SafeString:
    """An excerpt about what was found, each find in `<mark>`."""
    text, finds = harmless(text), asked.finds
    first = finds.search(text) if finds else None
    begin = max(0, first.start() - BEFORE_IT) if first and len(text) > EXCERPT else 0
    cut = text[begin : begin + EXCERPT]
    pieces = finds.split(cut) if finds else [cut]
    marked = "".join(
        f"<mark>{escape(piece)}</mark>" if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    )
    ends = ("…" if begin else "", "…" if begin + EXCERPT < len(text) else "")
    return SafeString(f"{ends[0]}{marked}{ends[1]}")  # each piece is escaped
