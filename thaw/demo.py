"""The demo: a release in the middle of its freezes, dated around the day on which it is loaded.

One release, three merge proposals (one that must land within hours, one reviewed and excepted,
one that never asked), six people, two meetings.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
from django.db import transaction

from governance.models import ExceptionRequest, Until
from meetings.importing import ImportedMeeting, import_log
from meetings.logs import DateHints
from meetings.models import ItemKind, Meeting
from meetings.relinking import link_again
from releases.models import (
    ChangeKind,
    HandleKind,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneKind,
    Person,
    Project,
    ProposalState,
    Release,
    Review,
    ReviewVerdict,
    Role,
)
from releases.references import parse_reference

LOGS = Path(__file__).parent / "demo_logs"
ZONE = ZoneInfo("Pacific/Honolulu")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Cast:
    """Somebody of the story: login and nick, name, zone, role and where they hold it."""

    nick: str
    name: str
    zone: str
    role: Role
    project: str = ""


CAST = (
    Cast("thea", "Thea Moreau", "Europe/Paris", Role.RELEASE_MANAGER),
    Cast("vera", "Vera Lind", "Europe/Stockholm", Role.PROJECT_LEAD, "nova"),
    Cast("ondine", "Ondine Park", "Asia/Seoul", Role.REVIEWER),
    Cast("jun", "Jun Alvarez", "America/Los_Angeles", Role.CONTRIBUTOR),
    Cast("sol", "Sol Mbeki", "Africa/Johannesburg", Role.CONTRIBUTOR),
    Cast("xan", "Xan Duarte", "America/Sao_Paulo", Role.CONTRIBUTOR),
)


@dataclass(frozen=True)
class Demo:
    """What was loaded, to be told on the terminal."""

    release: Release
    meetings: list[ImportedMeeting]


@transaction.atomic
def load_demo(*, at: datetime, password: str) -> Demo:
    """Fill an empty database; every login has the same password, which the caller shows."""
    projects = {
        slug: Project.objects.create(slug=slug, name=slug.capitalize())
        for slug in ("nova", "swift", "glance")
    }
    hashed = make_password(password)  # once for all: it takes most of a second
    people = {cast.nick: _person(cast, projects, hashed) for cast in CAST}
    release = Release.objects.create(slug="cactus", name="Cactus", version="2011.2", zone=ZONE.key)
    release.projects.set(projects.values())
    gamma_before = _milestones(release, at=at, by=people["thea"])
    _proposals(release, projects["nova"], people, at=at)
    words = {  # a day without a time is its end
        "deadline": f"EOD {_next_midnight(at) - HOUR:%A %-d %B} Hawaii time",
        "gamma_before": f"{gamma_before - HOUR:%A %-d %B}",
        "gamma": f"{gamma_before + 2 * DAY - HOUR:%A %-d %B}",
    }
    met = _meeting_before(at)
    meetings = [
        *_import("last-week.log.txt", started=met - 7 * DAY, words=words, at=at),
        *_import("this-week.log.txt", started=met, words=words, at=at),
    ]
    _exceptions(release, people, deadline=_next_midnight(at), words=words["deadline"], met=met)
    link_again(list(Meeting.objects.all()))  # the meetings came before what they decided
    return Demo(release, meetings)


def _person(cast: Cast, projects: dict[str, Project], hashed: str) -> Person:
    manager = cast.role is Role.RELEASE_MANAGER
    user = User.objects.create(username=cast.nick, password=hashed, is_staff=manager)
    if manager:
        apps = ["releases", "governance", "meetings"]
        user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=apps))
    person = Person.objects.create(name=cast.name, zone=cast.zone, user=user)
    person.handles.create(kind=HandleKind.IRC, value=cast.nick)
    person.handles.create(kind=HandleKind.LAUNCHPAD, value=cast.nick)
    person.handles.create(kind=HandleKind.EMAIL, value=f"{cast.nick}@example.org")
    Membership.objects.create(
        person=person, role=cast.role, project=projects[cast.project] if cast.project else None
    )
    return person


def _next_midnight(at: datetime) -> datetime:
    """The next end of a day in Hawaii that is at least two hours away, in that zone."""
    local = (at + 2 * HOUR).astimezone(ZONE)
    return datetime.combine(local.date() + DAY, time(), tzinfo=ZONE)


def _meeting_before(at: datetime) -> datetime:
    """The last 21:00 UTC that is at least an hour ago."""
    met = (at - HOUR).astimezone(UTC).replace(hour=21, minute=0, second=0, microsecond=0)
    return met if met <= at - HOUR else met - DAY


def _milestones(release: Release, *, at: datetime, by: Person) -> datetime:
    """The release's calendar, with GammaFreeze moved once; returns where that stood before."""
    today = datetime.combine(at.astimezone(ZONE).date(), time(), tzinfo=ZONE)
    frozen: list[str] = [ChangeKind.FEATURE, ChangeKind.DEPENDENCY]
    calendar: tuple[tuple[str, MilestoneKind, int, list[str]], ...] = (
        ("FeatureFreeze", MilestoneKind.FEATURE_FREEZE, -12, frozen),
        ("StringFreeze", MilestoneKind.STRING_FREEZE, -5, [ChangeKind.STRINGS]),
        ("GammaFreeze", MilestoneKind.HARD_FREEZE, 7, [*frozen, ChangeKind.BUGFIX]),
        ("RC1", MilestoneKind.CANDIDATE, 12, []),
        ("Cactus", MilestoneKind.RELEASE, 16, ChangeKind.values),
    )
    for name, kind, days, blocks in calendar:
        Milestone.objects.create(
            release=release,
            slug=name.lower(),
            name=name,
            kind=kind,
            at=(today + days * DAY).astimezone(UTC),
            blocks=blocks,
        )
    gamma = Milestone.objects.get(release=release, slug="gammafreeze")
    before = gamma.at
    gamma.move(
        to=before + 2 * DAY,
        by=by,
        at=_meeting_before(at) - 7 * DAY,
        why="Two more days for open bug fixing, as in the release before.",
    )
    return before.astimezone(ZONE)


