"""Records with defaults: `make_release(name="Bexar")`. Each call makes a new one."""

from datetime import UTC, datetime
from itertools import count

from releases.models import (
    Forge,
    MergeProposal,
    Milestone,
    MilestoneKind,
    Person,
    Project,
    Release,
)

_numbers = count(1)


def utc(*parts: int) -> datetime:
    """`utc(2011, 3, 30, 10)`: an aware instant."""
    return datetime(*parts, tzinfo=UTC)


def make_person(**fields) -> Person:
    return Person.objects.create(**{"name": f"Person {next(_numbers)}"} | fields)


def make_project(**fields) -> Project:
    number = next(_numbers)
    return Project.objects.create(
        **{"slug": f"project-{number}", "name": f"Project {number}"} | fields
    )


def make_release(**fields) -> Release:
    number = next(_numbers)
    return Release.objects.create(
        **{"slug": f"release-{number}", "name": f"Release {number}"} | fields
    )


def make_milestone(**fields) -> Milestone:
    number = next(_numbers)
    defaults = {
        "slug": f"milestone-{number}",
        "name": f"Milestone {number}",
        "kind": MilestoneKind.OTHER,
        "at": utc(2011, 4, 7),
    }
    fields.setdefault("release", None)
    if fields["release"] is None:
        fields["release"] = make_release()
    return Milestone.objects.create(**defaults | fields)


def make_proposal(**fields) -> MergeProposal:
    key = str(next(_numbers) + 50_000)
    defaults = {
        "forge": Forge.LAUNCHPAD,
        "key": key,
        "url": f"https://code.launchpad.net/~somebody/nova/branch/+merge/{key}",
    }
    return MergeProposal.objects.create(**defaults | fields)
