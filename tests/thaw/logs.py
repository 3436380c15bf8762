"""Meetings to look at: logs as MeetBot writes them, imported the way everybody imports them."""

import io
from datetime import datetime, timedelta

from meetings.importing import import_log
from meetings.logs import DateHints
from meetings.models import Meeting
from tests.factories import utc

MARCH_29 = utc(2011, 3, 29, 21)
APRIL_1 = utc(2011, 4, 1)
LINES_BEFORE = 3  # what is said begins on line 4 of the file


def log_of(*said, title="Release meeting", begins=MARCH_29):
    """A MeetBot log; each of `said` is a text of the chair, thea, or a pair of nick and text."""
    lines = [
        ("thea", f"#startmeeting {title}"),
        ("openstack", f"Meeting started {begins:%a %b} {begins.day:2} {begins:%H:%M:%S %Y} UTC."),
        ("openstack", "The chair is thea."),
        *(line if isinstance(line, tuple) else ("thea", line) for line in said),
        ("thea", "#endmeeting"),
    ]
    stamps = (begins + timedelta(seconds=second) for second in range(len(lines)))
    return "".join(
        f"{at:%H:%M:%S} <{nick}> {text}\n" for at, (nick, text) in zip(stamps, lines, strict=True)
    )


def import_text(text: str, *, name="release-meeting.log.txt", at: datetime = APRIL_1) -> Meeting:
    """Import a log of one meeting; in UTF-8, whatever stands in it."""
    stream = io.BytesIO(text.encode())
    (imported,) = import_log(stream, name=name, at=at, hints=DateHints()).meetings
    return Meeting.objects.get(slug=imported.slug)


def make_meeting(*said, title="Release meeting", begins=MARCH_29, **imported):
    return import_text(log_of(*said, title=title, begins=begins), **imported)
