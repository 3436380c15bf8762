from datetime import datetime, timedelta
from typing import Self

from django.db import models

LONGEST_TROUBLE = 500
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


class ForgeStatusQuerySet(models.QuerySet["ForgeStatus"]):
    def asked(self, at: datetime) -> Self:
        """Those that may be asked now: not resting after a failure, and not being asked."""
        rests = models.Q(rests_until__gt=at)
        busy = models.Q(busy_until__gt=at)
        return self.exclude(rests | busy)

    def claim(self, host: str, *, forge: str, at: datetime, lasts: timedelta) -> bool:
        """Take a host for one round of asking; False where it rests or another round has it."""
        self.get_or_create(host=host, defaults={"forge": forge})
        return bool(
            self.asked(at).filter(host=host).update(busy_until=at + lasts, asked_at=at, forge=forge)
        )


class ForgeStatus(models.Model):
    """How one host answers, and so how old what we know of its proposals can be."""

    host = models.CharField(max_length=253, primary_key=True)
    forge = models.CharField(max_length=16)
    asked_at = models.DateTimeField("last asked", null=True)
    answered_at = models.DateTimeField("last answered", null=True)
    failures = models.PositiveIntegerField("failures since then", default=0)
    trouble = models.CharField(max_length=LONGEST_TROUBLE, blank=True)
    rests_until = models.DateTimeField("not asked before", null=True)
    busy_until = models.DateTimeField(null=True)

    objects = ForgeStatusQuerySet.as_manager()

    class Meta:
        ordering = ["host"]
        verbose_name_plural = "forge status"

    def __str__(self) -> str:
        return self.host

    def age(self, at: datetime) -> timedelta | None:
        """How long ago it last answered; None if it never has."""
        return at - self.answered_at if self.answered_at else None

    def answered(self, *, at: datetime) -> None:
        """A round went well. The claim ends."""
        self.answered_at, self.failures, self.trouble = at, 0, ""
        self.rests_until = self.busy_until = None
        self.save()

    def failed(self, *, at: datetime, trouble: str, until: datetime | None = None) -> None:
        """A round ended in a failure of the host's own: it rests, the longer the more there are.

        `until` is what the host itself asked for.
        """
        pause = min(FIRST_PAUSE * 2 ** min(self.failures, 10), LONGEST_PAUSE)
        self.failures += 1
        self.trouble = trouble[:LONGEST_TROUBLE]
        self.rests_until = until or at + pause
        self.busy_until = None
        self.save()
