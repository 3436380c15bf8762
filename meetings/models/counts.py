from django.db import models

from meetings.models.transcript import Meeting
from releases.models import Release


class WeekCount(models.Model):
    """Bugs opened and fixed in the week that begins on `week`, as a meeting was told."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="week_counts", db_index=False
    )
    line = models.PositiveIntegerField()
    release = models.ForeignKey(
        Release, on_delete=models.SET_NULL, null=True, blank=True, related_name="week_counts"
    )
    week = models.DateField("Monday of the week")
    opened = models.PositiveIntegerField("bugs opened")
    fixed = models.PositiveIntegerField("fixes committed")
    words = models.CharField(max_length=255)

    class Meta:
        ordering = ["week", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "line"], name="one_count_in_a_line")
        ]

    def __str__(self) -> str:
        return f"{self.week:%-d %B %Y}: {self.opened} opened, {self.fixed} fixed"

    def get_absolute_url(self) -> str:
        return self.meeting.url_of_line(self.line)
