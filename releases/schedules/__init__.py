"""Release schedules in the formats that communities publish: pure text in, frozen values out."""

from dataclasses import dataclass

from releases.schedules import ics, kubernetes, kubernetes_yaml, openstack
from releases.schedules.plan import Code, Finding, Planned, Schedule, Unreadable

OPENSTACK, KUBERNETES, ICS = KINDS = ("openstack", "kubernetes", "ics")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a file may leave open: the prose beside a table, a version, a year."""

    prose: str = ""
    version: str = ""
    year: int | None = None


def sniff(text: str) -> str:
    """Which kind of schedule a text is. Raises Unreadable when it looks like none."""
    head = text.lstrip("\ufeff \t\r\n")
    if head.upper().startswith("BEGIN:VCALENDAR"):
        return ICS
    if any(line.startswith("cycle:") for line in text.splitlines()):
        return OPENSTACK
    if "releases:" in text or "|" in text:
        return KUBERNETES
    raise Unreadable(
        "It looks like none of the schedules that are known: OpenStack's schedule.yaml, the README"
        " or release-cycle-schedule.yaml of Kubernetes, iCalendar."
    )


def read(text: str, *, kind: str = "", hints: Hints | None = None) -> Schedule:
    """Raises Unreadable with a sentence."""
    hints = hints or Hints()
    kind = kind or sniff(text)
    text = text.removeprefix("\ufeff")
    if kind == OPENSTACK:
        return openstack.read(text, hints.prose)
    if kind == ICS:
        return ics.read(text)
    if any(line.startswith("releases:") for line in text.splitlines()):
        return kubernetes_yaml.read(text, version=hints.version, year=hints.year)
    return kubernetes.read(text, year=hints.year)


WRITERS = {
    OPENSTACK: openstack.write,
    KUBERNETES: kubernetes.write,
    "kubernetes-yaml": kubernetes_yaml.write,
    ICS: ics.write,
}

__all__ = [
    "KINDS",
    "WRITERS",
    "Code",
    "Finding",
    "Hints",
    "Planned",
    "Schedule",
    "Unreadable",
    "read",
    "sniff",
]
