"""What meetings are about, read from their minutes and kept beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from meetings.actions import Given, given_in, store_actions
from meetings.agenda import rhythm
from meetings.applying import apply_agreed
from meetings.keeping import store
from meetings.linking import Link, said_in
from meetings.minutes import Minutes
from meetings.models import Meeting
from meetings.relating import Heard, Read, read_meetings
from meetings.verdicts import Suggested
from releases.models import Handle, HandleKind
from releases.prepared import prepared


@dataclass(frozen=True)
class Understood:
    """What one meeting is about, what it may have decided, and the actions that it gave."""

    read: Read
    given: list[Given]

    @property
    def links(self) -> list[Link]:
        return self.read.links

    @property
    def suggested(self) -> list[Suggested]:
        return self.read.suggested


def nicks_by_alias() -> dict[str, str]:
    """Every further name of a person who has a nick, with that nick; one query."""
    nicks: dict[int, str] = {}
    names: list[tuple[int, str]] = []
    for person, kind, value in _names():
        if kind == HandleKind.IRC:
            nicks.setdefault(person, value)
        names.append((person, value))
    return {name: nicks[person] for person, name in names if nicks.get(person, name) != name}


@prepared()
def _names() -> QuerySet[Handle, tuple[int, str, str]]:
    """Whose name, of which kind, and the name."""
    handles = Handle.objects.exclude(kind=HandleKind.EMAIL).order_by("person_id", "pk")
    return handles.values_list("person_id", "kind", "value")


def understand(meetings: Sequence[Minutes], channel: str) -> list[Understood]:
    """Read what these meetings of a channel are about; a few queries for all of them."""
    often = rhythm(channel)
    heard = [
        Heard(
            list(said_in(minutes)),
            minutes.items,
            minutes.started_at,
            minutes.started_at + often if often else None,
        )
        for minutes in meetings
    ]
    given = [list(given_in(minutes.items)) for minutes in meetings]
    return [Understood(*both) for both in zip(read_meetings(heard), given, strict=True)]


def keep(
    meetings: Sequence[Meeting], understood: Sequence[Understood], *, at: datetime, anew: bool
) -> None:
    """Keep what was read of these meetings; the caller holds the transaction.

    `anew`: they have just been stored.
    """
    both = list(zip(meetings, understood, strict=True))
    store([(meeting, one.read) for meeting, one in both], anew=anew)
    if any(one.given for one in understood):
        store_actions([(meeting, one.given) for meeting, one in both])
    if settings.APPLY_AGREED:
        apply_agreed(meetings, at=at)
