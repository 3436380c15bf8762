"""The ledger: one row for each decision, chained by hash, never edited.

The database itself refuses UPDATE, DELETE, TRUNCATE and REPLACE (migration 0003); `first_broken`
finds what was changed behind its back.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import models

from governance.lifecycle import Status, Verb
from governance.models.deadline import Until
from governance.numbering import reference_of
from releases.models import Milestone, Person

if TYPE_CHECKING:
    from governance.models.exceptions import ExceptionRequest


@dataclass(frozen=True)
class State:
    """How an exception stood at some instant."""

    status: Status
    until: Until


@dataclass(frozen=True)
class Broken:
    """A row of the ledger that is not as it was written, or a record that left its ledger."""

    reference: str
    sequence: int
    reason: str


class DecisionQuerySet(models.QuerySet["Decision"]):
    def first_broken(self) -> Broken | None:
        """The first row that does not follow from the one before it; None when all is whole."""
        rows = self.select_related("exception").order_by("exception_id", "sequence")
        for _, chain in groupby(rows.iterator(chunk_size=2000), attrgetter("exception_id")):
            if broken := _first_broken_of(chain):
                return broken
        known = _exceptions().values("pk")
        orphan = self.exclude(exception_id__in=known).order_by("exception_id", "sequence").first()
        if orphan is not None:
            return Broken(orphan.exception_reference, orphan.sequence, "its exception is gone")
        without = _exceptions().filter(decisions__isnull=True).first()
        if without is not None:
            return Broken(without.reference, 1, "its decisions are gone")
        return None


class Decision(models.Model):
    """One decision about an exception: who, when, why, and where it was said.

    `at` is when it was decided. `by` is empty for an expiry, which time decides, and for a landing
    that a forge reports.
    """

    exception = models.ForeignKey(
        "governance.ExceptionRequest", on_delete=models.PROTECT, related_name="decisions"
    )
    sequence = models.PositiveIntegerField("number in its ledger")
    verb = models.CharField(max_length=20, choices=Verb)
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    at = models.DateTimeField("decided at")
    previous_status = models.CharField(max_length=10, choices=Status, blank=True)
    new_status = models.CharField(max_length=10, choices=Status)
    previous_expires_at = models.DateTimeField(null=True, blank=True)
    new_expires_at = models.DateTimeField(null=True, blank=True)
    previous_expires_with = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    new_expires_with = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deadline_words = models.CharField(max_length=200, blank=True)
    deadline_zone = models.CharField(max_length=64, blank=True)
    # How the words were read: where the zone came from, and what was warned of. Null, not empty,
    # where nothing was read: a column that may be null is added without rewriting the ledger.
    deadline_reading = models.JSONField(null=True, blank=True, editable=False)
    rationale = models.TextField(blank=True)
    over_budget = models.TextField("why beyond the budget", blank=True)
    quote = models.TextField("words quoted", blank=True)
    source_url = models.CharField("where it was said", max_length=500, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["exception", "sequence"], name="decision_in_sequence"),
            models.CheckConstraint(
                condition=models.Q(verb__in=Verb.values), name="decision_verb_known"
            ),
            models.CheckConstraint(
                condition=models.Q(new_status__in=Status.values), name="decision_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(verb__in=[Verb.EXPIRE, Verb.LAND]) | models.Q(by__isnull=False),
                name="decision_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.exception_reference}: {self.verb_in_words}"

    @property
    def said_back(self) -> str:
        """What whoever has just decided so is told."""
        until = f" until {self.until}" if self.verb in {Verb.GRANT, Verb.EXTEND} else ""
        return f"{self}{until}."

    @property
    def exception_reference(self) -> str:
        return reference_of(self.exception_id)

    @property
    def verb_in_words(self) -> str:
        return Verb(self.verb).label

    @property
    def until(self) -> Until:
        """The deadline from this decision on."""
        return Until.stored(
            self.new_expires_at,
            self.new_expires_with,
            self.deadline_words,
            self.deadline_zone,
            self.deadline_reading,
        )

    @property
    def until_then(self) -> Until:
        """The deadline as it was known when this was decided."""
        return self.until.as_of(self.at)

    def computed_hash(self) -> str:
        """SHA-256 over everything in the row but itself, the previous hash included."""
        values = [_plain_value(getattr(self, name)) for name in _HASHED]
        if self.deadline_reading is not None:  # rows from before it was kept stay as signed
            values.append(json.dumps(self.deadline_reading, sort_keys=True))
        text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_HASHED = (
    "exception_id sequence verb by_id at previous_status new_status previous_expires_at"
    " new_expires_at previous_expires_with_id new_expires_with_id deadline_words deadline_zone"
    " rationale over_budget quote source_url previous_hash"
).split()


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, models.TextChoices) else value


def _first_broken_of(chain: Iterator[Decision]) -> Broken | None:
    """Follow one exception's rows; the last must be what the exception itself remembers."""
    before: Decision | None = None
    for number, row in enumerate(chain, start=1):
        if reason := _broken_link(row, before, number):
            return Broken(row.exception_reference, number, reason)
        before = row
    return _broken_end(before) if before is not None else None


def _broken_link(row: Decision, before: Decision | None, number: int) -> str:
    """Why a row does not follow from the one before it; nothing where it does."""
    left = (before.new_status, before.new_expires_at, before.new_expires_with_id) if before else ""
    found = (row.previous_status, row.previous_expires_at, row.previous_expires_with_id)
    if row.sequence != number:
        return f"decision {number} is missing"
    if row.previous_hash != (before.hash if before else ""):
        return "it does not follow from the decision before it"
    if row.hash != row.computed_hash():
        return "its words are not those that were signed"
    if found != (left or ("", None, None)):
        return "it starts from another state than the decision before it left"
    return ""


def _broken_end(row: Decision) -> Broken | None:
    """What the exception remembers that its last row does not say."""
    exception: ExceptionRequest = row.exception
    remembered, name = exception.ledger_length, exception.reference
    if remembered < row.sequence:
        return Broken(name, remembered + 1, "it was not made by a verb")
    if remembered > row.sequence:
        return Broken(name, row.sequence + 1, "later decisions are gone")
    if exception.ledger_head != row.hash:
        return Broken(name, row.sequence, "it is not the one that was recorded")
    if _state(exception) != (
        row.new_status,
        row.new_expires_at,
        row.new_expires_with_id,
        row.deadline_words,
        row.deadline_zone,
        row.deadline_reading,
    ):
        return Broken(name, row.sequence, "the record was changed without a decision")
    return None


def _state(exception: "ExceptionRequest") -> tuple[object, ...]:
    return (
        exception.status,
        exception.expires_at,
        exception.expires_with_id,
        exception.deadline_words,
        exception.deadline_zone,
        exception.deadline_reading,
    )


def _exceptions() -> "models.QuerySet[ExceptionRequest]":
    related: type[ExceptionRequest] = Decision._meta.get_field("exception").related_model  # type: ignore[assignment] # noqa: SLF001 the two models need each other
    return related.objects.all()
