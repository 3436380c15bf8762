from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import Count, OuterRef, Subquery

from governance import rights
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from governance.texts import plain
from meetings.harmless import harmless
from meetings.models.transcript import Meeting
from releases.models import Person

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class ActionState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ActionQuerySet(models.QuerySet["Action"]):
    def open(self) -> Self:
        return self.filter(state=ActionState.OPEN)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at)

    def of(self, person: Person) -> Self:
        return self.filter(people=person)

    def with_story(self) -> Self:
        """With owners, where it was first said and how often; a constant number of queries."""
        times = Telling.objects.filter(action=OuterRef("pk")).order_by().values("action")
        told = Subquery(times.annotate(n=Count("pk")).values("n"))
        return (
            self.select_related("meeting", "closed_by")
            .prefetch_related("people")
            .annotate(times_told=told)
        )


class Action(models.Model):
    """Something that somebody took on in a meeting.

    `owners` are the nicks that it was given to, `people` those of them that are known here. When a
    later meeting says it again it is the same action, told once more.
    """

    channel = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    essence = models.CharField(max_length=400, blank=True, editable=False)
    owners = models.JSONField(default=list)
    people = models.ManyToManyField(Person, related_name="actions", blank=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    line = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    due_words = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=7, choices=ActionState, default=ActionState.OPEN)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.TextField(blank=True)

    objects = ActionQuerySet.as_manager()
    tellings: "RelatedManager[Telling]"
    times_told: int  # annotated by `with_story`

    class Meta:
        ordering = ["-given_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["channel", "state"]),
            models.Index(fields=["-given_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ActionState.values), name="action_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=ActionState.OPEN)
                | models.Q(closed_by__isnull=False, closed_at__isnull=False),
                name="action_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return harmless(self.text[:200])

    def get_absolute_url(self) -> str:
        return self.meeting.url_of_line(self.line)

    @property
    def carried(self) -> int:
        """How often a later meeting said it again."""
        return max(0, self.times_told - 1)

    def may_be_closed_by(self, person: Person | None) -> bool:
        """Its owners may, and whoever may steer a release."""
        if person is None:
            return False
        owns = any(owner.pk == person.pk for owner in self.people.all())
        return owns or rights.may_steer(person)

    def close(self, *, state: ActionState, by: Person, at: datetime, note: str = "") -> None:
        """Call it done or dropped. Raises Refused: not theirs, closed already, dropped unsaid."""
        note = plain(note, field="note")
        if not self.may_be_closed_by(by):
            raise NotAllowed(f"{by} neither owns this action nor manages releases.")
        if state == ActionState.DROPPED and not note:
            raise InvalidInput("Say why it is dropped: somebody counts on it.", field="note")
        with transaction.atomic():
            fresh = Action.objects.select_for_update().get(pk=self.pk)
            if fresh.state != ActionState.OPEN:
                raise InvalidTransition(f"{fresh.closed_by} has called it {fresh.state} already.")
            self.state, self.closed_by, self.closed_at = state, by, at
            self.closing_note = note
            self.save(update_fields=["state", "closed_by", "closed_at", "closing_note"])


class Telling(models.Model):
    """A line of a meeting that says an action: the first gives it, the others carry it over."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="tellings")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="tellings", db_index=False
    )
    line = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "line"], name="a_line_tells_one_action")
        ]

    def __str__(self) -> str:
        return f"line {self.line} of {self.meeting_id}"
