"""Meetings and the records they are about: what is known goes in, links and suggestions come out.

For a batch of meetings it costs a number of queries that neither their length nor their number
changes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from governance.deadlines import Anchor
from governance.models import ExceptionRequest
from meetings import counts
from meetings.linking import Entry, Link, Linked, Said, link, needs_context
from meetings.names import Glossary, MilestoneName, ProposalName, ReleaseName
from meetings.verdicts import Rules, Suggested, suggest
from releases.models import MergeProposal, Milestone, MilestoneKind, Release
from releases.prepared import prepared
from releases.references import Reference

_NUMBER = re.compile(r"(?<![\w.])[1-9][0-9]{3,9}(?![\w.]*\w)")
_EXCEPTION = re.compile(r"\bFFE[- ]?#?([1-9][0-9]{0,8})\b", re.IGNORECASE)
_BRANCH = re.compile(r"(?<![\w~])[\w~][\w~.+-]{0,100}(?:[-_./][\w~.+/-]{1,200})")
_PLAIN = re.compile(r"\w{3,60}")
_OF_ONE = ("branch", "ffe", "exception", "proposal", "mp")
_SPEAKS_OF_ONE = re.compile(r"\b(?:branch|ffe|exception|proposal|b?mp)\b", re.IGNORECASE)
MOST_RELEASES = 500  # the newest; a name of the last century is no name of today's talk
MOST_NAMES = 20_000  # looked up for one batch
# Before its first milestone a release may be spoken of; see decision 0065.
LEAD = timedelta(days=366)


class Heard(NamedTuple):
    """A meeting as its links are read from it; the instants are in UTC."""

    said: list[Said]
    entries: Sequence[Entry]
    started_at: datetime
    next_at: datetime | None = None  # when the next of its series begins, where that is known


@dataclass(frozen=True)
class Read:
    """What a meeting is about, and what it may have decided."""

    links: list[Link]
    suggested: list[Suggested]
    counted: list[counts.WeekCount]
    references: dict[str, Reference]  # merge proposals that it names by address, by target
    release: str  # the target of the one it is about; it may be empty
    later: frozenset[str] = frozenset()  # slugs of releases that nobody can have spoken of then

    def knows(self, target: str) -> bool:
        """Whether a target is no release of a later time, nor a milestone of one."""
        kind, _, name = target.partition(":")
        return kind not in {"release", "milestone"} or name.partition("/")[0] not in self.later


@dataclass(frozen=True)
class Records:
    """What is known that a batch of meetings may speak of."""

    glossary: Glossary
    releases: dict[str, Release]  # by slug
    milestones: dict[str, list[Milestone]]  # by release's slug, in order

    def rules(self, linked: Linked, heard: Heard) -> Rules:
        """What holds for a meeting's deadlines: the rules of the release it is about."""
        named = linked.release.partition(":")[2]
        later = self.begun_long_after(heard.started_at)
        release = None if named in later else self.releases.get(named)
        release = release or self._made_at(heard.started_at)
        if release is None:
            return Rules(next_meeting=heard.next_at)
        anchors = tuple(
            Anchor(
                slug=milestone.slug,
                name=milestone.name,
                at=milestone.at,
                kind="release" if milestone.kind == MilestoneKind.RELEASE else "",
            )
            for milestone in self.milestones.get(release.slug, [])
        )
        return Rules(release.slug, ZoneInfo(release.zone), anchors, heard.next_at)

    def begun_long_after(self, at: datetime) -> frozenset[str]:
        """Releases whose names meant something else then: of those without a date none is."""
        return frozenset(
            slug
            for slug, milestones in self.milestones.items()
            if milestones and milestones[0].at > at + LEAD
        )

    def _made_at(self, at: datetime) -> Release | None:
        """The release whose day comes next after an instant, within a year."""
        ahead = [
            (milestone.at, slug)
            for slug, milestones in self.milestones.items()
            for milestone in milestones
            if milestone.kind == MilestoneKind.RELEASE and at < milestone.at < at + LEAD
        ]
        return self.releases[min(ahead)[1]] if ahead else None


def read_meetings(heard: Sequence[Heard]) -> list[Read]:
    """What each of these meetings is about; four queries for all of them."""
    records = _known([line.text for one in heard for line in one.said])
    return [_read(one, records) for one in heard]


def _read(heard: Heard, records: Records) -> Read:
    linked = link(heard.said, heard.entries, records.glossary)
    suggested = suggest(linked, heard.entries, records.rules(linked, heard))
    lines = {line for one in suggested for line in one.lines}
    lines |= {entry.line for entry in heard.entries if needs_context(entry)}
    links = linked.with_context(sorted(lines))
    proposals = {
        target: reference
        for target, reference in linked.references.items()
        if reference.kind == "proposal"
    }
    counted = list(counts.week_counts(heard.said))
    later = records.begun_long_after(heard.started_at)
    return Read(links, suggested, counted, proposals, linked.release, later)


def _known(texts: list[str]) -> Records:
    """The records that these texts may name."""
    releases = {one.slug: one for one in _newest_releases()}
    milestones: dict[str, list[Milestone]] = {slug: [] for slug in releases}
    slugs = {one.pk: slug for slug, one in releases.items()}
    if slugs:
        for milestone in Milestone.objects.filter(release__in=slugs).order_by("at", "pk"):
            milestones[slugs[milestone.release_id]].append(milestone)
    ffes = [text for text in texts if "ffe" in text.lower()]
    numbers = {int(found) for text in ffes for found in _EXCEPTION.findall(text)}
    exceptions = ExceptionRequest.objects.filter(pk__in=numbers).values_list("pk", flat=True)
    return Records(
        Glossary.of(
            proposals=[
                ProposalName(f"proposal:{forge}:{key}", key, branch)
                for forge, key, branch in _named(texts)
            ],
            releases=[ReleaseName(one.slug, one.name, one.version) for one in releases.values()],
            milestones=[
                MilestoneName(slug, one.slug, one.name)
                for slug, several in milestones.items()
                for one in several
            ],
            exceptions=exceptions,
        ),
        releases,
        milestones,
    )


@prepared()
def _newest_releases() -> QuerySet[Release, Release]:
    return Release.objects.order_by("-pk")[:MOST_RELEASES]


def _named(texts: list[str]) -> Iterable[tuple[str, str, str]]:
    """Forge, key and branch of each proposal whose number or branch stands in the texts."""
    # Neither reaches over a blank, and plain words are neither.
    tokens = {token for text in texts for token in text.split() if not token.isalpha()}
    numbers = {found for token in tokens for found in _NUMBER.findall(token)}
    names = {found.rstrip(".-/") for token in tokens for found in _BRANCH.findall(token)}
    for text in texts:
        low = text.lower()
        if any(map(low.__contains__, _OF_ONE)) and _SPEAKS_OF_ONE.search(text):
            names.update(_PLAIN.findall(text))
    names = set(sorted(names)[:MOST_NAMES])
    paths = {name for name in names if "/" in name}  # no last part of a branch has a slash
    fits = (
        Q(key__in=sorted(numbers)[:MOST_NAMES])
        | Q(branch__in=paths)
        | Q(branch_name__in=names - paths)
    )
    known = MergeProposal.objects.filter(fits).order_by("pk")
    return known.values_list("forge", "key", "branch")
