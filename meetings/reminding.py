"""Open actions, as something that people are reminded of and that the digest tells of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerField, QuerySet, Value

from governance.models.announcing import Audience
from governance.subjects import SHOWN, Link, Matter, Section
from meetings.harmless import harmless
from meetings.models import Action, ActionState

LONGEST = 120  # characters of an action in a subject or a list


class OpenActions:
    """Actions until they are due, for those who own them."""

    kind = "action"
    tells_of_its_end = False

    def due(self, *, after: datetime, until: datetime) -> Sequence[QuerySet[Any]]:
        return [
            Action.objects.open()
            .filter(due_at__gt=after, due_at__lte=until)
            .annotate(
                deadline=F("due_at"),
                in_release=Value(None, output_field=IntegerField()),
                known_since=F("given_at"),
            )
        ]

    def about(self, subjects: Sequence[int]) -> dict[int, tuple[str, str]]:
        found = Action.objects.filter(pk__in=subjects).select_related("meeting")
        return {action.pk: (_named(action), action.get_absolute_url()) for action in found}

    def recipients(self, subjects: Sequence[int]) -> Audience:
        """The owners that are known here."""
        people: Audience = {subject: set() for subject in subjects}
        owned = Action.people.through.objects.filter(action__in=subjects)
        for action, person in owned.values_list("action", "person"):
            people[action].add(person)
        return people

    def reread(self, subject: int, *, deadline_at: datetime, at: datetime) -> Matter | None:
        action = Action.objects.select_related("meeting").filter(pk=subject).first()
        if action is None or action.state != ActionState.OPEN or action.due_at != deadline_at:
            return None
        return Matter(
            name="An action of yours",
            title=_named(action),
            path=action.get_absolute_url(),
            ahead="is due",
            reached="is overdue",
            sentence="Call it done or dropped on the page of actions once it is.",
            facts=[f"Given in {action.meeting}.", f"“{action.due_words}”"],
            links=[Link("Actions", "/actions/")],
        )

    def reached(self, subjects: Sequence[int], *, at: datetime) -> None:
        """Nothing: only a person calls an action done."""

    def digest(self, *, at: datetime) -> list[Section]:
        overdue = Action.objects.overdue(at).select_related("meeting").order_by("due_at", "pk")
        shown = list(overdue[: SHOWN + 1])
        lines = [
            Link(
                f"{', '.join(action.owners) or 'nobody'}: {_named(action)}",
                action.get_absolute_url(),
            )
            for action in shown[:SHOWN]
        ]
        more = overdue.count() - SHOWN if len(shown) > SHOWN else 0
        return [Section("Actions overdue", lines, more)]


def _named(action: Action) -> str:
    text = harmless(" ".join(action.text.split()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
