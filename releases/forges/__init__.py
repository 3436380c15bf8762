"""Forges: what each says of a merge proposal, as one ProposalSnapshot. No Django inside.

A module a forge, with two pure functions: `paths(reference)` names the documents to ask for,
`snapshot(reference, *documents)` reads them. `Session` asks.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from releases.forges import forgejo, gerrit, github, gitlab, launchpad
from releases.forges.access import Access, Host, host_name
from releases.forges.errors import (
    ForgeError,
    Gone,
    NotSupported,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from releases.forges.snapshot import Account, ProposalSnapshot, ReviewSnapshot
from releases.forges.web import Web
from releases.references import Reference


class Reader(Protocol):
    """What a module of a forge offers."""

    def paths(self, reference: Reference) -> tuple[str, ...]: ...

    @property
    def snapshot(self) -> Callable[..., ProposalSnapshot]: ...


READERS: dict[str, Reader] = {
    "forgejo": forgejo,
    "gerrit": gerrit,
    "github": github,
    "gitlab": gitlab,
    "launchpad": launchpad,
}


# What a reader raises where a document is none of its forge; an instant may be beyond the calendar.
_SHAPELESS = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking; `snapshot` is None where nothing has changed since `validators`."""

    snapshot: ProposalSnapshot | None
    validators: dict[str, str]


class Session:
    """Connections to the forges, for as many proposals as one likes; used with `async with`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._webs: dict[str, Web] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for web in self._webs.values():
            await web.close()

    async def fetch(
        self, reference: Reference, validators: Mapping[str, str] | None = None
    ) -> Fetched:
        """Ask for a proposal. Raises ForgeError.

        `validators` are those of the last time; a forge that knows them answers in a few bytes.
        """
        reader = READERS.get(reference.forge)
        if reader is None or reference.kind != "proposal":
            raise NotSupported(f"There is no reader for {reference.target} yet.")
        host = self._access.host_of(reference)
        web = self._webs.get(host.name) or Web(host, self._access)
        self._webs[host.name] = web
        known = dict(validators or {})
        paths = reader.paths(reference)
        documents, fresh = await self._documents(web, paths, known)
        if documents is None:
            return Fetched(None, known)
        try:
            return Fetched(reader.snapshot(reference, *documents), fresh)
        except _SHAPELESS as error:
            raise Unreadable(
                f"{host.name} answered in another shape than expected"
                f" ({type(error).__name__}: {str(error)[:100]})."
            ) from error

    async def _documents(
        self, web: Web, paths: tuple[str, ...], known: dict[str, str]
    ) -> tuple[list[Any] | None, dict[str, str]]:
        """Every document whole, or None when none has changed."""
        answers = [await web.get(path, known.get(path, "")) for path in paths]
        if all(answer.is_unchanged for answer in answers):
            return None, known
        documents, fresh = [], {}
        for path, answer in zip(paths, answers, strict=True):
            whole = await web.get(path) if answer.is_unchanged else answer
            documents.append(await self._all_pages(web, whole.body, whole.next))
            if whole.validator:
                fresh[path] = whole.validator
        return documents, fresh

    async def _all_pages(self, web: Web, body: Any, following: str) -> Any:
        """A list that goes on over pages, as one list."""
        rows = body.get("entries") if isinstance(body, dict) and "entries" in body else body
        if not isinstance(rows, list):
            return rows
        for _ in range(self._access.most_pages):
            if not following:
                return rows
            page = await web.get(following)
            entries = page.body.get("entries") if isinstance(page.body, dict) else page.body
            rows += entries or []
            following = page.next
        raise Unreadable("It has more pages of reviews than anybody reads.")


def fetch(reference: Reference, *, access: Access) -> ProposalSnapshot:
    """Ask for one proposal and wait for the answer. Raises ForgeError."""

    async def once() -> Fetched:
        async with Session(access) as session:
            return await session.fetch(reference)

    snapshot = asyncio.run(once()).snapshot
    if snapshot is None:
        raise Unreadable("It was answered as unchanged, though nothing was known of it.")
    return snapshot


__all__ = [
    "READERS",
    "Access",
    "Account",
    "Fetched",
    "ForgeError",
    "Gone",
    "Host",
    "NotSupported",
    "ProposalSnapshot",
    "RateLimited",
    "Refused",
    "ReviewSnapshot",
    "Session",
    "Unreachable",
    "Unreadable",
    "fetch",
    "host_name",
]