def _proposals(release: Release, nova: Project, people: dict[str, Person], *, at: datetime) -> None:
    offered = (
        ("jun", "volumes-api", 61001, "Volumes through the API", ChangeKind.FEATURE),
        ("sol", "vnc-console", 61017, "A console in the browser", ChangeKind.FEATURE),
        ("xan", "disable-creds", 61022, "Let operators revoke credentials", ChangeKind.UNKNOWN),
    )
    for nick, branch, number, title, kind in offered:
        reference = parse_reference(
            f"https://code.launchpad.net/~{nick}/nova/{branch}/+merge/{number}"
        )
        assert reference is not None  # noqa: S101 the address is written three lines above
        proposal = MergeProposal.objects.from_reference(reference)
        proposal.title = title
        proposal.author = people[nick]
        proposal.project, proposal.release, proposal.change_kind = nova, release, kind
        proposal.synced_at = at  # as if its forge had said all this
        if branch == "vnc-console":
            proposal.state = ProposalState.APPROVED
        proposal.save()
        _reviews(proposal, people, at=at)


def _reviews(proposal: MergeProposal, people: dict[str, Person], *, at: datetime) -> None:
    given = {
        "volumes-api": (
            ("vera", ReviewVerdict.APPROVE, "Off by default, and easy to take out again."),
            ("ondine", ReviewVerdict.NEEDS_FIXING, "Tests for detaching are missing."),
        ),
        "vnc-console": (("ondine", ReviewVerdict.APPROVE, "One remark about the time-out."),),
    }
    for nick, verdict, comment in given.get(proposal.branch.rpartition("/")[2], ()):
        Review.objects.create(
            proposal=proposal,
            reviewer=people[nick],
            verdict=verdict,
            comment=comment,
            at=at - 2 * DAY,
        )


def _exceptions(
    release: Release, people: dict[str, Person], *, deadline: datetime, words: str, met: datetime
) -> None:
    """Ask for two and grant them in the words of last week's meeting; refuse to extend one."""
    thea, freeze = people["thea"], release.milestones.get(slug="featurefreeze")
    volumes = ExceptionRequest.objects.ask(
        release=release,
        freeze=freeze,
        title="Volumes through the API",
        proposals=[MergeProposal.objects.get(key="61001")],
        by=people["jun"],
        at=met - 9 * DAY,
        why_now="Without it, who uses the API must use the old one for volumes.",
        risk_of_landing="Low: it is off unless somebody configures it.",
        risk_of_not_landing="The API stays incomplete for half a year.",
        testing="Unit tests, and a week on a cluster of three machines.",
    )
    console = ExceptionRequest.objects.ask(
        release=release,
        freeze=freeze,
        title="A console in the browser",
        proposals=[MergeProposal.objects.get(key="61017")],
        by=people["sol"],
        at=met - 8 * DAY,
        why_now="It is one module of its own, and support asks for it every week.",
        risk_of_landing="A port is opened on each host that turns it on.",
        testing="Three hypervisors.",
    )
    last_week, this_week = Meeting.objects.order_by("started_at")
    volumes.grant(
        by=thea,
        expires=Until(at=deadline.astimezone(UTC), words=words, zone=ZONE.key),
        rationale="Self-contained and low in risk; a week is enough to review it.",
        conditions=["nova-core review"],
        **_said(last_week, "volumes-api"),
    )
    console.grant(
        by=thea,
        expires=release.milestones.get(slug="gammafreeze"),
        rationale="It touches nothing else.",
        conditions=["a second review"],
        **_said(last_week, "vnc-console"),
    )
    console.conditions.get().confirm(by=people["ondine"], at=met - DAY)
    volumes.refuse_extension(
        by=thea,
        rationale="Each open exception takes reviewers from the bug list.",
        **_said(this_week, "volumes-api"),
    )


def _said(meeting: Meeting, about: str) -> dict[str, Any]:
    """When, in which words and in which line the meeting agreed about something."""
    item = meeting.items.get(kind=ItemKind.AGREED, text__startswith=about)
    return {"at": item.at, "quote": item.text, "source_url": item.get_absolute_url()}


def _import(
    name: str, *, started: datetime, words: dict[str, str], at: datetime
) -> list[ImportedMeeting]:
    stamps = {"started": started.ctime(), "ended": (started + timedelta(minutes=9)).ctime()}
    text = Template((LOGS / name).read_text()).substitute(words | stamps)
    log = import_log(
        io.BytesIO(text.encode()), name=name, at=at, hints=DateHints(), channel="#cactus-release"
    )
    return log.meetings
