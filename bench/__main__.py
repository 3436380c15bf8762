"""Print the table of speed ratios. Exit status 1: some figure is over its limit."""

import os
import platform
import sqlite3
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench import (
    api,
    folder,
    formats,
    governance,
    logs,
    meaning,
    pages,
    postgresql,
    reminders,
    sync,
)
from bench.page import replace_table
from bench.table import HEADER, OVER, Row

GROUPS: dict[str, Callable[[], Iterator[Row]]] = {
    "logs": logs.rows,
    "formats": formats.rows,
    "folder": folder.rows,
    "meaning": meaning.rows,
    "governance": governance.rows,
    "reminders": reminders.rows,
    "sync": sync.rows,
    "pages": pages.rows,
    "api": api.rows,
}


def main() -> int:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP", help=f"absent: all of {', '.join(GROUPS)}"
    )
    parser.add_argument("--page", type=Path, help="also put the tables into this page's places")
    given = parser.parse_args()
    wanted = given.groups or list(GROUPS)
    if unknown := [name for name in wanted if name not in GROUPS]:
        parser.error(f"no group {', '.join(unknown)}; there are: {', '.join(GROUPS)}")
    began = perf_counter()
    print(_machine(), HEADER, sep="\n\n", flush=True)
    over = []
    for name in wanted:
        machine, rows = _machine(), []
        for row in GROUPS[name]():
            print(row, flush=True)
            rows.append(row)
        over += [row.name for row in rows if row.verdict == OVER]
        if given.page:
            replace_table(given.page, name, rows, machine=machine)
    print(
        "\nratio: least time of ours / least of bare; median: of the rounds' own ratios."
        "\nover: both are above the limit; unsure: one of them is, measure again."
        f"\n{perf_counter() - began:.0f} s in all."
    )
    if over:
        print(f"Over the limit: {', '.join(over)}.")
    return 1 if over else 0


def _machine() -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}),"
        f" load {os.getloadavg()[0]:.1f}, Python {platform.python_version()},"
        f" Django {version('django')},\nSQLite {sqlite3.sqlite_version},"
        f" {postgresql.version_or_absence()}"
    )


sys.exit(main())
