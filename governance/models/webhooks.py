"""Whom to tell of decisions over HTTP, and what became of each telling."""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from releases.models import MilestoneMove

BOTH_SECRETS_FOR = timedelta(hours=24)  # after the secret was changed


class Happening(models.TextChoices):
    DECISION = "decision", "a decision"
    MOVE = "milestone-move", "a milestone that moves"
    EXPIRY = "expiry", "an exception that expires"


class DeliveryState(models.TextChoices):
    """How far a delivery has come. Only `governance.webhooks` moves it on."""

    PENDING = "pending", "waiting to be sent"
    CLAIMED = "claimed", "being sent"
    SENT = "sent", "sent"
    FAILED = "failed", "not taken, will be tried again"
    GIVEN_UP = "given-up", "not taken, given up"


WAITING = (DeliveryState.PENDING, DeliveryState.FAILED)


def validate_receiver(url: str) -> None:
    """Refuse what is not on one of the hosts that the settings name: they alone are spoken to."""
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        origin = ""
    listed = {entry if "://" in entry else f"https://{entry}" for entry in settings.WEBHOOK_HOSTS}
    allowed = {entry.lower() for entry in listed if settings.DEBUG or entry.startswith("https://")}
    if origin not in allowed:
        raise ValidationError(
            "Webhooks are sent to the hosts that WEBHOOK_HOSTS in the settings names, over https,"
            " and to no other.",
            code="receiver",
        )


def validate_happenings(value: object) -> None:
    """Accept a list of Happening values."""
    if not isinstance(value, list) or any(one not in Happening.values for one in value):
        raise ValidationError(f"This is a list out of: {', '.join(Happening.values)}.")


class Webhook(models.Model):
    """A receiver of what happens, signed with a secret that is derived and nowhere stored.

    `seen_decision` and `seen_move` are the last rows that were looked at; what was there before
    the webhook is not told of.
    """

    name = models.CharField(max_length=100)
    url = models.CharField("receiver", max_length=500, validators=[validate_receiver])
    happenings = models.JSONField(
        "tells of", default=list, blank=True, validators=[validate_happenings],
        help_text=f"A list out of {', '.join(Happening.values)}; empty: all of them.",
    )  # fmt: skip
    is_active = models.BooleanField(default=True)
    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    generation = models.PositiveIntegerField("secrets so far", default=1, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    since = models.DateTimeField("tells since", editable=False)
    first_decision = models.BigIntegerField(default=0, editable=False)
    first_move = models.BigIntegerField(default=0, editable=False)
    seen_decision = models.BigIntegerField(default=0, editable=False)
    seen_move = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def tells(self, happening: Happening) -> bool:
        return not self.happenings or happening in self.happenings

    def begin(self, *, at: datetime, last_decision: int) -> None:
        """Tell of what comes from now on."""
        moves = MilestoneMove.objects.aggregate(last=models.Max("pk"))
        self.since = at
        self.first_decision = self.seen_decision = last_decision
        self.first_move = self.seen_move = moves["last"] or 0

    def secret(self, generation: int | None = None, *, key: str | None = None) -> str:
        """The secret of that generation, made from that key; the present ones if none is named."""
        words = f"webhook {self.key} {generation or self.generation}"
        made_from = key or settings.SECRET_KEY
        return hmac.new(made_from.encode(), words.encode(), hashlib.sha256).hexdigest()

    def secrets(self, at: datetime) -> list[str]:
        """Those with which a message is signed now: for a day after a change, the old one too.

        Those made from keys of before come along for as long as these are set.
        """
        found = [self.secret()]
        found += [self.secret(key=key) for key in settings.SECRET_KEY_FALLBACKS]
        if self.rotated_at is not None and at < self.rotated_at + BOTH_SECRETS_FOR:
            found.append(self.secret(self.generation - 1))
        return found

    def rotate(self, *, at: datetime) -> None:
        """A new secret; the old one signs beside it for a day."""
        Webhook.objects.filter(pk=self.pk).update(
            generation=models.F("generation") + 1, rotated_at=at
        )
        self.refresh_from_db()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> Self:
        return self.filter(state__in=WAITING, next_try_at__lte=at, webhook__is_active=True)


class Delivery(models.Model):
    """One thing told to one receiver, at least once; `key` is the same in each attempt.

    `about` names what happened, so that it is written down once whoever looks.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    happening = models.CharField(max_length=20, choices=Happening)
    about = models.CharField(max_length=120)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField("last answer", null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "about"], name="delivered_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="delivery_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DeliveryState.CLAIMED)
                | models.Q(owner__gt="", lease_until__isnull=False),
                name="delivery_claimed_by_somebody_for_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=models.Q(state__in=WAITING),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state=DeliveryState.CLAIMED),
                name="delivery_in_flight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} to {self.webhook}"

    def send_again(self, *, at: datetime) -> bool:
        """Somebody wants it to be tried at once; False where it is on its way or has arrived."""
        waits = [DeliveryState.FAILED, DeliveryState.GIVEN_UP]
        mine = Delivery.objects.filter(pk=self.pk, state__in=waits)
        return bool(mine.update(state=DeliveryState.PENDING, attempts=0, next_try_at=at))
