"""Asking one host: within its own site, its limits and ours.

https alone, no redirect off the site, an upper limit on bytes and on time, tokens only ever sent to
the host that they are for, and a host that says when to come back is not asked before.
"""

import asyncio
import json
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from releases.forges.access import Access, Host
from releases.forges.addresses import Guard
from releases.forges.errors import Gone, RateLimited, Refused, Unreachable, Unreadable

MOST_REDIRECTS = 3
LONGEST_WAIT = timedelta(days=1)
SHORTEST_WAIT = timedelta(seconds=30)  # where a host says "later" and not when
if find_spec("sniffio") is None:
    # httpcore looks for it several times in each request, and not to find it is slow: a third of
    # all that asking costs. Where it is not installed, it is now known not to be.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # Python's own way to say so
XSSI = b")]}'"  # what Gerrit puts before its JSON
KEPT = 30  # seconds that a connection waits for the next question
AGENT = "Thaw (release tracker)"

Headers = dict[bytes | str, bytes | str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A document of a host; without a body where it is as it was when `validator` was given."""

    body: Any
    validator: str
    next: str = ""  # the address of the next page
    is_unchanged: bool = False


class Connections:
    """Connections to one host, kept for the next question; opened only where `Guard` allows it.

    Each is used by one question at a time and there are never more than allowed. The pools of
    httpx and httpcore do more, and cost a third of all that a question costs.
    """

    def __init__(self, host: Host, most: int) -> None:
        scheme, name, port = _origin(host.api)
        self._origin = httpcore.Origin(scheme.encode(), name.encode("ascii"), port)
        self._guard = Guard(is_private=host.is_private)
        self._idle: list[httpcore.AsyncHTTPConnection] = []
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def asking(self, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        """The answer, to be read inside; a connection that is not read to its end is closed."""
        async with self._free:
            connection = await self._taken()
            try:
                answer = await connection.handle_async_request(request)
                try:
                    yield answer
                finally:
                    await answer.aclose()
            finally:
                if connection.is_idle():
                    self._idle.append(connection)
                else:
                    await connection.aclose()

    async def _taken(self) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            self._origin,
            ssl_context=tls(),
            keepalive_expiry=KEPT,
            network_backend=self._guard,
        )

    async def close(self) -> None:
        for connection in self._idle:
            await connection.aclose()
        self._idle.clear()


class Web:
    """One host's API."""

    def __init__(self, host: Host, access: Access) -> None:
        self._host, self._access = host, access
        self._origin = _origin(host.api)
        self._connections = Connections(host, access.connections)
        headers: Headers = {
            "Host": urlsplit(host.api).netloc,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": AGENT,
        }
        self._headers = headers | _authorization(host)

    async def close(self) -> None:
        await self._connections.close()

    async def get(self, path: str, validator: str = "") -> Answer:
        """Raises ForgeError. `validator` is what an earlier answer to the same path came with."""
        if self._host.forge == "gerrit" and self._host.token:  # with a name, under /a/
            path = path.replace("/changes/", "/a/changes/", 1)
        url = self._host.api + path if path.startswith("/") else path
        try:
            async with asyncio.timeout(self._access.seconds):
                try:
                    return await self._get(url, validator)
                except httpcore.RemoteProtocolError:
                    # A kept connection may be closed just as it is used again.
                    return await self._get(url, validator)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise Unreachable(
                f"{self._host.name} did not answer within {self._access.seconds:g} seconds."
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            reason = str(error)[:200] or type(error).__name__
            raise Unreachable(f"{self._host.name} cannot be reached: {reason}.") from error

    async def _get(self, url: str, validator: str) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            request = self._request(url, validator)
            async with self._connections.asking(request) as answer:
                response = httpx.Response(answer.status, headers=answer.headers)
                if response.is_redirect and "location" in response.headers:
                    url = _joined(url, response.headers["location"])
                    continue
                return await self._answer(response, answer)
        raise Unreadable(f"{self._host.name} redirects again and again.")

    def _request(self, url: str, validator: str) -> httpcore.Request:
        """Every address that is asked is on this host's own site. Raises Refused."""
        try:
            parts, origin = urlsplit(url), _origin(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            address = httpcore.URL(
                scheme=origin[0], host=origin[1], port=origin[2], target=target.encode("ascii")
            )
        except ValueError:
            raise Refused(f"{self._host.name} leads to an address that is none.") from None
        if "@" in parts.netloc:
            raise Refused(f"{self._host.name} leads to an address with a name and password in it.")
        if parts.scheme != "https" and not self._host.allows_http:
            raise Refused(f"{self._host.name} would be asked without encryption; only https is.")
        if origin != self._origin:
            raise Refused(f"{self._host.name} leads elsewhere, to {origin[1] or 'no host'}.")
        headers = self._headers | _condition(validator)
        return httpcore.Request("GET", address, headers=headers)

    async def _answer(self, response: httpx.Response, answer: httpcore.Response) -> Answer:
        validator = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Answer(None, validator, is_unchanged=True)
        self._check_status(response)
        body = self._decoded(await self._read(response, answer))
        return Answer(body, validator[:1000], self._next(response, body))

    def _check_status(self, response: httpx.Response) -> None:
        name, status = self._host.name, response.status_code
        limited = status == httpx.codes.FORBIDDEN and (
            response.headers.get("x-ratelimit-remaining") == "0"
            or "retry-after" in response.headers
        )
        asks_to_wait = (
            status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in response.headers
        )
        if status == httpx.codes.TOO_MANY_REQUESTS or limited or asks_to_wait:
            until = _until(response.headers, datetime.now(UTC))
            raise RateLimited(
                f"{name} asks not to be asked before {until:%Y-%m-%d %H:%M:%S} UTC.", until
            )
        if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            raise Gone(f"{name} does not know it, or does not show it to us.")
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise Gone(f"{name} does not let us see it; a token for it goes into FORGE_TOKENS.")
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{name} answered with status {status}.")
        if status != httpx.codes.OK:
            raise Unreadable(f"{name} answered with status {status}.")

    async def _read(self, response: httpx.Response, answer: httpcore.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unreadable(f"{self._host.name} answered compressed, which nobody asked for.")
        parts, size = [], 0
        async for part in answer.aiter_stream():
            size += len(part)
            if size > self._access.largest:
                raise Unreadable(
                    f"{self._host.name} answered with more than {self._access.largest:,} bytes."
                )
            parts.append(part)
        return b"".join(parts)

    def _decoded(self, body: bytes) -> Any:
        try:
            return json.loads(body.removeprefix(XSSI))
        except (ValueError, RecursionError):
            raise Unreadable(
                f"{self._host.name} answered with something that is no JSON."
            ) from None

    def _next(self, response: httpx.Response, body: Any) -> str:
        """Where a list goes on: a Link header, or Launchpad's way to say it."""
        linked = response.links.get("next", {}).get("url", "")
        told = body.get("next_collection_link") if isinstance(body, dict) else None
        return str(linked or told or "")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location  # which is refused next


@cache
def tls() -> ssl.SSLContext:
    """Reading the authorities takes longer than asking does."""
    return httpx.create_ssl_context()


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    default = 80 if parts.scheme == "http" else 443
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def _authorization(host: Host) -> Headers:
    """The token as each forge wants it: `user:password` for Gerrit, a token elsewhere."""
    if not host.token:
        return {}
    if host.forge == "gerrit":
        return {"Authorization": f"Basic {b64encode(host.token.encode()).decode()}"}
    if host.forge == "forgejo":
        return {"Authorization": f"token {host.token}"}
    if host.forge == "gitlab":
        return {"PRIVATE-TOKEN": host.token}
    if host.forge == "launchpad":
        return {"Authorization": f"OAuth {host.token}"}
    return {"Authorization": f"Bearer {host.token}"}


def _condition(validator: str) -> Headers:
    """An entity tag is quoted, a date is not."""
    if not validator or not validator.isprintable() or not validator.isascii():
        return {}
    is_tag = validator.startswith(('"', "W/"))
    return {"If-None-Match" if is_tag else "If-Modified-Since": validator}


def _until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When the host may be asked again, at most a day ahead."""
    retry, reset = headers.get("retry-after", ""), ""
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        reset = reset or headers.get(name, "")
    until = now + SHORTEST_WAIT
    if retry.isdecimal() and len(retry) < 9:  # noqa: PLR2004 seconds, less than thirty years
        until = now + timedelta(seconds=int(retry))
    elif retry:
        try:
            until = parsedate_to_datetime(retry)
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
        except ValueError:
            pass
    elif reset.isdecimal() and len(reset) < 12:  # noqa: PLR2004 seconds since 1970
        until = datetime.fromtimestamp(int(reset), UTC)
    return min(max(until.astimezone(UTC), now), now + LONGEST_WAIT)
