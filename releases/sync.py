"""What the forges say goes into the records.

Each host is asked by itself, over a few connections that are kept, and stored in batches: a host
that is slow or dead delays nobody else, and memory holds one batch a host. The loop that asks runs
beside the thread that stores, so that one waits for the other only when it has nothing to do.
"""

import asyncio
import logging
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError

from releases.forges import (
    READERS,
    Access,
    Fetched,
    ForgeError,
    NotSupported,
    RateLimited,
    Session,
    Unreachable,
    host_name,
)
from releases.models import ForgeStatus, MergeProposal
from releases.references import parse_reference
from releases.storing import Outcome, store

log = logging.getLogger(__name__)

BATCH = 200
PATIENCE = 3  # failures of a host in a row, after which it is left alone for this round
CLAIM_LASTS = timedelta(minutes=15)

Stored = Callable[[list[MergeProposal]], object]


@dataclass(slots=True)
class Round:
    """What came of asking."""

    asked: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    troubles: dict[str, str] = field(default_factory=dict)  # host -> why it was left alone
    skipped: Counter[str] = field(default_factory=Counter)  # host -> proposals not asked for
    is_cut: bool = False  # its time was over before it was through


def sync(
    proposals: Iterable[tuple[int, str, str]],
    *,
    at: datetime,
    access: Access,
    stored: Stored = lambda changed: None,
    is_forced: bool = False,
    seconds: float | None = None,
    advance: Callable[[int], object] = lambda count: None,
) -> Round:
    """Ask for these proposals (key, forge, address), in this order at each host.

    After so many `seconds` no more are asked for; what is left stays due.
    `stored` is called with the proposals that changed, after each batch, in its own transaction.
    A host that rests or is being asked by somebody else is skipped unless `is_forced`.
    """
    round_ = Round()
    plan = _plan(proposals, access, round_)
    claimed = {}
    for host, keys in plan.items():
        forge = access.hosts[host].forge
        is_ours = ForgeStatus.objects.claim(host, forge=forge, at=at, lasts=CLAIM_LASTS)
        if is_ours or is_forced:
            claimed[host] = keys
        else:
            round_.skipped[host] += len(keys)
    if claimed:
        async_to_sync(_ask_all)(claimed, at, access, stored, round_, seconds, advance)
    return round_


def _plan(
    proposals: Iterable[tuple[int, str, str]], access: Access, round_: Round
) -> dict[str, "array[int]"]:
    """The keys to ask for at each host: eight bytes a proposal, however many there are."""
    plan: dict[str, array[int]] = {}
    for key, forge, url in proposals:
        host = host_name(forge, url)
        if host in access.hosts and access.hosts[host].forge == forge and forge in READERS:
            plan.setdefault(host, array("q")).append(key)
        else:
            round_.skipped[host] += 1
    return plan


async def _ask_all(
    plan: Mapping[str, "array[int]"],
    at: datetime,
    access: Access,
    stored: Stored,
    round_: Round,
    seconds: float | None,
    advance: Callable[[int], object],
) -> None:
    until = inf if seconds is None else asyncio.get_running_loop().time() + seconds
    async with Session(access) as session:
        rounds = [
            _HostRound(host, keys, at, access, session, stored, round_, until, advance).run()
            for host, keys in plan.items()
        ]
        await asyncio.gather(*rounds)


