"""Which merge proposal people mean by an address, a number, an exception or a branch.

Where a number or branch fits several, the one meant for the release wins, then the newest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import BigIntegerField, CharField, DateTimeField, Q, QuerySet
from django.db.models.functions import Upper

from governance.models import Claim
from governance.models.queries import key_of
from releases.models import MergeProposal, Release
from releases.prepared import prepared
from releases.references import parse_reference

LONGEST_REFERENCE = 500  # characters
FITTING = 50  # proposals of one number or branch, the newest first


class _Meant(NamedTuple):
    """What a reference can name: one of these, or nothing."""

    address: tuple[str, str] | None = None  # forge and key
    exception: int | None = None
    name: tuple[str, str] | None = None  # a key, or else a branch


def _read(reference: str) -> _Meant:
    words = reference.strip()
    parsed = parse_reference(words)
    if parsed is not None and (parsed.kind == "proposal" or parsed.forge == "github"):
        return _Meant(address=(parsed.forge, parsed.key))
    branch = words.removeprefix("lp:")
    if not branch.lstrip("#!") or not words.isprintable() or len(words) > LONGEST_REFERENCE:
        return _Meant()
    if words[:4].upper() == "FFE-" and words[4:].isdecimal():
        return _Meant(exception=key_of(words))
    return _Meant(name=(words.lstrip("#!"), branch))


def _best(candidates: Iterable[MergeProposal], release: Release | None) -> MergeProposal | None:
    return min(
        candidates,
        key=lambda one: (release is None or one.release_id != release.pk, -one.pk),
        default=None,
    )


def _known(at: datetime) -> QuerySet[MergeProposal]:
    return MergeProposal.objects.as_known(at).select_related("release", "project")


# --- One ----------------------------------------------------------------------------------------


def find_proposal(
    reference: str, *, at: datetime, release: Release | None = None
) -> MergeProposal | None:
    """The proposal that a person means, as it was known then; one query."""
    meant = _read(reference)
    candidates: Iterable[MergeProposal] = ()
    if meant.address is not None:
        forge, key = meant.address
        candidates = _at_address(forge=forge, key=key, at=at)
    elif meant.exception is not None:
        candidates = _claimed(exception=meant.exception, at=at)
    elif meant.name is not None:
        key, name = meant.name
        candidates = _named(key=key, name=name, at=at)
    return _best(candidates, release)


@prepared(forge=CharField(), key=CharField(), at=DateTimeField())
def _at_address(*, forge: str, key: str, at: datetime) -> QuerySet[MergeProposal]:
    return _known(at).alias(upper_key=Upper("key")).filter(forge=forge, upper_key=Upper(key))[:1]


@prepared(exception=BigIntegerField(), at=DateTimeField())
def _claimed(*, exception: int, at: datetime) -> QuerySet[MergeProposal]:
    return _known(at).filter(claims__exception=exception).order_by("-pk")[:FITTING]


@prepared(key=CharField(), name=CharField(), at=DateTimeField())
def _named(*, key: str, name: str, at: datetime) -> QuerySet[MergeProposal]:
    """By its forge's key, or its branch, whole (`~jun/nova/x`) or by the last part (`x`)."""
    last_part = Q(branch_name=name) & ~Q(branch__contains="+git/")  # that would be a repository
    return _known(at).filter(Q(key=key) | Q(branch=name) | last_part).order_by("-pk")[:FITTING]


# --- Many ---------------------------------------------------------------------------------------


def find_proposals(
    references: Sequence[str], *, at: datetime, release: Release | None = None
) -> list[MergeProposal | None]:
    """What `find_proposal` finds of each, in their order; two queries for all."""
    meant = [_read(words) for words in references]
    claims = _claims({one.exception for one in meant if one.exception is not None})
    known = _known(at).alias(upper_key=Upper("key"))
    candidates = list(known.filter(_fits(meant, claims)))
    found: dict[tuple[str, str], list[MergeProposal]] = defaultdict(list)
    for one in candidates:
        for name in _names(one):
            found[name].append(one)

    def fitting(meant: _Meant) -> list[MergeProposal]:
        if meant.address is not None:
            forge, key = meant.address
            return found[forge, key.upper()]
        if meant.exception is not None:
            return [one for one in candidates if one.pk in claims[meant.exception]]
        if meant.name is not None:
            key, name = meant.name
            return found["key", key] + found["branch", name]
        return []

    return [_best(fitting(one), release) for one in meant]


def _claims(exceptions: set[int]) -> dict[int, set[int]]:
    """The proposals of these exceptions."""
    claims: dict[int, set[int]] = defaultdict(set)
    if exceptions:
        held = Claim.objects.filter(exception__in=exceptions)
        for exception, proposal in held.values_list("exception_id", "proposal_id"):
            claims[exception].add(proposal)
    return claims


def _fits(meant: Iterable[_Meant], claims: Mapping[int, set[int]]) -> Q:
    """All that any of them can name, and little more."""
    fits = Q(pk__in=set().union(*claims.values()))
    if addresses := [one.address for one in meant if one.address is not None]:
        fits |= Q(
            forge__in={forge for forge, _ in addresses},
            upper_key__in={key.upper() for _, key in addresses},
        )
    if names := [one.name for one in meant if one.name is not None]:
        branches = {branch for _, branch in names}
        fits |= Q(key__in={key for key, _ in names})
        fits |= Q(branch__in=branches) | Q(branch_name__in=branches)
    return fits


def _names(proposal: MergeProposal) -> set[tuple[str, str]]:
    """As `_at_address` and `_named` have it."""
    names = {
        (proposal.forge, proposal.key.upper()),
        ("key", proposal.key),
        ("branch", proposal.branch),
    }
    if "+git/" not in proposal.branch:
        names.add(("branch", proposal.branch_name))
    return names
