"""Which merge proposal people mean by an address, a number, an exception or a branch.

Where one of them fits several, the one meant for the release wins, then the newest.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    OrderBy,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber, Upper

from governance.models import Claim
from governance.numbering import key_of
from releases.models import MergeProposal, Release
from releases.models.proposals import BRANCH_IS_NAME, MergeProposalQuerySet, SpokenName
from releases.prepared import prepared
from releases.references import proposal_named

LONGEST_REFERENCE = 500  # characters
MANY = 10  # others that a reference fits; nobody counts further
FITTING = 1 + MANY


class Choice(NamedTuple):
    """The proposal that is meant, and how many others it could be: up to MANY."""

    proposal: MergeProposal | None = None
    others: int = 0


def how_many(others: int) -> str:
    """Of a choice, in words: “one other”, “3 others”."""
    return {1: "one other", MANY: "many others"}.get(others, f"{others} others")


class _Meant(NamedTuple):
    """What a reference can name: one of these, or nothing."""

    address: tuple[str, str] | None = None  # forge and key
    exception: int | None = None
    name: SpokenName | None = None


def _read(reference: str) -> _Meant:
    words = reference.strip()
    if address := proposal_named(words):
        return _Meant(address=address)
    if len(words) > LONGEST_REFERENCE:
        return _Meant()
    exception = words.removeprefix("exception:")
    if exception[:4].upper() == "FFE-" and exception[4:].isdecimal():
        return _Meant(exception=key_of(exception))
    return _Meant(name=SpokenName.of(words))


def _nearest_first(release: Any, *, to: str = "") -> list[Case | OrderBy]:
    """What is meant for the release, then the newest; `to` is the way to the proposal."""
    newest = F(f"{to}pk").desc()
    if release is None:  # else it would be whatever is meant for none
        return [newest]
    theirs = When(**{f"{to}release": release}, then=Value(0))
    return [Case(theirs, default=Value(1)), newest]


def _known(at: datetime) -> MergeProposalQuerySet:
    return MergeProposal.objects.as_known(at).select_related("release", "project")


# --- One ----------------------------------------------------------------------------------------


def choose(reference: str, *, at: datetime, release: Release | None = None) -> Choice:
    """The proposal that a person means, as it was known then, and how many others; one query."""
    meant = _read(reference)
    into = release.pk if release is not None else None
    found: list[MergeProposal] = []
    if meant.address is not None:
        forge, key = meant.address
        found = _at_address(forge=forge, key=key, at=at)
    elif meant.exception is not None:
        found = _claimed(exception=meant.exception, release=into, at=at)
    elif meant.name is not None:
        found = named(**meant.name._asdict(), release=into, at=at)
    return Choice(found[0], others=len(found) - 1) if found else Choice()


@prepared(forge=CharField(), key=CharField(), at=DateTimeField())
def _at_address(*, forge: str, key: str, at: datetime) -> QuerySet[MergeProposal]:
    return _known(at).alias(upper_key=Upper("key")).filter(forge=forge, upper_key=Upper(key))[:1]


@prepared(exception=BigIntegerField(), release=BigIntegerField(), at=DateTimeField())
def _claimed(*, exception: int, release: int | None, at: datetime) -> QuerySet[MergeProposal]:
    claimed = _known(at).filter(claims__exception=exception)
    return claimed.order_by(*_nearest_first(release))[:FITTING]


@prepared(
    key=CharField(),
    last_in_key=CharField(),
    branch=CharField(),
    release=BigIntegerField(),
    at=DateTimeField(),
)
def named(
    *, key: str, last_in_key: str, branch: str, release: int | None, at: datetime
) -> QuerySet[MergeProposal]:
    """By any of the ways that `SpokenName` tells of."""
    fitting = _known(at).spoken_of(key=key, last_in_key=last_in_key, branch=branch)
    return fitting.order_by(*_nearest_first(release))[:FITTING]


# --- Many ---------------------------------------------------------------------------------------


class _Fit(NamedTuple):
    """A proposal that fits, as little of it as tells which one is nearest."""

    release: int | None
    proposal: int


_Fitting = dict[tuple[str, Any], list[_Fit]]  # by the way, and the word that fits


def choose_each(
    references: Sequence[str], *, at: datetime, release: Release | None = None
) -> list[Choice]:
    """What `choose` finds of each, in their order; three queries for all.

    However many there are of one name, no more of them are read than FITTING by each way.
    """
    meant = [_read(words) for words in references]
    into = release.pk if release is not None else None
    fitting = _fitting_exceptions({one.exception for one in meant if one.exception}, into)
    fitting |= _fitting_names({one.name for one in meant if one.name is not None}, into)
    chosen = [_nearest(_fits(one, fitting), into) for one in meant]
    keys = {fits[0].proposal for fits in chosen if fits}
    addresses = {one.address for one in meant if one.address is not None}
    by_key, by_address = _read_all(keys, addresses, at)

    def choice(one: _Meant, fits: list[_Fit]) -> Choice:
        if one.address is not None:
            forge, key = one.address
            return Choice(by_address.get((forge, key.upper())))
        return Choice(by_key.get(fits[0].proposal), others=len(fits) - 1) if fits else Choice()

    return [choice(one, fits) for one, fits in zip(meant, chosen, strict=True)]


def _fits(meant: _Meant, fitting: _Fitting) -> set[_Fit]:
    """All that are known to fit, by whatever way."""
    ways: list[tuple[str, Any]] = []
    if meant.exception is not None:
        ways = [("exception", meant.exception)]
    elif meant.name is not None:
        ways = list(_ways(meant.name))
    return {fit for way in ways for fit in fitting.get(way, ())}


def _ways(name: SpokenName) -> Iterable[tuple[str, str]]:
    """As `named` has it."""
    yield "key", name.key
    yield "number", name.key
    yield "last_in_key", name.last_in_key
    yield "branch", name.branch
    yield "branch_name", name.branch


def _nearest(fits: set[_Fit], release: int | None) -> list[_Fit]:
    """As `_nearest_first` has it."""

    def distance(fit: _Fit) -> tuple[bool, int]:
        return release is None or fit.release != release, -fit.proposal

    return sorted(fits, key=distance)[:FITTING]


def _fitting_exceptions(exceptions: set[int], release: int | None) -> _Fitting:
    fitting: _Fitting = defaultdict(list)
    if exceptions:
        order = _nearest_first(release, to="proposal__")
        place = Window(RowNumber(), partition_by="exception", order_by=order)
        claims = Claim.objects.filter(exception__in=exceptions).annotate(place=place)
        near = claims.filter(place__lte=FITTING)
        for exception, *fit in near.values_list("exception", "proposal__release", "proposal"):
            fitting["exception", exception].append(_Fit(*fit))
    return fitting


def _fitting_names(names: set[SpokenName], release: int | None) -> _Fitting:
    fitting: _Fitting = defaultdict(list)
    if names:
        for way, word, *fit in nearest_named(names, release):
            fitting[way, word].append(_Fit(*fit))
    return fitting


def nearest_named(names: Iterable[SpokenName], release: int | None) -> QuerySet[Any, Any]:
    """Way, word, release and key of the nearest by each way; each way has its index."""
    words: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for way, word in _ways(name):
            words[way].add(word)
    first, *others = (_nearest_by(way, some, release) for way, some in words.items())
    return first.union(*others, all=True)


def _nearest_by(way: str, words: set[str], release: int | None) -> QuerySet[Any, Any]:
    place = Window(RowNumber(), partition_by=way, order_by=_nearest_first(release))
    fitting = MergeProposal.objects.with_spoken_keys().filter(**{f"{way}__in": words})
    if way == "branch_name":
        fitting = fitting.filter(BRANCH_IS_NAME)
    near = fitting.annotate(place=place, word=F(way)).filter(place__lte=FITTING).order_by()
    return near.values_list(Value(way), "word", "release", "pk")


def _read_all(
    keys: set[int], addresses: set[tuple[str, str]], at: datetime
) -> tuple[dict[int, MergeProposal], dict[tuple[str, str], MergeProposal]]:
    """The proposals with these keys here, and at these addresses."""
    wanted = Q(pk__in=keys)
    if addresses:
        wanted |= Q(
            forge__in={forge for forge, _ in addresses},
            upper_key__in={key.upper() for _, key in addresses},
        )
    read = list(_known(at).alias(upper_key=Upper("key")).filter(wanted))
    return {one.pk: one for one in read}, {(one.forge, one.key.upper()): one for one in read}
