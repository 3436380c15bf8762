"""The figures as a page: each group's table stands between its marks, with its machine and date."""

import re
from pathlib import Path

from bench.table import OVER, UNSURE, Row

_HEAD = "| What | Thaw | Bare | Ratio | Median | Limit | |\n|---|--:|--:|--:|--:|--:|---|"
_LOUD = {OVER: "**over**", UNSURE: "unsure"}


def replace_table(page: Path, group: str, rows: list[Row], *, machine: str) -> None:
    """Put the group's table where the page has it. Raises ValueError where it has no marks."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {group}: measured -->", f"<!-- {group}: end -->"
    marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    table = "\n".join([_HEAD, *map(_line, rows)])
    block = f"{begin}\n*{machine}*\n\n{table}\n{end}"
    new, found = marked.subn(lambda _: block, text)
    if not found:
        raise ValueError(f"{page} has no line “{begin}”, so its table has no place there.")
    page.write_text(new, encoding="utf-8")


def _line(row: Row) -> str:
    if row.skipped:
        return f"| {row.name} | skipped: {row.skipped} | | | | | |"
    last = _LOUD.get(row.verdict, row.verdict)
    cells = [row.name, row.ours, row.bare, row.ratio, row.median, row.limit, last]
    return f"| {' | '.join(cells)} |"
