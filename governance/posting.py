"""What we tell others over HTTP: no redirect is followed, and what is answered is not read."""

import asyncio
from collections.abc import Mapping

import httpx

from releases.forges.web import AGENT, tls

# What can become of it; TimeoutError beside them. All are OSError but those of httpx.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, OSError)


async def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> int:
    """The status of the answer. Raises TimeoutError where there is none within `seconds` in all.

    Whoever is spoken to decides how slowly and how much they write: the status says enough.
    """
    ours = {"User-Agent": AGENT, "Content-Type": "application/json", **headers}
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(
            timeout=seconds, follow_redirects=False, trust_env=False, verify=tls()
        ) as client,
        client.stream("POST", url, content=body, headers=ours) as got,
    ):
        return got.status_code
