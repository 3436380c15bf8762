"""Sync: 10,000 proposals at a forge that takes 20 ms for each, against that time alone.

`python -m bench.sync`, in the environment of a `Checkout`, measures and prints JSON.
"""

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import django

from bench.checkout import Checkout
from bench.measuring import Comparison
from bench.sample import ROOT
from bench.table import Row, row_of_amounts, row_of_times

FEW, MANY = 1_000, 10_000  # proposals
LATENCY, CONNECTIONS = 20, 4  # milliseconds; to one host, as settings have it
HOST = "review.opendev.org"


def rows() -> Iterator[Row]:
    with TemporaryDirectory(prefix="thaw-bench-") as name:
        measured = Checkout(Path(name), debug=False).answer(__spec__.name)
    few, many = measured["few"], measured["many"]
    waiting = MANY * LATENCY / 1000 / CONNECTIONS
    # The other ratio is to a bare client in the same run: what a busy machine does to both.
    to_client = many["seconds"] / (sum(measured["client"]) * MANY / (len(measured["client"]) * FEW))
    yield row_of_times(
        f"sync of {MANY:,}", Comparison(many["seconds"], waiting, to_client), limit=1.5
    )
    yield row_of_amounts("sync, memory, 10x", many["megabytes"], few["megabytes"], "MB", limit=1.1)
    of_many, of_few = (run["queries"] / run["batches"] for run in (many, few))
    yield row_of_amounts("sync, queries a batch, 10x", of_many, of_few, "", limit=1.05)


def measure() -> dict[str, Any]:
    from governance.syncing import sync_proposals  # noqa: PLC0415 Django is set up first
    from releases.forges import Access, Host  # noqa: PLC0415 the same
    from releases.models import ForgeStatus, MergeProposal, Person, Review  # noqa: PLC0415 the same
    from releases.sync import BATCH  # noqa: PLC0415 the same

    at = datetime(2026, 9, 1, tzinfo=UTC)
    measured: dict[str, Any] = {"client": []}
    with _forge() as port:
        host = Host(HOST, "gerrit", f"http://127.0.0.1:{port}", is_private=True, allows_http=True)
        access = Access({HOST: host}, connections=CONNECTIONS)
        for name, count in (("few", FEW), ("many", MANY)):
            for model in (Review, MergeProposal, ForgeStatus, Person):
                model.objects.all().delete()
            for start in range(1, count + 1, 500):
                MergeProposal.objects.bulk_create(
                    MergeProposal(
                        forge="gerrit", key=f"{HOST}/{number}", url=f"https://{HOST}/{number}"
                    )
                    for number in range(start, start + 500)
                )
            wanted = MergeProposal.objects.order_by("pk")
            measured["client"].append(_bare_client(port))
            with _counted() as queries:
                began = perf_counter()
                round_ = sync_proposals(wanted, at=at, access=access)
                seconds = perf_counter() - began
            assert (round_.changed, Review.objects.count()) == (count, count), round_
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            measured[name] = {
                "seconds": seconds,
                "megabytes": peak,
                "queries": queries[0],
                "batches": count / BATCH,
            }
        measured["client"].append(_bare_client(port))
    return measured


def _bare_client(port: int) -> float:
    """Seconds to ask for few over as many connections, with nothing read and nothing stored."""

    async def ask(numbers: Iterator[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(b"GET /changes/%d? HTTP/1.1\r\n\r\n" % number)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.rpartition(b": ")[2]))
        writer.close()

    async def ask_all() -> None:
        numbers = iter(range(FEW))
        await asyncio.gather(*(ask(numbers) for _ in range(CONNECTIONS)))

    began = perf_counter()
    asyncio.run(ask_all())
    return perf_counter() - began


@contextmanager
def _counted() -> Iterator[list[int]]:
    """How many statements the database sees."""
    from django.db import connection  # noqa: PLC0415 Django is set up first

    seen = [0]

    def count(execute: Any, *arguments: Any) -> Any:
        seen[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        yield seen


@contextmanager
def _forge() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.slow_forge", str(LATENCY)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure()))
