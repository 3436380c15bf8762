"""May it land? One field, one answer, and what to do where it is no."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from governance import gate, rights
from governance.gate import Code, Verdict
from governance.lifecycle import Status, Verb
from governance.meant import LONGEST_REFERENCE
from governance.measured import counted
from releases.models import ChangeKind, MergeProposal, Milestone, MilestoneKind
from releases.prepared import prepared
from releases.references import parse_reference
from releases.zones import places

SPELLINGS = 7  # of one name, at most
OVER = frozenset([Status.LANDED, Status.REVERTED, Status.WITHDRAWN])


@dataclass(frozen=True)
class Way:
    """Something to do about an answer, and where."""

    words: str
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """A verdict, with what a person wants beside it."""

    asked: str
    read_as: str  # where it was found under another spelling
    verdict: Verdict
    zone: str
    ways: list[Way]

    @property
    def reason(self) -> str:
        """The sentence of the gate, without an address beside which a link stands."""
        return self.verdict.reason.removesuffix(self.verdict.asking)

    @property
    def is_address(self) -> bool:
        return _is_address(self.asked)


@require_safe
@vary_on_headers("HX-Request")
def check(request: HttpRequest) -> HttpResponse:
    """The answer for what stands in `q`; as a part of a page where htmx asks for one."""
    asked, now = request.GET.get("q", "").strip(), timezone.now()
    context = {"asked": asked, "now": now, "answer": answer(asked, now) if asked else None}
    is_part = "HX-Request" in request.headers and "HX-History-Restore-Request" not in (
        request.headers
    )
    return render(request, f"governance/{'_answer' if is_part else 'check'}.html", context)


def answer(asked: str, now: datetime) -> Answer:
    verdict, read_as = gate.verdict(asked, at=now), ""
    if verdict.code == Code.UNKNOWN and (near := _near(asked, now)):
        verdict, read_as = gate.verdict_on(near, at=now), near.branch_name
    counted([verdict])
    return of_verdict(verdict, now, asked=asked, read_as=read_as)


def of_verdict(verdict: Verdict, now: datetime, *, asked: str, read_as: str = "") -> Answer:
    zone = verdict.release.zone if verdict.release else "UTC"
    granted = verdict.found.granted if verdict.found else None
    # A zone without a place, such as UTC+02:00, says no more than UTC does.
    if granted is not None and granted.deadline_zone in places():
        zone = granted.deadline_zone
    return Answer(asked, read_as, verdict, zone, _ways(asked, verdict, now))


def _near(asked: str, now: datetime) -> MergeProposal | None:
    """The one proposal whose branch is spelled almost like this: vnc_console for vnc-console."""
    name = asked.rpartition("/")[2]
    if not name.isprintable() or len(name) > LONGEST_REFERENCE:
        return None
    spellings = {name.replace("_", "-"), name.replace("-", "_"), name.replace(" ", "-")}
    spellings |= {spelling.lower() for spelling in [name, *spellings]}
    every = (*spellings, *[name.lower()] * SPELLINGS)[:SPELLINGS]
    found = _spelled(at=now, **{f"spelling_{n}": one for n, one in enumerate(every)})
    return found[0] if len(found) == 1 else None


@prepared(at=DateTimeField(), **{f"spelling_{n}": CharField() for n in range(SPELLINGS)})
def _spelled(*, at: datetime, **spellings: str) -> QuerySet[MergeProposal]:
    known = MergeProposal.objects.as_known(at).select_related("release", "project")
    return known.filter(branch_name__in=list(spellings.values()))[:2]


def _ways(asked: str, verdict: Verdict, now: datetime) -> list[Way]:
    """What can be done where it may not land, the surest first."""
    if verdict.allowed:
        return []
    if verdict.proposal is None:
        if _is_address(asked):
            return [Way("Enter it by asking for an exception", _asking(asked))]
        return [Way("Ask for an exception, with its address", reverse("ask"))]
    return [*_about_exception(verdict), *_about_kind(verdict), *_waiting(verdict, now)]


def _about_exception(verdict: Verdict) -> list[Way]:
    found, proposal = verdict.found, verdict.proposal
    assert proposal is not None  # noqa: S101 asked where it is known
    if found is None or verdict.code == Code.MISSING or found.status in OVER:
        return [Way("Ask for an exception", _asking(proposal.url))]
    name, url = found.exception.reference, found.exception.get_absolute_url()
    assert verdict.release is not None  # noqa: S101 an exception has one
    decides = rights.who_may(Verb.GRANT, verdict.release)
    return {
        Code.EXPIRED: [Way(f"Ask {decides} to extend {name}", url)],
        Code.UNDECIDED: [Way(f"Wait for {decides} to decide on {name}", url)],
    }.get(verdict.code, [Way(f"Read why in {name}", url), *_again(found.status, proposal)])


def _again(status: Status, proposal: MergeProposal) -> list[Way]:
    """To ask anew after a no; what was deferred was told when."""
    if status not in {Status.DENIED, Status.REVOKED}:
        return []
    return [Way("If something has changed since, ask again", _asking(proposal.url))]


def _about_kind(verdict: Verdict) -> list[Way]:
    blocked = {kind for freeze in verdict.freezes for kind in freeze.blocks}
    if verdict.code != Code.MISSING or ChangeKind.BUGFIX in blocked:
        return []
    ask = "ask a release manager to count it as a bug fix"  # only they say as what it counts
    return [Way(f"If it mends a bug, {ask}: those may still land")]


def _waiting(verdict: Verdict, now: datetime) -> list[Way]:
    if verdict.release is None:
        return []
    ships = _ships(release=verdict.release.pk, at=now)
    return [
        Way(f"Wait for the release after this one: {one.name} ships", at=one.at) for one in ships
    ]


@prepared(release=BigIntegerField(), at=DateTimeField())
def _ships(*, release: int, at: datetime) -> QuerySet[Milestone]:
    ahead = Milestone.objects.ahead(at).filter(release=release, kind=MilestoneKind.RELEASE)
    return ahead.order_by("at")[:1]


def _is_address(asked: str) -> bool:
    reference = parse_reference(asked)
    return reference is not None and reference.kind == "proposal"


def _asking(address: str) -> str:
    return f"{reverse('ask')}?{urlencode({'proposal': address})}"
