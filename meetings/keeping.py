"""What was read of meetings, kept beside them.

For a batch of meetings each step costs a number of queries that neither their length nor their
number changes. Where some of it is kept already, what has become known since is added, what is read
no more goes, and whatever a person has said stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Upper

from governance.models import Claim, Decision, ExceptionRequest
from governance.numbering import reference_of
from meetings.bulk import insert_objects, insert_rows
from meetings.models import (
    Meeting,
    Mention,
    MentionState,
    Suggestion,
    SuggestionState,
    WeekCount,
)
from meetings.models.settled import VERBS
from meetings.relating import Read
from meetings.verdicts import Suggested
from releases.models import Forge, MergeProposal, Milestone, Release
from releases.models.proposals import LONGEST_KEY, LONGEST_URL
from releases.references import Reference

MENTION_COLUMNS = (
    "meeting_id line target how words state proposal_id exception_id milestone_id release_id"
).split()


def store(meetings: Sequence[tuple[Meeting, Read]], *, anew: bool = False) -> None:
    """Keep what was read of each meeting; the caller holds the transaction.

    `anew`: these meetings have just been stored, so there is nothing of them to look for.
    """
    targets = _Targets.of(meetings)
    known = [] if anew else [meeting for meeting, _ in meetings]
    _store_mentions(meetings, targets, known)
    _store_suggestions(meetings, targets, known)
    _store_counts(meetings, targets, known)


def _proposals(wanted: Iterable[str], references: dict[str, Reference]) -> dict[str, int]:
    """The keys of merge proposals by target, in small letters.

    Those that an address names and nobody has entered are entered.
    """
    there = _entered(wanted)
    new = {
        target.lower(): MergeProposal(
            forge=one.forge, key=one.key, url=one.url, branch=one.branch or ""
        )
        for target, one in references.items()
        if target.lower() not in there and _can_be_kept(one)
    }
    if not new:
        return there
    try:
        with transaction.atomic():
            insert_objects(MergeProposal, new.values())
    except IntegrityError:  # another import has brought some of them meanwhile
        MergeProposal.objects.bulk_create(new.values(), ignore_conflicts=True)
    return there | _entered(new)


def _entered(targets: Iterable[str]) -> dict[str, int]:
    """As above: those of these that are in the database."""
    names = [target.split(":", 2)[1:] for target in targets if target.startswith("proposal:")]
    if not names:
        return {}
    # As the constraint has it that a proposal is known once, whatever the case of its key.
    known = MergeProposal.objects.annotate(upper=Upper("key")).filter(
        forge__in={forge for forge, _ in names},
        upper__in=[key.upper() if key.isascii() else Upper(Value(key)) for _, key in names],
    )
    return {
        f"proposal:{forge}:{key}".lower(): pk
        for pk, forge, key in known.values_list("pk", "forge", "key")
    }


def _can_be_kept(reference: Reference) -> bool:
    fits = len(reference.key) <= LONGEST_KEY and len(reference.url) <= LONGEST_URL
    return fits and reference.forge in Forge.values and len(reference.branch or "") <= LONGEST_KEY


@dataclass(frozen=True)
class _Targets:
    """The records behind targets, by target."""

    proposals: dict[str, int]
    exceptions: dict[str, int]
    milestones: dict[str, int]
    releases: dict[str, int]
    by_proposal: dict[int, int]  # the exception that a proposal has: open before closed

    @classmethod
    def of(cls, meetings: Sequence[tuple[Meeting, Read]]) -> "_Targets":
        wanted = {link.target for _, read in meetings for link in read.links}
        wanted |= {one.target for _, read in meetings for one in read.suggested}
        wanted |= {read.release for _, read in meetings}
        references = {
            target: one for _, read in meetings for target, one in read.references.items()
        }
        proposals = _proposals(wanted | references.keys(), references)
        slugs = _names("release:", wanted)
        slugs |= {name.partition("/")[0] for name in _names("milestone:", wanted)}
        releases = dict(Release.objects.filter(slug__in=slugs).values_list("slug", "pk"))
        milestones = Milestone.objects.filter(release__in=releases.values()).values_list(
            "release__slug", "slug", "pk"
        )
        claims = Claim.objects.filter(proposal_id__in=proposals.values()).order_by(
            "open", "exception_id"
        )
        numbers = _names("exception:FFE-", wanted)
        exceptions = ExceptionRequest.objects.filter(pk__in=numbers).values_list("pk", flat=True)
        return cls(
            proposals,
            {f"exception:{reference_of(pk)}": pk for pk in exceptions},
            {f"milestone:{release}/{slug}": pk for release, slug, pk in milestones},
            {f"release:{slug}": pk for slug, pk in releases.items()},
            dict(claims.values_list("proposal_id", "exception_id")),
        )

    def ids(self, target: str, read: Read) -> dict[str, int | None]:
        """The foreign keys of a row about this target, read of a meeting."""
        dated = target if read.knows(target) else ""
        return {
            "proposal_id": self.proposals.get(target.lower()),
            "exception_id": self.exceptions.get(target),
            "milestone_id": self.milestones.get(dated),
            "release_id": self.releases.get(dated),
        }


def _names(kind: str, targets: Iterable[str]) -> set[str]:
    """What follows the kind in those of these targets that are of it."""
    return {target.removeprefix(kind) for target in targets if target.startswith(kind)}


def _store_mentions(
    meetings: Sequence[tuple[Meeting, Read]], targets: _Targets, known: Sequence[Meeting]
) -> None:
    before = Mention.objects.filter(meeting__in=known) if known else ()
    stored = {(one.meeting_id, one.line, one.target): one for one in before}
    found = {
        (meeting.pk, link.line, link.target): link
        for meeting, read in meetings
        for link in read.links
    }
    reads = {meeting.pk: read for meeting, read in meetings}
    insert_rows(
        Mention,
        MENTION_COLUMNS,
        (
            (
                *key,
                link.how,
                link.words,
                MentionState.FOUND.value,
                *targets.ids(link.target, reads[key[0]]).values(),
            )
            for key, link in found.items()
            if key not in stored
        ),
    )
    gone = [
        one.pk
        for key, one in stored.items()
        if key not in found and one.state == MentionState.FOUND
    ]
    if gone:
        Mention.objects.filter(pk__in=gone).delete()
    known_since = []
    for key, one in stored.items():
        ids = targets.ids(one.target, reads[one.meeting_id])
        if key in found and any(getattr(one, name) != pk for name, pk in ids.items()):
            for name, pk in ids.items():
                setattr(one, name, pk)
            known_since.append(one)
    names = ["proposal", "exception", "milestone", "release"]
    Mention.objects.bulk_update(known_since, names, batch_size=500)


_READ_AGAIN = (
    "lines words explicit deadline_words expires_at deadline_zone zone_source deadline_missing"
    " earliest_at latest_at warnings bound_to moved_to conditions proposal_id exception_id"
    " milestone_id release_id"
).split()


def _store_suggestions(
    meetings: Sequence[tuple[Meeting, Read]], targets: _Targets, known: Sequence[Meeting]
) -> None:
    """New ones are added, open ones read again; what somebody decided stays as it is."""
    before = Suggestion.objects.filter(meeting__in=known) if known else ()
    stored = {(one.meeting_id, one.verdict, one.target, one.line): one for one in before}
    found = {
        (meeting.pk, one.verdict.value, one.target, one.line): _suggestion(
            meeting, one, read, targets
        )
        for meeting, read in meetings
        for one in read.suggested
    }
    insert_objects(Suggestion, (one for key, one in found.items() if key not in stored))
    changed, gone = [], []
    for key, one in stored.items():
        if one.state != SuggestionState.OPEN:
            continue
        if key not in found:
            gone.append(one.pk)
        elif any(getattr(one, name) != getattr(found[key], name) for name in _READ_AGAIN):
            for name in _READ_AGAIN:
                setattr(one, name, getattr(found[key], name))
            changed.append(one)
    if gone:
        Suggestion.objects.filter(pk__in=gone).delete()
    fields = [name.removesuffix("_id") for name in _READ_AGAIN]
    Suggestion.objects.bulk_update(changed, fields, batch_size=200)
    if any(one.exception_id is not None for one in (*found.values(), *stored.values())):
        _find_decided(meetings)


def _suggestion(meeting: Meeting, one: Suggested, read: Read, targets: _Targets) -> Suggestion:
    ids = targets.ids(one.target, read)
    if ids["exception_id"] is None and ids["proposal_id"] is not None:
        ids["exception_id"] = targets.by_proposal.get(ids["proposal_id"])
    if ids["release_id"] is None:
        ids["release_id"] = targets.ids(read.release, read)["release_id"]
    deadline = one.deadline
    return Suggestion(
        meeting_id=meeting.pk,
        verdict=one.verdict.value,
        target=one.target,
        line=one.line,
        lines=list(one.lines),
        words=one.words,
        explicit=one.explicit,
        moved_to=one.moved_to,
        conditions=list(one.conditions),
        deadline_words=deadline.words[:200] if deadline else "",
        expires_at=deadline.at if deadline else None,
        deadline_zone=(deadline.zone or "") if deadline else "",
        zone_source=deadline.zone_source if deadline else "",
        deadline_missing=deadline.missing if deadline else "",
        earliest_at=deadline.earliest if deadline else None,
        latest_at=deadline.latest if deadline else None,
        warnings=list(deadline.warnings) if deadline else [],
        bound_to=(deadline.bound_to or "") if deadline else "",
        **ids,
    )


def _find_decided(meetings: Sequence[tuple[Meeting, Read]]) -> None:
    """Suggestions whose line a decision already names as its source were decided by it."""
    waiting = Suggestion.objects.open().filter(
        meeting__in=[meeting for meeting, _ in meetings], exception__isnull=False
    )
    by_source = {
        (one.exception_id, VERBS.get(one.verdict), one.get_absolute_url()): one  # type: ignore[call-overload] # a Verdict is a str
        for one in waiting.select_related("meeting")
    }
    cited = Decision.objects.filter(
        source_url__in={source for _, _, source in by_source}, by__isnull=False
    ).select_related("by")
    decided = []
    for decision in cited:
        one = by_source.get((decision.exception_id, decision.verb, decision.source_url))
        if one is not None:
            one.state, one.decision = SuggestionState.ACCEPTED, decision
            one.decided_by, one.decided_at = decision.by, decision.at
            one.why = decision.rationale
            decided.append(one)
    fields = ["state", "decision", "decided_by", "decided_at", "why"]
    Suggestion.objects.bulk_update(decided, fields, batch_size=200)


def _store_counts(
    meetings: Sequence[tuple[Meeting, Read]], targets: _Targets, known: Sequence[Meeting]
) -> None:
    before = WeekCount.objects.filter(meeting__in=known) if known else ()
    told = {(one.meeting_id, one.line): one for one in before}
    about = {
        meeting.pk: targets.ids(read.release, read)["release_id"] for meeting, read in meetings
    }
    changed = [one for one in told.values() if one.release_id != about[one.meeting_id]]
    for one in changed:
        one.release_id = about[one.meeting_id]
    WeekCount.objects.bulk_update(changed, ["release"], batch_size=500)
    insert_objects(
        WeekCount,
        (
            WeekCount(
                meeting_id=meeting.pk,
                line=one.line,
                release_id=about[meeting.pk],
                week=one.week,
                opened=one.opened,
                fixed=one.fixed,
                words=one.words[:255],
            )
            for meeting, read in meetings
            for one in read.counted
            if (meeting.pk, one.line) not in told
        ),
    )
