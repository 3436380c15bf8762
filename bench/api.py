"""The API as it is served: gunicorn, two workers, PostgreSQL, 100,000 exceptions.

`python -m bench.api` fills the database, in the environment of a `Checkout`; `bench.api_server` is
what gunicorn serves: the site, and beside it bare views that do the least of the same work.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import django

from bench.checkout import Checkout
from bench.governance import FILL, MANY, PEOPLE, PROJECTS
from bench.measuring import Comparison, Work, compare, in_turn
from bench.postgresql import NoPostgreSQL, scratch_database
from bench.sample import ROOT
from bench.table import Row, row_of_amount, row_of_times

ROUNDS, REQUESTS, CALLERS = 5, 50, 4  # requests of each caller in a round
ASKED = MANY // 2
REFERENCE = f"https://code.launchpad.net/~p/nova/b{ASKED}/+merge/{ASKED}"
PATHS = {
    "gate": "/api/v1/gate/?" + urlencode({"ref": REFERENCE}),
    "bare": "/bare/one/?" + urlencode({"key": ASKED}),
    "list": "/api/v1/exceptions/",
    "bare list": "/bare/list/",
}
QUERIES = {"gate": 4, "list": 5}
MEGABYTES = 200  # of the process that streams an export


def rows() -> Iterator[Row]:
    try:
        with scratch_database() as url, TemporaryDirectory(prefix="thaw-bench-") as name:
            yield from _measured(Path(name), url)
    except NoPostgreSQL as absent:
        yield Row("API", skipped=str(absent))


def _measured(var: Path, url: str) -> Iterator[Row]:
    os.environ["SECURE_SSL_REDIRECT"] = "false"  # nobody ends TLS before this server
    os.environ["API_RATE_ANONYMOUS"] = ""  # who measures asks often
    checkout = Checkout(var, database_url=url, debug=False)
    counts = checkout.answer(__spec__.name)
    with _served(checkout) as port:
        works = {
            name: Work(lambda path=path: _asked(port, path))  # type: ignore[misc] # bound here
            for name, path in PATHS.items()
        }
        seconds = in_turn(works, rounds=ROUNDS)
    yield _row("API gate, served", compare(seconds, "gate", "bare"), limit=2)
    yield _row("API list of 50, served", compare(seconds, "list", "bare list"), limit=2)
    for name, most in QUERIES.items():
        yield row_of_amount(f"API {name}, queries", counts[name], "", limit=most)
    yield row_of_amount("export of 100,000", counts["megabytes"], "MB", limit=MEGABYTES)


def _row(name: str, times: Comparison, *, limit: float) -> Row:
    row = row_of_times(name, times, limit=limit)
    asked = REQUESTS * CALLERS
    return replace(row, ours=f"{asked / times.ours:.0f} /s", bare=f"{asked / times.bare:.0f} /s")


@contextmanager
def _served(checkout: Checkout) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers=2", "--log-level=warning"]
    server = subprocess.Popen(
        [*command, f"--bind=127.0.0.1:{port}", "bench.api_server:application"],
        cwd=ROOT,
        env=checkout._environment,  # noqa: SLF001 that of the same checkout
    )
    try:
        _wait(lambda: _get(port, PATHS["gate"]))
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait(ask: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            ask()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _get(port: int, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body[:300]


def _asked(port: int, path: str) -> None:
    """Some callers at once, each of which asks one time after the other."""

    def call() -> None:
        for _ in range(REQUESTS):
            _get(port, path)

    callers = [Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()


def fill() -> dict[str, Any]:
    """Fill the database; the queries of each view, and the memory that an export takes."""
    import resource  # noqa: PLC0415 what follows runs in a process of its own

    from django.db import connection  # noqa: PLC0415 Django is set up first
    from django.test import Client  # noqa: PLC0415 the same
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 the same
    from django.utils import timezone  # noqa: PLC0415 the same

    values = {"projects": PROJECTS, "people": PEOPLE, "exceptions": MANY, "now": timezone.now()}
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, values if "%" in statement else None)
    client, counts = Client(SERVER_NAME="localhost"), {}
    for name in QUERIES:
        client.get(PATHS[name])
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(PATHS[name])
        assert answer.status_code == 200, answer.content
        counts[name] = len(queries)
    for path in ("/exceptions/export.csv", "/releases/cactus/export.json"):
        assert sum(map(len, client.get(path))) > MANY
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return counts | {"megabytes": used * 1024 / 1e6}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(fill()))