class _HostRound:
    """One host's proposals: as many asked for at once as there are connections."""

    def __init__(
        self,
        host: str,
        keys: "array[int]",
        at: datetime,
        access: Access,
        session: Session,
        stored: Stored,
        round_: Round,
        until: float,
        advance: Callable[[int], object],
    ) -> None:
        self._host, self._keys, self._at = host, keys, at
        self._access, self._session = access, session
        self._stored, self._round, self._advance = stored, round_, advance
        self._until = until
        self._jobs: asyncio.Queue[MergeProposal | None] = asyncio.Queue(BATCH)
        self._outcomes: list[Outcome] = []
        self._storing: asyncio.Task[None] | None = None
        self._in_a_row = 0
        self._ended: ForgeError | None = None
        self._broken: DatabaseError | None = None
        self._answers = 0

    async def run(self) -> None:
        loading = asyncio.create_task(self._load())
        await asyncio.gather(*(self._work() for _ in range(self._access.connections)))
        loading.cancel()  # it may have more for a host that is left alone
        if self._broken is not None:
            raise self._broken
        await self._store_from(1)
        await self._store_from(1)  # waits for what that began
        await sync_to_async(self._close)()

    async def _load(self) -> None:
        """The records, a batch at a time, each while the one before is being asked for."""
        try:
            for start in range(0, len(self._keys), BATCH):
                keys = list(self._keys[start : start + BATCH])
                for proposal in await sync_to_async(_loaded)(keys):
                    await self._jobs.put(proposal)
        except DatabaseError as error:
            self._broken = error
        for _ in range(self._access.connections):
            await self._jobs.put(None)

    async def _work(self) -> None:
        while self._ended is None:
            proposal = await self._jobs.get()
            if proposal is None:
                return
            if asyncio.get_running_loop().time() > self._until:
                self._round.is_cut = True
                return
            self._note(proposal, await self._fetch(proposal))
            await self._store_from(BATCH)

    async def _fetch(self, proposal: MergeProposal) -> Fetched | ForgeError:
        reference = parse_reference(proposal.url)
        if reference is None or reference.kind != "proposal":
            return NotSupported(f"“{proposal.url[:100]}” is no address of a proposal.")
        try:
            return await self._session.fetch(reference, proposal.validators)
        except ForgeError as error:
            return error

    def _note(self, proposal: MergeProposal, result: Fetched | ForgeError) -> None:
        self._round.asked += 1
        self._advance(1)
        if isinstance(result, Fetched):
            self._in_a_row, self._answers = 0, self._answers + 1
        elif isinstance(result, Unreachable):
            self._in_a_row += 1
            if self._in_a_row >= PATIENCE:
                self._ended = result
        elif isinstance(result, RateLimited):
            self._ended = self._ended or result
            return  # it is not the proposal's trouble, and it stays due
        else:
            self._in_a_row = 0
        self._outcomes.append(Outcome(proposal, result))

    async def _store_from(self, size: int) -> None:
        """Begin to store what has come, once there is so much and the batch before is stored."""
        if len(self._outcomes) < size and size > 1:
            return
        if self._storing is not None:
            await self._storing
        if len(self._outcomes) >= size:
            outcomes, self._outcomes = self._outcomes, []
            self._storing = asyncio.create_task(sync_to_async(self._store)(outcomes))

    def _store(self, outcomes: list[Outcome]) -> None:
        changed = store(outcomes, host=self._host, at=self._at)
        self._round.changed += len(changed)
        failed = sum(isinstance(outcome.result, ForgeError) for outcome in outcomes)
        self._round.failed += failed
        self._round.unchanged += len(outcomes) - len(changed) - failed
        if changed:
            self._stored(changed)

    def _close(self) -> None:
        status = ForgeStatus.objects.get(host=self._host)
        if self._ended is not None:
            self._round.troubles[self._host] = str(self._ended)
            until = self._ended.until if isinstance(self._ended, RateLimited) else None
            status.failed(at=self._at, trouble=str(self._ended), until=until)
            if self._answers:
                ForgeStatus.objects.filter(pk=status.pk).update(answered_at=self._at)
            log.warning("Asking %s ended early: %s", self._host, self._ended)
        elif self._answers:
            status.answered(at=self._at)
        else:
            ForgeStatus.objects.filter(pk=status.pk).update(busy_until=None)


def _loaded(keys: list[int]) -> list[MergeProposal]:
    """The records of these keys, in this order; one query."""
    found = MergeProposal.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]
