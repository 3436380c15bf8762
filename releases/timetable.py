"""A schedule becomes milestones, and milestones a schedule.

What is new is made, what differs is moved by `Milestone.move` with the file as reason, what is the
same stays untouched. Where the file contradicts itself nothing is chosen unless a source is
preferred by name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from releases.models import Milestone, MilestoneMove, Person, Project, Release
from releases.models.calendar import MilestoneKind as Kind
from releases.models.calendar import validate_change_kinds
from releases.moments import moment
from releases.schedules import Planned, Schedule


class NobodyMoves(ValueError):
    """Milestones would move and nobody is named who moves them; the message says how."""


@dataclass(slots=True)
class Imported:
    """What an import did, or would do."""

    release: Release
    is_new: bool
    created: list[Milestone] = field(default_factory=list)
    moved: list[MilestoneMove] = field(default_factory=list)
    unchanged: int = 0
    left_out: list[Planned] = field(default_factory=list)  # nothing preferred decides between
    elsewhere: list[Milestone] = field(default_factory=list)  # of the release, not in the file


def import_schedule(
    schedule: Schedule,
    *,
    slug: str,
    at: datetime,
    reason: str,
    by: Person | None = None,
    prefer: Sequence[str] = (),
    dry_run: bool = False,
) -> Imported:
    """Enter a schedule into the release of that slug, which is made where there is none.

    `reason` names the file and goes on record with each move. Raises NobodyMoves before anything
    is changed when milestones would move and `by` is None.
    """
    with transaction.atomic():
        imported = _imported(schedule, slug, at, reason, by, prefer, dry_run=dry_run)
        transaction.set_rollback(dry_run)
    return imported


def _imported(
    schedule: Schedule,
    slug: str,
    at: datetime,
    reason: str,
    by: Person | None,
    prefer: Sequence[str],
    *,
    dry_run: bool,
) -> Imported:
    release, is_new = Release.objects.get_or_create(
        slug=slug, defaults={"name": schedule.name or slug, "version": _version(schedule)}
    )
    there = {milestone.slug: milestone for milestone in release.milestones.all()}
    imported = Imported(release, is_new)
    projects = _projects(release, schedule)
    new = []
    for planned in schedule.milestones:
        instant = chosen(planned, prefer)
        known = there.pop(planned.slug, None)
        if instant is None:
            imported.left_out.append(planned)
        elif known is None:
            new.append(_milestone(release, planned, instant, projects))
        elif known.at == instant:
            imported.unchanged += 1
        else:
            imported.moved.append(_move(known, planned, instant, at, reason, by, dry_run=dry_run))
    imported.created = Milestone.objects.bulk_create(new)
    imported.elsewhere = sorted(there.values(), key=lambda milestone: milestone.at)
    return imported


def chosen(planned: Planned, prefer: Sequence[str]) -> datetime | None:
    """Its instant; of a contradiction, that of the first source preferred; else None."""
    if not planned.choices:
        return planned.at
    return next((planned.choices[name] for name in prefer if name in planned.choices), None)


def _version(schedule: Schedule) -> str:
    """Empty where the name says it already: "Kubernetes 1.30"."""
    return "" if schedule.version and schedule.version in schedule.name else schedule.version


def _projects(release: Release, schedule: Schedule) -> dict[str, Project]:
    slugs = {planned.project for planned in schedule.milestones if planned.project}
    known = {project.slug: project for project in Project.objects.filter(slug__in=slugs)}
    for slug in sorted(slugs - known.keys()):
        known[slug] = Project.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())
    release.projects.add(*known.values())
    return known


def _milestone(
    release: Release, planned: Planned, at: datetime, projects: dict[str, Project]
) -> Milestone:
    return Milestone(
        release=release,
        project=projects.get(planned.project),
        slug=planned.slug,
        name=planned.name,
        kind=planned.kind if planned.kind in Kind.values else Kind.OTHER,
        at=at,
        blocks=_blocks(planned),
    )


def _blocks(planned: Planned) -> list[str]:
    try:
        validate_change_kinds(list(planned.blocks))
    except ValidationError:
        return []  # a calendar of somebody else's may name what we do not know
    return list(planned.blocks)


def _move(
    milestone: Milestone,
    planned: Planned,
    to: datetime,
    at: datetime,
    reason: str,
    by: Person | None,
    *,
    dry_run: bool,
) -> MilestoneMove:
    why = f"{reason}, line {planned.line}: {moment(to)}."
    if by is None and dry_run:
        return MilestoneMove(milestone=milestone, from_at=milestone.at, to_at=to, at=at, why=why)
    if by is None:
        raise NobodyMoves(
            f"{milestone.name} would move from {moment(milestone.at)} to {moment(to)}, and a move"
            " has somebody who makes it: say who (--by). Nothing was changed."
        )
    return milestone.move(to=to, by=by, at=at, why=why)


def planned_of(milestones: Iterable[Milestone]) -> list[Planned]:
    """Records as a schedule holds them, for writing; wants `project` selected."""
    return [
        Planned(
            slug=milestone.slug,
            name=milestone.name,
            kind=milestone.kind,
            blocks=tuple(milestone.blocks),
            project=milestone.project.slug if milestone.project else "",
            at=milestone.at,
        )
        for milestone in milestones
    ]
