"""What people are told, each thing once: the outbox, and how each of them wants to be told."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from governance.numbering import reference_of
from governance.offsets import InvalidOffsets, in_words, parse_offsets
from releases.models import Person, Release

LONGEST_ABOUT = 240


class Kind(models.TextChoices):
    """Why somebody is told; the second words say what one can choose a channel for."""

    REMINDER = "reminder", "Reminders before a deadline"
    EXPIRED = "expired", "An exception that has expired"
    DECISION = "decision", "Decisions on exceptions"
    DIGEST = "digest", "The daily digest for release managers"


class State(models.TextChoices):
    """How far a notice has come. Only `governance.outbox` moves it on."""

    PENDING = "pending", "waiting to be sent"
    CLAIMED = "claimed", "about to be sent"
    HANDING = "handing", "being handed over"
    SENT = "sent", "sent"
    FAILED = "failed", "not sent, will be tried again"
    UNCERTAIN = "uncertain", "perhaps sent: the server never said"
    CANCELLED = "cancelled", "no longer true when it was to be sent"
    MISSED = "missed", "missed: its time had passed"


UNSENT = (State.PENDING, State.FAILED)
LEASED = (State.CLAIMED, State.HANDING)


class Channel(models.TextChoices):
    MAIL = "mail", "by mail, and here"
    IN_APP = "in-app", "here alone"
    NONE = "none", "not at all"


@dataclass(frozen=True)
class Standing:
    """How many notices are due but unsent, failed and to be tried again, or uncertain."""

    unsent: int
    failed: int
    uncertain: int


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, at: datetime) -> Self:
        """What is to be sent now, tried before or not."""
        return self.filter(state__in=UNSENT, next_try_at__lte=at)

    def standing(self, *, at: datetime) -> "Standing":
        """How many are where, for the status page and those who watch over it."""
        in_flight = self.filter(state__in=[*UNSENT, *LEASED, State.UNCERTAIN])
        counts = in_flight.aggregate(
            unsent=models.Count(
                "pk",
                filter=models.Q(state__in=[State.PENDING, *LEASED], next_try_at__lte=at),
            ),
            failed=models.Count("pk", filter=models.Q(state=State.FAILED)),
            uncertain=models.Count("pk", filter=models.Q(state=State.UNCERTAIN)),
        )
        return Standing(**counts)

    def shown_to(self, person: Person) -> Self:
        """What stands on somebody's own page, the latest first."""
        hidden = models.Q(state=State.CANCELLED) | models.Q(channel=Channel.NONE)
        return self.filter(recipient=person).exclude(hidden).order_by("-due_at", "-pk")

    def add(self, notices: Iterable["Notice"]) -> None:
        """Insert those whose key is new; whoever else derived the same is not in the way."""
        self.bulk_create(notices, batch_size=1000, ignore_conflicts=True)  # type: ignore[arg-type] # its own model


