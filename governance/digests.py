"""The daily digest of release managers: when it comes, on their own clocks, and what is in it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from governance.models.announcing import addressed
from governance.models.notices import LONGEST_ABOUT, Channel, Kind, Notice, State
from governance.subjects import Section, sources
from releases.models import Membership, Role

USEFUL_FOR = timedelta(hours=12)


def digest_instant(day: date, *, hour: int, zone: str) -> datetime:
    """When the clocks of that zone first show this hour on this day; after a gap, its end."""
    local = datetime.combine(day, time(hour), tzinfo=_zone(zone))
    return local.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    """UTC for what is no zone: one bad record must not keep everybody's digests back."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not there, a folder of zones, or a path
        return UTC


def latest_digest(at: datetime, *, hour: int, zone: str) -> datetime:
    """The last such instant that is not ahead."""
    today = at.astimezone(_zone(zone)).date()
    candidates = (
        digest_instant(today - timedelta(days=days), hour=hour, zone=zone) for days in range(3)
    )
    return next(instant for instant in candidates if instant <= at)


def digest_sections(*, at: datetime) -> list[Section]:
    """What release managers should know today; empty where there is nothing."""
    found = [section for source in sources().values() for section in source.digest(at=at)]
    return [section for section in found if section.lines]


def write_digests(*, at: datetime) -> None:
    """One for each release manager whose hour has come; a marker where there is nothing to say."""
    everywhere = Membership.objects.filter(role=Role.RELEASE_MANAGER, project=None)
    managers = everywhere.order_by().values_list(
        "person", "person__zone", "person__preference__digest_hour", "person__preference__digest"
    )
    due = {
        person: (latest_digest(at, hour=8 if hour is None else hour, zone=zone), channel)
        for person, zone, hour, channel in managers
    }
    if not due:
        return
    told = set(
        Notice.objects.filter(
            kind=Kind.DIGEST,
            recipient__in=due,
            deadline_at__in={instant for instant, _ in due.values()},
        ).values_list("recipient", "deadline_at")
    )
    wanted = {
        person: (instant, channel)
        for person, (instant, channel) in due.items()
        if (person, instant) not in told and at - instant < USEFUL_FOR
    }
    if not wanted:
        return
    sections = digest_sections(at=at)
    Notice.objects.add(
        _digest(person, instant, Channel(channel or Channel.MAIL), sections, at=at)
        for person, (instant, channel) in sorted(wanted.items())
    )


def _digest(
    person: int,
    instant: datetime,
    channel: Channel,
    sections: Sequence[Section],
    *,
    at: datetime,
) -> Notice:
    words = ", ".join(
        f"{len(section.lines) + section.more} {section.heading[0].lower()}{section.heading[1:]}"
        for section in sections
    )
    notice = Notice(
        subject_kind="digest",
        subject_id=person,
        kind=Kind.DIGEST,
        deadline_at=instant,
        recipient_id=person,
        about=f"Today: {words}"[:LONGEST_ABOUT],
        path="/",
        due_at=at,
        next_try_at=at,
    )
    if not sections:
        notice.state, notice.detail = State.CANCELLED, "There was nothing to tell."
        return notice
    return addressed(notice, channel)
