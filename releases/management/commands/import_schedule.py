import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from releases import schedules
from releases.handed_in import STANDARD_INPUT, UNREADABLE, source_of, text_of
from releases.models import Release
from releases.moments import moment
from releases.people import WhoIsMeant, person_named
from releases.plurals import number_of
from releases.rows import z
from releases.schedules.plan import slug_of
from releases.timetable import Imported, NobodyMoves, import_schedule

IN_DOUBT = 1  # exit status
LARGEST = 4 << 20  # bytes
TABLE, PROSE = "schedule.yaml", "schedule.rst"  # of OpenStack, beside each other
PROSE_ALONE = (
    f"OpenStack's dates are in the {TABLE} beside it: give that, and this is read with it."
)


class Command(BaseCommand):
    help = (
        "Import a release schedule: OpenStack's schedule.yaml (with the schedule.rst beside it),"
        " the README or release-cycle-schedule.yaml of Kubernetes, iCalendar. Importing again moves"
        " what has moved and changes nothing else. Exit status: 0 all is in; 1 the file contradicts"
        " itself and something was left out; 2 it cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- for standard input")
        parser.add_argument("--release", metavar="R", help="slug; absent: as the file calls it")
        parser.add_argument("--kind", choices=schedules.KINDS, help="absent: found out")
        parser.add_argument("--by", metavar="PERSON", help="who moves what has moved (handle)")
        parser.add_argument(
            "--prefer",
            metavar="SOURCE",
            action="append",
            default=[],
            help="whom to believe in contradictions, such as table or prose; may be repeated",
        )
        parser.add_argument("--version-of", metavar="V", default="", help="which of several, 1.30")
        parser.add_argument("--year", type=int, help="for dates that say none")
        parser.add_argument("--dry-run", action="store_true", help="report, store nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        schedule = _read(path, options)
        if not schedule.milestones:
            why = " ".join(["No milestone could be read.", *schedule.notes])
            raise CommandError(f"{path}: {why}", returncode=UNREADABLE)
        named = _slug(options["release"]) if options["release"] else ""
        slug = named or slug_of(schedule.name or _folder_of(path))
        try:
            imported = import_schedule(
                schedule,
                slug=slug,
                at=timezone.now(),
                reason=source_of(options["file"]),
                by=person_named(options["by"]) if options["by"] else None,
                prefer=options["prefer"],
                dry_run=options["dry_run"],
            )
        except (NobodyMoves, WhoIsMeant) as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        if options["json"]:
            answer = _as_json(path, schedule, imported, dry_run=options["dry_run"])
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            self._tell(path, schedule, imported, dry_run=options["dry_run"])
        if imported.left_out:
            sys.exit(IN_DOUBT)

    def _tell(
        self, path: Path, schedule: schedules.Schedule, imported: Imported, *, dry_run: bool
    ) -> None:
        for finding in schedule.warnings:
            self.stdout.write(f"{_name_of(path, finding)}, line {finding.line}: {finding.message}")
        for note in schedule.notes:
            self.stdout.write(note)
        for move in imported.moved:
            self.stdout.write(
                f"{move.milestone.name}: from {moment(move.from_at)} to {moment(move.to_at)}."
            )
        for planned in imported.left_out:
            ways = " or ".join(
                f"--prefer {source} ({moment(at)})" for source, at in planned.choices.items()
            )
            self.stdout.write(f"Left out, for its date is in doubt: {planned.name}. {ways}.")
        if imported.elsewhere:
            names = ", ".join(milestone.name for milestone in imported.elsewhere[:10])
            are, stay = ("is", "stays") if len(imported.elsewhere) == 1 else ("are", "stay")
            self.stdout.write(
                f"{number_of(len(imported.elsewhere), 'milestone')} of the release"
                f" {are} not in the file and {stay}: {names}."
            )
        would = "would be " if dry_run else ""
        self.stdout.write(
            f"{imported.release}: {number_of(len(imported.created), 'milestone')} {would}new,"
            f" {len(imported.moved)} {would}moved, {imported.unchanged} unchanged,"
            f" {len(imported.left_out)} left out. {imported.release.get_absolute_url()}"
        )


def _slug(words: str) -> str:
    """Of a release that may be made: its page has it for an address."""
    try:
        Release._meta.get_field("slug").run_validators(words)  # noqa: SLF001 how Django gives a field
    except ValidationError as error:
        raise CommandError(
            f"--release: “{words}” is no slug, as addresses have it. Take “{slug_of(words)}”.",
            returncode=UNREADABLE,
        ) from error
    return words


def _folder_of(path: Path) -> str:
    if str(path) == STANDARD_INPUT:
        raise CommandError(
            f"{path}: It does not say of which release it is. Name it (--release).",
            returncode=UNREADABLE,
        )
    return path.resolve().parent.name


def _read(path: Path, options: dict[str, Any]) -> schedules.Schedule:
    text, beside = text_of(str(path), longest=LARGEST), path.with_name(PROSE)
    prose = ""
    if path.name == TABLE and beside.is_file():
        prose = text_of(str(beside), longest=LARGEST)
    hints = schedules.Hints(prose, options["version_of"].removeprefix("v"), options["year"])
    try:
        return schedules.read(text, kind=options["kind"] or "", hints=hints)
    except schedules.Unreadable as error:
        why = f"{error} {PROSE_ALONE}" if path.suffix == Path(PROSE).suffix else str(error)
        raise CommandError(f"{path}: {why}", returncode=UNREADABLE) from error


def _name_of(path: Path, finding: schedules.Finding) -> str:
    """The file that a finding is in, as it is called here: the one given, or the prose beside."""
    return PROSE if finding.source == PROSE else path.name


def _as_json(
    path: Path, schedule: schedules.Schedule, imported: Imported, *, dry_run: bool
) -> dict[str, Any]:
    return {
        "release": imported.release.slug,
        "dry_run": dry_run,
        "created": [{"slug": one.slug, "at": z(one.at)} for one in imported.created],
        "moved": [
            {"slug": move.milestone.slug, "from": z(move.from_at), "to": z(move.to_at)}
            for move in imported.moved
        ],
        "unchanged": imported.unchanged,
        "left_out": [
            {"slug": one.slug, "line": one.line, "choices": _choices(one.choices)}
            for one in imported.left_out
        ],
        "not_in_file": [milestone.slug for milestone in imported.elsewhere],
        "warnings": [
            {
                "path": _name_of(path, finding),
                "line": finding.line,
                "code": finding.code.value,
                "milestone": finding.slug or None,
                "message": finding.message,
                "choices": _choices(finding.choices),
            }
            for finding in schedule.warnings
        ],
        "notes": list(schedule.notes),
    }


def _choices(choices: Any) -> dict[str, Any]:
    return {source: z(at) for source, at in choices.items()}
