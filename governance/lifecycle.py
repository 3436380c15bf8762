"""The statuses of an exception, the verbs, and which verb leads from where to where."""

from datetime import datetime

from django.db.models import TextChoices


class Scope(TextChoices):
    """What an exception is for."""

    PROPOSALS = "proposals", "the merge proposals named"
    PROJECT = "project", "everything of one project"


class Status(TextChoices):
    REQUESTED = "requested", "undecided"
    GRANTED = "granted", "granted"
    DENIED = "denied", "denied"
    DEFERRED = "deferred", "deferred"
    WITHDRAWN = "withdrawn", "withdrawn"
    LANDED = "landed", "landed"
    EXPIRED = "expired", "expired"
    REVOKED = "revoked", "revoked"
    REVERTED = "reverted", "reverted"


class Verb(TextChoices):
    """What can be decided about an exception; the second words are for sentences."""

    REQUEST = "request", "asked for"
    GRANT = "grant", "granted"
    DENY = "deny", "denied"
    DEFER = "defer", "deferred"
    EXTEND = "extend", "extended"
    REFUSE_EXTENSION = "refuse-extension", "extension refused"
    REVOKE = "revoke", "revoked"
    WITHDRAW = "withdraw", "withdrawn"
    LAND = "land", "landed"
    REVERT = "revert", "reverted"
    REOPEN = "reopen", "reopened"
    EXPIRE = "expire", "expired"

    @property
    def words(self) -> str:
        """`grant`, `refuse extension`: for buttons and sentences."""
        return self.value.replace("-", " ")


UNDECIDED_OR_STANDING = frozenset([Status.REQUESTED, Status.GRANTED])

# Conditions are confirmed while something hangs on them: an expired one may still be extended, and
# what has landed may owe a release note. Nothing hangs on those of one that was given up.
WITH_CONDITIONS = frozenset([Status.GRANTED, Status.EXPIRED, Status.LANDED])

# verb -> status before -> status after. What is not here cannot be done.
TRANSITIONS: dict[Verb, dict[Status, Status]] = {
    Verb.GRANT: {Status.REQUESTED: Status.GRANTED},
    Verb.DENY: {Status.REQUESTED: Status.DENIED},
    Verb.DEFER: {
        Status.REQUESTED: Status.DEFERRED,
        Status.GRANTED: Status.DEFERRED,
        Status.EXPIRED: Status.DEFERRED,
    },
    # An extension changes no status, but one that comes late brings the exception back.
    Verb.EXTEND: {Status.GRANTED: Status.GRANTED, Status.EXPIRED: Status.GRANTED},
    Verb.REFUSE_EXTENSION: {Status.GRANTED: Status.GRANTED, Status.EXPIRED: Status.EXPIRED},
    Verb.REVOKE: {Status.GRANTED: Status.REVOKED},
    Verb.WITHDRAW: {Status.REQUESTED: Status.WITHDRAWN, Status.GRANTED: Status.WITHDRAWN},
    Verb.LAND: {Status.GRANTED: Status.LANDED},
    Verb.EXPIRE: {Status.GRANTED: Status.EXPIRED},
    Verb.REVERT: {Status.LANDED: Status.REVERTED},
    Verb.REOPEN: {Status.DENIED: Status.REQUESTED},
}

# What a forge reports, which no person decides. It may report late what happened in time, when the
# ledger has already been told of the expiry.
REPORTED: dict[Verb, dict[Status, Status]] = {
    Verb.LAND: {Status.GRANTED: Status.LANDED, Status.EXPIRED: Status.LANDED},
}


def status_by(status: str, deadline: datetime | None, at: datetime) -> Status:
    """The status, where time may have decided before the ledger says so."""
    if status == Status.GRANTED and deadline is not None and at >= deadline:
        return Status.EXPIRED
    return Status(status)


def possible(status: str) -> list[Verb]:
    """The verbs that a person can use from this status, in the order of the table."""
    return [verb for verb, steps in TRANSITIONS.items() if status in steps and verb != Verb.EXPIRE]
