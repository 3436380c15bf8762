"""One batch of what a forge said, into the records: the same number of queries for any batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from releases.forges import Account, Fetched, ForgeError, ProposalSnapshot
from releases.forges.snapshot import line
from releases.models import Handle, HandleKind, MergeProposal, Person, Review
from releases.models.proposals import LONGEST_TROUBLE
from releases.sources import is_source

# Where a handle needs no host: everybody means this one.
HOMES = {
    "launchpad": "launchpad.net",
    "gerrit": "review.opendev.org",
    "github": "github.com",
    "gitlab": "gitlab.com",
    "forgejo": "codeberg.org",
}
LONGEST_URL, LONGEST_KEY = 500, 120  # of a review
_FIELDS = (
    "title branch target_branch state author merged_at approved_at changed_at asked_at synced_at"
    " trouble validators"
).split()
_SHOWN = "title branch target_branch state merged_at approved_at changed_at author_id".split()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a forge said of one proposal, or why it said nothing."""

    proposal: MergeProposal
    result: Fetched | ForgeError


def store(outcomes: list[Outcome], *, host: str, at: datetime) -> list[MergeProposal]:
    """Write a batch in one transaction; gives back the proposals that changed."""
    try:
        with transaction.atomic():
            return _store(outcomes, host, at)
    except IntegrityError:
        # Somebody made one of these people or reviews meanwhile; now it is there to be found.
        with transaction.atomic():
            return _store(outcomes, host, at)


def _store(outcomes: list[Outcome], host: str, at: datetime) -> list[MergeProposal]:
    told = [
        (one.proposal, one.result.snapshot)
        for one in outcomes
        if isinstance(one.result, Fetched) and one.result.snapshot is not None
    ]
    people = _people(told, host)
    changed, rewritten = [], []
    same: list[int] = []
    for outcome in outcomes:
        proposal, result = outcome.proposal, outcome.result
        if isinstance(result, Fetched) and result.snapshot is None and not proposal.trouble:
            same.append(proposal.pk)
            continue
        before = [getattr(proposal, name) for name in _SHOWN]
        rewritten.append(proposal)
        proposal.asked_at = at
        if isinstance(result, ForgeError):
            proposal.trouble = str(result)[:LONGEST_TROUBLE]
            continue
        proposal.synced_at, proposal.trouble = at, ""
        proposal.validators = result.validators
        if result.snapshot is not None:
            _apply(proposal, result.snapshot, people)
        if before != [getattr(proposal, name) for name in _SHOWN]:
            changed.append(proposal)
    MergeProposal.objects.filter(pk__in=same).update(asked_at=at, synced_at=at)
    _rewrite(rewritten)
    reviewed = _store_reviews(told, people)
    return changed + [proposal for proposal in reviewed if proposal not in changed]


def _rewrite(proposals: list[MergeProposal]) -> None:
    """As `bulk_update` does it, at a tenth of the cost; who was deleted meanwhile stays so."""
    locked = MergeProposal.objects.select_for_update().order_by("pk")
    locked = locked.filter(pk__in=[proposal.pk for proposal in proposals])
    there = set(locked.values_list("pk", flat=True))
    MergeProposal.objects.bulk_create(
        [proposal for proposal in proposals if proposal.pk in there],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=_FIELDS,
    )


def _apply(proposal: MergeProposal, snapshot: ProposalSnapshot, people: dict[str, Person]) -> None:
    """What the forge says replaces what was known; what it does not say leaves it."""
    proposal.title = snapshot.title or proposal.title
    proposal.branch = snapshot.source_branch or proposal.branch
    proposal.target_branch = snapshot.target_branch
    proposal.state = snapshot.state
    proposal.merged_at = snapshot.merged_at
    # A server that forgets its votes when it merges does not take back that it was approved.
    proposal.approved_at = snapshot.approved_at or (
        proposal.approved_at if snapshot.merged_at else None
    )
    proposal.changed_at = snapshot.updated_at
    if snapshot.author is not None:
        proposal.author = people[snapshot.author.handle.lower()]


def _people(told: Iterable[tuple[MergeProposal, ProposalSnapshot]], host: str) -> dict[str, Person]:
    """Everybody named, by handle in lower case; who is new is made, with that handle."""
    accounts: dict[str, Account] = {}
    kind = ""
    for proposal, snapshot in told:
        kind = proposal.forge
        named = [review.reviewer for review in snapshot.reviews]
        for account in [*named, *([snapshot.author] if snapshot.author else [])]:
            accounts.setdefault(account.handle.lower(), account)
    if not accounts:
        return {}
    prefix = "" if HOMES.get(kind) == host else f"{host}/"
    # Databases differ in what is the small letter of İ: each is asked for its own.
    said = [Lower(Value(prefix + account.handle)) for account in accounts.values()]
    known = (
        Handle.objects.annotate(lower=Lower("value"))
        .filter(kind=kind, lower__in=said)
        .select_related("person")
    )
    found = {}
    for handle in known:
        found[handle.lower] = found[handle.value.lower()] = handle.person
    people = {handle: found[prefix + handle] for handle in accounts if prefix + handle in found}
    missing = [handle for handle in accounts if handle not in people]
    made = Person.objects.bulk_create(
        Person(name=accounts[handle].name or accounts[handle].handle) for handle in missing
    )
    Handle.objects.bulk_create(
        Handle(person=person, kind=HandleKind(kind), value=prefix + accounts[handle].handle)
        for handle, person in zip(missing, made, strict=True)
    )
    return people | dict(zip(missing, made, strict=True))


def _store_reviews(
    told: list[tuple[MergeProposal, ProposalSnapshot]], people: dict[str, Person]
) -> list[MergeProposal]:
    """Make the forge's reviews as the forge has them; gives back whose reviews changed."""
    if not told:
        return []
    known = {
        (review.proposal_id, review.forge_key): review
        for review in Review.objects.filter(
            ~Q(forge_key=""), proposal__in=[proposal for proposal, _ in told]
        )
    }
    new, other, touched = [], [], {}
    for proposal, snapshot in told:
        # A forge that gives two of them one key means the last; none is left without one.
        keyed = {line(said.key, LONGEST_KEY) or "-": said for said in snapshot.reviews}
        for key, said in keyed.items():
            there = known.pop((proposal.pk, key), None)
            review = Review(
                pk=there.pk if there else None,
                proposal=proposal,
                reviewer=people[said.reviewer.handle.lower()],
                verdict=said.verdict,
                at=said.at,
                comment=said.comment,
                url=said.url if len(said.url) <= LONGEST_URL and is_source(said.url) else "",
                forge_key=key,
            )
            if there is None:
                new.append(review)
            elif _words(there) != _words(review):
                other.append(review)
            else:
                continue
            touched[proposal.pk] = proposal
    for gone in known.values():
        touched[gone.proposal_id] = next(p for p, _ in told if p.pk == gone.proposal_id)
    Review.objects.filter(pk__in=[review.pk for review in known.values()]).delete()
    Review.objects.bulk_create(new)
    Review.objects.bulk_update(other, ["reviewer", "verdict", "at", "comment", "url"])
    return list(touched.values())


def _words(review: Review) -> tuple[object, ...]:
    return (review.reviewer_id, review.verdict, review.at, review.comment, review.url)
