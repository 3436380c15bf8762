"""What a chair put on record with `#agreed`, applied at once where a site has chosen so.

`APPLY_AGREED` is off unless it is set: a machine proposes. Where it is on, the chair who wrote the
line is the person who decided, with their own rights; whatever is refused stays a suggestion.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import Lower

from governance.refusals import Refused
from meetings.models import Item, ItemKind, Meeting, Suggestion
from releases.models import Handle, HandleKind, Person


def apply_agreed(meetings: Sequence[Meeting], *, at: datetime) -> list[Suggestion]:
    """Accept what chairs agreed who may decide it themselves; returns what was accepted."""
    agreed = {
        (item.meeting_id, item.line): item.nick.lower()
        for item in Item.objects.standing().filter(
            meeting__in=meetings, kind=ItemKind.AGREED, by_chair=True
        )
    }
    people = _people(set(agreed.values()))
    accepted = []
    waiting = Suggestion.objects.open().filter(meeting__in=meetings, explicit=True).with_records()
    for suggestion in waiting.order_by("meeting__started_at", "line"):
        person = people.get(agreed.get((suggestion.meeting_id, suggestion.line), ""))
        if person is None:
            continue
        try:
            suggestion.accept(by=person, at=at)
        except Refused:
            continue
        accepted.append(suggestion)
    return accepted


def _people(nicks: set[str]) -> dict[str, Person]:
    handles = (
        Handle.objects.filter(kind=HandleKind.IRC)
        .annotate(nick=Lower("value"))
        .filter(nick__in=nicks)
        .select_related("person")
        .prefetch_related("person__memberships")
    )
    return {handle.value.lower(): handle.person for handle in handles}
