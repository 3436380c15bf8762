from datetime import datetime

from django.db import models

from governance import rights
from governance.models import ExceptionRequest
from governance.refusals import InvalidInput, NotAllowed
from meetings.harmless import harmless
from meetings.models.transcript import Meeting
from releases.models import MergeProposal, Milestone, Person, Release

LONGEST_TARGET = 1100  # kind, forge and the longest key


class MentionHow(models.TextChoices):
    URL = "url", "by its address"
    NUMBER = "number", "by its number"
    NAME = "name", "by its name"
    CONTEXT = "context", "by what was being discussed"
    PERSON = "person", "by somebody who read it"


class MentionState(models.TextChoices):
    FOUND = "found", "found by the importer"
    CONFIRMED = "confirmed"
    REMOVED = "removed"


class MentionQuerySet(models.QuerySet["Mention"]):
    def kept(self) -> "MentionQuerySet":
        """All but those that somebody removed."""
        return self.exclude(state=MentionState.REMOVED)


def in_words(target: str) -> str:
    """The public name of what is no record here: “gammafreeze of cactus”."""
    kind, _, name = target.partition(":")
    if kind == "bug":
        forge, _, key = name.partition(":")
        return f"{forge.capitalize()} bug {key}"
    if kind not in {"release", "milestone"}:
        return target
    release, _, milestone = name.partition("/")
    return " of ".join(filter(None, [milestone, release]))


class Mention(models.Model):
    """What a line is about, and how that is known.

    `target` is the public name of the record, which may not be entered yet; `words` show it. What
    a person said of a link (`state`, `by`, `at`) stays when the log is linked again.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    line = models.PositiveIntegerField()
    target = models.CharField(max_length=LONGEST_TARGET)
    how = models.CharField(max_length=8, choices=MentionHow)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=MentionState, default=MentionState.FOUND)
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(null=True, blank=True)
    proposal = models.ForeignKey(
        MergeProposal, on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )
    exception = models.ForeignKey(
        ExceptionRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )
    milestone = models.ForeignKey(
        Milestone, on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )
    release = models.ForeignKey(
        Release, on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "line", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "line", "target"], name="one_link_from_line_to_target"
            ),
            models.CheckConstraint(
                condition=models.Q(how__in=MentionHow.values), name="mention_how_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=MentionState.values), name="mention_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=MentionState.FOUND)
                | models.Q(by__isnull=False, at__isnull=False),
                name="mention_judged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line} is about {harmless(self.target)}"

    def get_absolute_url(self) -> str:
        return self.meeting.url_of_line(self.line)

    @property
    def about(self) -> str:
        """What it is about, in words; what it leads to goes before what has no page."""
        record = self.exception or self.proposal or self.release or self.milestone
        return harmless(str(record) if record is not None else in_words(self.target))

    @property
    def leads_to(self) -> str:
        """The page here of what it is about; empty where it has none."""
        of_milestone = self.milestone.release if self.milestone else None
        record = self.exception or self.proposal or self.release or of_milestone
        return record.get_absolute_url() if record is not None else ""

    def judge(self, *, right: bool, by: Person, at: datetime) -> None:
        """Confirm the link or remove it. Raises NotAllowed for who has no role."""
        if not rights.may_ask(by):
            raise NotAllowed(f"{by} has no role here, and links are confirmed with a name.")
        self.state = MentionState.CONFIRMED if right else MentionState.REMOVED
        self.by, self.at = by, at
        self.save(update_fields=["state", "by", "at"])

    @classmethod
    def add(
        cls, *, meeting: Meeting, line: int, proposal: MergeProposal, by: Person, at: datetime
    ) -> "Mention":
        """Say that a line is about a proposal. Raises Refused: no role, or no such line."""
        if not rights.may_ask(by):
            raise NotAllowed(f"{by} has no role here, and links are added with a name.")
        if not meeting.lines.filter(number=line).exists():
            raise InvalidInput(f"The meeting has no line {line}.", field="line")
        mention, _ = cls.objects.update_or_create(
            meeting=meeting,
            line=line,
            target=proposal.target,
            defaults={
                "proposal": proposal,
                "state": MentionState.CONFIRMED,
                "by": by,
                "at": at,
            },
            create_defaults={
                "proposal": proposal,
                "how": MentionHow.PERSON,
                "state": MentionState.CONFIRMED,
                "by": by,
                "at": at,
            },
        )
        return mention
