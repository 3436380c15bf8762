"""What the next meeting of a series has to talk about, made from the records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from django.db.models import CharField, QuerySet

from governance.models import ExceptionRequest
from meetings.harmless import harmless
from meetings.models import Action, Meeting
from releases.models import ChangeKind, MergeProposal, Milestone, ProposalState, Release
from releases.moments import moment
from releases.plurals import number_of
from releases.prepared import prepared

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LOOKED_BACK = 9  # meetings that tell how often they are held
MOST = 50  # of a kind: an agenda is for an hour
AHEAD = 4 * WEEK  # milestones
UNMERGED = [ProposalState.DRAFT, ProposalState.OPEN, ProposalState.APPROVED]
LONGEST_LINE = 380  # characters of a line that IRC carries whole


@dataclass(frozen=True)
class Agenda:
    """For a meeting that begins at `at`; the one after it is expected at `after`."""

    channel: str
    release: Release | None
    at: datetime
    after: datetime
    expiring: list[ExceptionRequest]
    undecided: list[ExceptionRequest]
    unexcepted: list[MergeProposal]
    milestones: list[Milestone]
    actions: list[Action]
    is_guess: bool = False  # no meeting is known that would tell when the next one begins

    def paste_lines(self) -> Iterator[str]:
        """The agenda as a chair pastes it: one MeetBot command a line."""
        yield from _section("Actions from last time", self._action_lines(), "no actions")
        yield from _section(
            "Exceptions that expire before the next meeting",
            (f"{_named(one)}, until {moment(_deadline(one))}" for one in self.expiring),
            "none expires",
        )
        yield from _section(
            "Undecided requests",
            (f"{_named(one)}, asked by {one.requester}" for one in self.undecided),
            "nothing waits for a decision",
        )
        yield from _section(
            "In a freeze without an exception",
            (f"{harmless(str(one))} {one.url}" for one in self.unexcepted),
            "none",
        )
        yield from _section(
            "Milestones ahead",
            (f"{one.name}: {moment(one.at)}" for one in self.milestones),
            "none in the next four weeks",
        )
        yield "#topic Open discussion"

    def _action_lines(self) -> Iterator[str]:
        for action in self.actions:
            owners = ", ".join(action.owners)
            whose = f"{owners}: " if owners else ""
            yield f"{whose}{action} ({self.age_of(action)})"

    def age_of(self, action: Action) -> str:
        """`given on Wed 16 March 2011, 2 weeks before this meeting, carried twice`."""
        given = action.given_at.astimezone(UTC)
        days = max(0, (self.at - given) // DAY)
        count, unit = (days // 7, "week") if days >= 14 else (days, "day")  # noqa: PLR2004
        before = f", {number_of(count, unit)} before this meeting" if days else ""
        times = {0: "", 1: ", carried once", 2: ", carried twice"}
        carried = times.get(action.carried, f", carried {action.carried} times")
        return f"given on {given:%a} {given.day} {given:%B %Y}{before}{carried}"


def _section(topic: str, lines: Iterator[str], nothing: str) -> Iterator[str]:
    yield f"#topic {topic}"
    shown = list(lines) or [nothing]
    for line in shown:
        yield f"#info {line}"[:LONGEST_LINE]


def _named(exception: ExceptionRequest) -> str:
    return f"{exception.reference} {exception.title}"


def _deadline(exception: ExceptionRequest) -> datetime:
    instant = exception.until.instant
    assert instant is not None  # noqa: S101 it stands
    return instant


def make_agenda(*, now: datetime, channel: str = "", at: datetime | None = None) -> Agenda:
    """The agenda of a channel's next meeting, or of one at an instant that is given.

    Its cost in queries does not grow with what is on it.
    """
    starts = _starts(channel)
    often = _how_often(starts)
    begins = at or _next(starts, often, now)
    after = begins + often
    release = Release.objects.current(begins)
    exceptions = ExceptionRequest.objects.filter(release=release).select_related(
        "requester", "expires_with"
    )
    expiring = exceptions.expiring(within=after - now, at=now).first_to_end_first()
    actions = Action.objects.open().filter(channel=channel) if channel else Action.objects.open()
    milestones = Milestone.objects.filter(
        release=release, at__gt=now, at__lte=begins + AHEAD
    ).order_by("at", "pk")
    return Agenda(
        channel=channel,
        release=release,
        at=begins,
        after=after,
        expiring=list(expiring[:MOST]),
        undecided=list(exceptions.undecided().order_by("requested_at", "pk")[:MOST]),
        unexcepted=_unexcepted(release, begins) if release is not None else [],
        milestones=list(milestones[:MOST]),
        actions=list(actions.with_story().order_by("given_at", "pk")[:MOST]),
        is_guess=at is None and not starts,
    )


def rhythm(channel: str) -> timedelta | None:
    """The time from one meeting of a channel to the next; None where too few are known."""
    starts = _last_held(channel=channel) if channel else []
    return _how_often(starts) if len(starts) > 1 else None


def _starts(channel: str) -> list[datetime]:
    """When the last meetings began, the newest first; of all channels where none is given."""
    if channel:
        return _last_held(channel=channel)
    starts = Meeting.objects.order_by("-started_at").values_list("started_at", flat=True)
    return list(starts[:LOOKED_BACK])


@prepared(channel=CharField())
def _last_held(*, channel: str) -> QuerySet[Meeting, datetime]:
    held = Meeting.objects.filter(channel=channel).order_by("-started_at")
    return held.values_list("started_at", flat=True)[:LOOKED_BACK]


def _how_often(starts: list[datetime]) -> timedelta:
    """The usual time from one meeting to the next in whole days; a week where nothing tells."""
    between = [later - earlier for later, earlier in pairwise(starts)]
    days = [round(gap / DAY) for gap in between if gap >= DAY / 2]
    return max(1, round(median(days))) * DAY if days else WEEK


def _next(starts: list[datetime], often: timedelta, now: datetime) -> datetime:
    """The first start of the series' rhythm that is ahead."""
    if not starts:
        return (now + DAY).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    behind = max(0, (now - starts[0]) // often)
    return starts[0] + (behind + 1) * often


def _unexcepted(release: Release, at: datetime) -> list[MergeProposal]:
    """Proposals for the release that a freeze will hold back, and that nobody excepted."""
    freezes = list(release.milestones.passed(at).exclude(blocks=[]))
    found = []
    waiting = (
        release.proposals.filter(state__in=UNMERGED)
        .exclude(claims__open=True)
        .select_related("project", "author")
        .order_by("pk")
    )
    for proposal in waiting[: 4 * MOST]:
        counts_as = ChangeKind(proposal.change_kind).counts_as
        if any(
            counts_as in freeze.blocks and freeze.project_id in {None, proposal.project_id}
            for freeze in freezes
        ):
            found.append(proposal)
    return found[:MOST]