class Notice(models.Model):
    """One thing told to one person, once: its key is subject, kind, deadline and recipient.

    The subject is plain data, so that whatever floor has deadlines can be reminded of. A
    reminder's kind includes how long before the deadline it is for: its `lead`, in seconds.
    """

    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    lead = models.PositiveIntegerField("seconds before the deadline", default=0)
    deadline_at = models.DateTimeField("deadline, or when it happened")
    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")

    about = models.CharField(max_length=LONGEST_ABOUT)
    path = models.CharField("page of the subject", max_length=240, blank=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.MAIL)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    detail = models.CharField("why it is so", max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField("due since")
    next_try_at = models.DateTimeField("to be sent from")
    owner = models.CharField("claimed by", max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    uncertain_at = models.DateTimeField(
        "first uncertain", null=True, blank=True, help_text="From then on it may have come twice."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "deadline_at", "lead", "kind", "recipient"],
                name="notice_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="notice_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="notice_channel_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=LEASED)
                | models.Q(owner__gt="", lease_until__isnull=False),
                name="notice_claimed_by_somebody_for_some_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.SENT) | models.Q(sent_at__isnull=False),
                name="notice_sent_at_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=models.Q(state__in=UNSENT),
                name="notice_unsent",
            ),
            models.Index(
                fields=["state", "lease_until"],
                condition=models.Q(state__in=[*LEASED, State.UNCERTAIN]),
                name="notice_in_flight",
            ),
            models.Index(fields=["recipient", "-due_at", "-id"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.recipient}: {self.about}"

    @property
    def key(self) -> str:
        """A name for its key that is the same wherever and whenever it is derived."""
        parts = (
            self.subject_kind,
            self.subject_id,
            self.kind,
            self.lead,
            self.deadline_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.recipient_id,
        )
        return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:32]

    @property
    def sentence(self) -> str:
        """What it says, before the instant that it says it of."""
        if self.kind != Kind.REMINDER:
            return self.about
        # What was granted late had less time left than this reminder usually leaves.
        left = in_words((self.deadline_at - self.due_at).total_seconds())
        return f"{self.about}: {f'{left} to' if self.lead else 'now is'} its deadline"


class Watch(models.Model):
    """Somebody who wants to hear of an exception that is not theirs."""

    exception = models.ForeignKey(
        "governance.ExceptionRequest", on_delete=models.CASCADE, related_name="watches"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="watches")

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint(fields=["exception", "person"], name="watched_once")]

    def __str__(self) -> str:
        return f"{self.person} watches {reference_of(self.exception_id)}"


def validate_offsets(text: str) -> None:
    """Refuse what is no list of offsets; an empty one means the usual ones."""
    try:
        parse_offsets(text)
    except InvalidOffsets as error:
        raise ValidationError(str(error), code="offsets") from error


class Preference(models.Model):
    """How one person wants to be told. Whoever has none gets mail, at the usual times."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="preference")
    reminder = models.CharField(
        Kind.REMINDER.label, max_length=8, choices=Channel, default=Channel.MAIL
    )
    expired = models.CharField(
        Kind.EXPIRED.label, max_length=8, choices=Channel, default=Channel.MAIL
    )
    decision = models.CharField(
        Kind.DECISION.label, max_length=8, choices=Channel, default=Channel.MAIL
    )
    digest = models.CharField(
        Kind.DIGEST.label, max_length=8, choices=Channel, default=Channel.MAIL
    )
    offsets = models.CharField(
        "reminders come",
        max_length=80,
        blank=True,
        validators=[validate_offsets],
        help_text="Before a deadline, such as 3d,24h,30m; 0 is the deadline itself. Empty: as"
        " the release has them.",
    )
    digest_hour = models.PositiveSmallIntegerField(
        "hour of the digest",
        default=8,
        validators=[MaxValueValidator(23)],
        help_text="On the clocks of your own zone, 0 to 23.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_hour__lte=23), name="preference_digest_hour_of_a_day"
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q((f"{kind}__in", Channel.values)),
                    name=f"preference_{kind}_channel_known",
                )
                for kind in Kind.values
            ),
        ]

    def __str__(self) -> str:
        return f"How {self.person} is told"

    @classmethod
    def of(cls, people: Iterable[int]) -> dict[int, "Preference"]:
        """The preferences of these people, as far as they have any."""
        return {found.person_id: found for found in cls.objects.filter(person__in=people)}

    def channel(self, kind: str) -> Channel:
        return Channel(getattr(self, Kind(kind).value))


def channel_of(preference: Preference | None, kind: str) -> Channel:
    return preference.channel(kind) if preference else Channel.MAIL


class ReleaseReminders(models.Model):
    """The offsets of one release, where they are not those of the site."""

    release = models.OneToOneField(Release, on_delete=models.CASCADE, related_name="reminders")
    offsets = models.CharField(
        max_length=80,
        validators=[validate_offsets],
        help_text="Before a deadline, such as 72h,24h,2h,0.",
    )

    class Meta:
        verbose_name_plural = "reminders of releases"

    def __str__(self) -> str:
        return f"{self.release}: {self.offsets}"


def usual_offsets() -> tuple[int, ...]:
    return parse_offsets(settings.REMINDER_OFFSETS)
