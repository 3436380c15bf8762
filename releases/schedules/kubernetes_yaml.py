"""Kubernetes' website: `release-cycle-schedule.yaml`, which may hold several releases."""

from collections.abc import Iterable
from datetime import UTC

from releases.schedules.cells import (
    Row,
    best_year,
    check_weeks,
    milestones_of,
    notes_of,
    understand,
    warnings_of,
)
from releases.schedules.documents import Node, read_yaml
from releases.schedules.plan import Planned, Schedule, Unreadable

FILE = "release-cycle-schedule.yaml"


def read(text: str, *, version: str = "", year: int | None = None) -> Schedule:
    """The release of that version (`1.30`), or the only one. Raises Unreadable."""
    releases = read_yaml(text).get("releases")
    if releases.kind != "list" or not releases.items:
        raise Unreadable("It has no `releases`: a list, each with `version` and `timeline`.")
    node = _chosen(releases, version)
    rows = [
        Row(row.words("what"), row.words("when"), row.words("week"), row.line, FILE)
        for row in node.get("timeline").items
    ]
    year = year or best_year(rows, text)
    readings = [understand(row, year=year) for row in rows]
    check_weeks(readings)
    findings = [finding for reading in readings for finding in reading.findings]
    known = node.words("version").removeprefix("v")
    return Schedule(
        milestones=milestones_of(readings),
        warnings=warnings_of(findings),
        notes=notes_of(findings),
        name=f"Kubernetes {known}",
        version=known,
    )


def _chosen(releases: Node, version: str) -> Node:
    by_version = {node.words("version").removeprefix("v"): node for node in releases.items}
    if version in by_version:
        return by_version[version]
    if len(by_version) == 1 and not version:
        return next(iter(by_version.values()))
    there = ", ".join(by_version)
    wanted = f"no version {version}" if version else "more than one release"
    raise Unreadable(f"It holds {wanted}; there are: {there}. Name one (--version-of).")


def write(milestones: Iterable[Planned], *, name: str, version: str = "") -> dict[str, str]:
    """The file for one release, which reads back as the same milestones."""
    lines = ["---", "releases:", f"- version: {_quoted(version or name)}", "  timeline:"]
    for one in milestones:
        if one.at is not None:
            at = one.at.astimezone(UTC)
            when = f"{at:%H:%M} UTC {at:%A} {at.day} {at:%B %Y}"
            lines += [f"    - what: {_quoted(one.name)}", f"      when: {_quoted(when)}"]
    return {FILE: "\n".join(lines) + "\n"}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
