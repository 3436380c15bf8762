"""Kubernetes: the table of a release's README, and the lines of its summary above it."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from releases.moments import moment
from releases.schedules.cells import (
    Reading,
    Row,
    bare,
    best_year,
    check_weeks,
    milestones_of,
    notes_of,
    understand,
    warnings_of,
)
from releases.schedules.plan import LEFT_OUT, Code, Finding, Planned, Schedule, Unreadable
from releases.schedules.spoken import MONTHS, find_dates

README = "README.md"
TIMELINE, SUMMARY = "timeline", "summary"
_VERSION = re.compile(r"Kubernetes v?(?P<version>1\.[0-9]{1,3})\b")


def read(text: str, *, year: int | None = None) -> Schedule:
    """`year` is for dates that name none, where the document leaves it open. Raises Unreadable."""
    rows = list(_rows(text))
    if not rows:
        raise Unreadable("It has no table with the columns What and When.")
    bullets = list(_bullets(text))
    year = year or best_year(rows, text)
    timeline = [understand(row, year=year) for row in rows]
    summary = [understand(row, year=year) for row in bullets]
    check_weeks(timeline)
    _compare(timeline, summary)
    findings = [finding for reading in timeline for finding in reading.findings]
    findings += _only_in_summary(timeline, summary)
    findings += _prose(text, {row.line for row in [*rows, *bullets]})
    version = _VERSION.search(text)
    return Schedule(
        milestones=milestones_of(timeline),
        warnings=warnings_of(findings),
        notes=notes_of(findings),
        name=f"Kubernetes {version['version']}" if version else "",
        version=version["version"] if version else "",
    )


def _rows(text: str) -> Iterator[Row]:
    """The rows of the table; in old ones each month is a column of its own."""
    columns: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.lstrip().startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not columns:
            columns = [bare(cell).lower() for cell in cells]
            continue
        if "what" not in columns or set("".join(cells)) <= set("-: "):
            continue
        named = dict(zip(columns, cells, strict=False))
        months = [f"{named[m]} {m.capitalize()}" for m in MONTHS if named.get(m)]
        when = named.get("when") or " / ".join(months)
        yield Row(named["what"], when, named.get("week", ""), number, README)


def _bullets(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(("- **", "* **")) and len(line) < 1000:  # noqa: PLR2004 a line of a list
            when, _, rest = line[2:].partition(": ")
            week, _, what = re.sub(r"\s[-\u2013\u2014]\s", "|", rest, count=1).partition("|")
            if what and find_dates(bare(when)):
                yield Row(what, when, week, number, README)


def _compare(timeline: list[Reading], summary: list[Reading]) -> None:
    """An event that both give, at two instants, is in doubt."""
    for short in summary:
        long = _same(short, timeline)
        if long is None or long.choices or short.choices or long.at is None or short.at is None:
            continue
        days_differ = not set(long.days) & set(short.days)
        if days_differ or (short.names_time and long.at != short.at):
            choices = {TIMELINE: long.at, SUMMARY: short.at}
            long.choices = choices
            long.find(
                Code.SUMMARY,
                f"“{long.name}”: {moment(long.at)} here, {moment(short.at)} in the summary"
                f" (line {short.row.line}).",
                choices,
            )


def _same(short: Reading, timeline: list[Reading]) -> Reading | None:
    """The row of the same name, or the one whose freeze it names."""
    by_name = {reading.name.lower(): reading for reading in timeline}
    name = short.name.lower()
    released = name if name.endswith(" released") else ""
    return by_name.get(name) or (by_name.get(released.removeprefix("v")) if released else None)


def _only_in_summary(timeline: list[Reading], summary: list[Reading]) -> list[Finding]:
    """What the table does not say already of the same words."""
    told = {bare(reading.row.when) for reading in timeline}
    return [
        finding
        for reading in summary
        if bare(reading.row.when) not in told
        for finding in reading.findings
        if finding.code not in LEFT_OUT and not finding.choices
    ]


def _prose(text: str, known: set[int]) -> list[Finding]:
    """Weekdays that do not fit whole dates anywhere else in the document."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if number in known or len(line) > 2000:  # noqa: PLR2004 longer than anybody writes
            continue
        for one in find_dates(bare(line)):
            day = one.on(one.year) if one.year else None
            if day and (words := one.wrong_weekday(day)):
                found.append(Finding(Code.WEEKDAY, number, README, words))
    return found


def write(milestones: Iterable[Planned], *, name: str, version: str = "") -> dict[str, str]:
    """A README whose table reads back as the same milestones."""
    title = f"Kubernetes {version}" if version else name
    lines = [f"# {title}", "", "## Timeline", "", "| **What** | **Who** | **When** | **Week** |"]
    lines.append("| --- | --- | --- | --- |")
    lines += [f"| {one.name} | | {_when(one.at)} | |" for one in milestones if one.at]
    return {README: "\n".join(lines) + "\n"}


def _when(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%H:%M} UTC {at:%A} {at.day} {at:%B %Y}"
