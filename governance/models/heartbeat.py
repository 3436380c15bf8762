from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a recurring job last ran to its end: beat, broker, worker and database all live."""

    job = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job} at {self.at:%Y-%m-%d %H:%M:%S} UTC"

    @classmethod
    def record(cls, job: str, *, at: datetime) -> None:
        cls.objects.update_or_create(job=job, defaults={"at": at})

    @classmethod
    def advance(cls, job: str, *, at: datetime) -> None:
        """The same, where it is later than what is known: a look back is no step back."""
        if not cls.objects.filter(job=job, at__lt=at).update(at=at):
            cls.objects.get_or_create(job=job, defaults={"at": at})

    @classmethod
    def last(cls, job: str) -> datetime | None:
        """When the job last ran, or None if it never has."""
        return cls.objects.filter(job=job).values_list("at", flat=True).first()
