import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

import click
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from meetings.files import already_imported
from meetings.importing import (
    ImportedLog,
    Summary,
    UnreadableLog,
    import_log,
    summary_of_stored,
)
from meetings.json import lint_as_json, meeting_as_json
from meetings.logs import FORMATS, DateHints, Format, Unread, format_named
from meetings.models import Meeting
from releases.handed_in import STANDARD_INPUT, opened
from releases.plurals import number_of
from releases.zones import validate_zone

Advance = Callable[[int], Any]
NO_MEETING, UNREADABLE, INTERRUPTED = 1, 2, 130
SHOWN = 5  # lines left out that are named on the terminal; --json names all
THERE = "already there, unchanged"
WORTH_A_BAR = 8 << 20  # bytes; about two seconds


class Command(BaseCommand):
    help = (
        "Import meeting logs: files, folders, or - for standard input. Importing a log again"
        " changes nothing. Exit status: 0 all imported or already there; 1 some file held no"
        " meeting; 2 some file could not be read (the rest is imported all the same); 130 stopped"
        " with Ctrl-C: running it again goes on. --dry-run also tells what is wrong with a log:"
        " lines left out, commands that did not count, a clock that was off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(known.name for known in FORMATS)
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--format", metavar="F", help=f"instead of finding out: {names}")
        parser.add_argument("--date", metavar="YYYY-MM-DD", help="day of the first line")
        parser.add_argument("--zone", metavar="TZ", help="zone of the log's clock (default UTC)")
        parser.add_argument("--channel", metavar="C", default="", help="where it was held")
        parser.add_argument(
            "--whole", action="store_true", help="a log with no #startmeeting in it is one meeting"
        )
        parser.add_argument("--dry-run", action="store_true", help="read, report, store nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        format_, hints = _format(options["format"]), _hints(options["date"], options["zone"])
        report = _Report(self, as_json=options["json"], dry_run=options["dry_run"])
        paths = list(_files(options["paths"], report))
        done = 0
        try:
            with _bar(paths) as advance:
                for path in paths:
                    _import(path, report, advance, hints=hints, format=format_, options=options)
                    done += 1
        except KeyboardInterrupt:
            report.interrupted(done, of=len(paths))
        report.close()
        if report.status:
            sys.exit(report.status)


def _import(
    path: str,
    report: "_Report",
    advance: Advance,
    *,
    hints: DateHints,
    format: Format | None,  # noqa: A002 the word of the trade
    options: dict[str, Any],
) -> None:
    """Import one file, in a transaction of its own, and report what became of it.

    One that is stored already is not read again, unless somebody wants all of it told.
    """
    shown = _shown(path)
    asked: dict[str, Any] = {
        "hints": replace(hints, name=shown),
        "format": format,
        "channel": options["channel"],
        "whole": options["whole"],
    }
    try:
        with _opened(path, advance) as stream:
            tell_all = options["json"] or options["dry_run"]
            if not tell_all and (known := already_imported(stream, **asked)):
                report.known(known)
                return
            log = import_log(
                stream,
                name="" if path == STANDARD_INPUT else shown,
                at=timezone.now(),
                dry_run=options["dry_run"],
                **asked,
            )
    except (UnreadableLog, OSError) as error:
        report.unreadable(shown, _sentence(error))
    else:
        report.log(shown, log)


class _Report:
    """Says what became of each file, and remembers the exit status."""

    def __init__(self, command: BaseCommand, *, as_json: bool, dry_run: bool) -> None:
        self.status = 0
        self._out, self._err = command.stdout, command.stderr
        self._json = as_json
        self._dry_run = dry_run
        self._object: dict[str, list[Any]] = {"meetings": [], "skipped": [], "errors": []}
        if dry_run:
            self._object["lint"] = []

    def unreadable(self, path: str, reason: str) -> None:
        self.status = UNREADABLE
        self._error(path, reason)

    def log(self, path: str, log: ImportedLog) -> None:
        for undated in log.undated:
            self.status = UNREADABLE
            self._error(path, f"The meeting that begins in line {undated.line}: {undated.reason}")
        if not log.meetings and not log.undated:
            self.status = self.status or NO_MEETING
            self._error(
                path,
                f"No meeting in it: nobody says #startmeeting. (Read as {log.format.title}.)"
                " If the whole log is one, say --whole.",
            )
        if self._json:
            self._tell_script(path, log)
        elif self._dry_run:
            self._tell_linter(path, log)
        else:
            for meeting in log.meetings:
                what = "imported" if meeting.created else THERE
                self._out.write(_told(meeting.slug, what, meeting.summary))
            self._tell_left_out(path, log.left_out)

    def known(self, meetings: list[Meeting]) -> None:
        """A file that is stored already."""
        for meeting in meetings:
            self._out.write(_told(meeting.slug, THERE, summary_of_stored(meeting)))

    def interrupted(self, done: int, *, of: int) -> None:
        self.status = INTERRUPTED
        files = "1 file" if of == 1 else f"{of:,} files"
        self._err.write(
            f"Stopped after {done:,} of {files}. What these hold is stored; of the others, nothing."
            " Run the same command again to go on: what is there is recognised."
            if not self._dry_run
            else f"Stopped after {done:,} of {files}."
        )

    def close(self) -> None:
        if self._json:
            self._out.write(json.dumps(self._object, ensure_ascii=False, indent=1))

    def _tell_script(self, path: str, log: ImportedLog) -> None:
        self._object["meetings"] += [meeting_as_json(log, one) for one in log.meetings]
        self._object["skipped"] += [
            {"path": path, "line": unread.line, "reason": unread.reason} for unread in log.left_out
        ]
        if self._dry_run:
            self._object["lint"] += lint_as_json(path, log)

    def _tell_linter(self, path: str, log: ImportedLog) -> None:
        self._out.write(f"{path}: read as {log.format.title}: {log.why}.")
        for meeting in log.meetings:
            what = "would import" if meeting.created else THERE
            summary = replace(meeting.summary, warnings=())  # they are among the lint
            self._out.write(_told(meeting.slug, what, summary))
            for lint in meeting.lint:
                self._out.write(f"  line {lint.line}: {lint.reason}")
        for unread in log.left_out:
            self._out.write(f"  line {unread.line}: {unread.reason}")

    def _tell_left_out(self, path: str, left_out: list[Unread]) -> None:
        for unread in left_out[:SHOWN]:
            self._out.write(f"  {path}, line {unread.line}: {unread.reason}")
        if (more := len(left_out) - SHOWN) > 0:
            self._out.write(f"  ... and {more} more; --dry-run and --json name them all.")

    def _error(self, path: str, reason: str) -> None:
        self._object["errors"].append({"path": path, "reason": reason})
        self._err.write(f"{path}: {reason}")


def _told(slug: str, what: str, summary: Summary) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.items())
    return (
        f"{slug}: {what}. {summary.title}, {summary.started_at:%Y-%m-%d %H:%M} UTC,"
        f" {number_of(summary.lines, 'line')}, {number_of(summary.people, 'person', 'people')};"
        f" {kinds or 'no items'}." + "".join(f"\n  {warning}" for warning in summary.warnings)
    )


def _format(name: str | None) -> Format | None:
    try:
        return format_named(name) if name else None
    except LookupError as unknown:
        raise CommandError(str(unknown.args[0]), returncode=UNREADABLE) from unknown


def _hints(day: str | None, zone: str | None) -> DateHints:
    try:
        if zone:
            validate_zone(zone)
        return DateHints(
            day=date.fromisoformat(day) if day else None, zone=ZoneInfo(zone) if zone else None
        )
    except ValidationError as invalid:
        raise CommandError(f"--zone: {invalid.messages[0]}", returncode=UNREADABLE) from invalid
    except ValueError as invalid:
        raise CommandError(
            f"--date: “{day}” is no date; write YYYY-MM-DD.", returncode=UNREADABLE
        ) from invalid


def _files(paths: list[str], report: _Report) -> Iterator[str]:
    """Each file named, and each in the folders named (hidden ones left out), in order."""
    for name in paths:
        path = Path(name)
        if _is_folder(path):
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
            if not inside:
                report.unreadable(name, "There is no file in this folder.")
            yield from map(str, inside)
        else:
            yield name


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a name that no file can have: opening it says why


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _shown(path: str) -> str:
    """A file's name as text, whatever bytes it is made of."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@contextmanager
def _opened(path: str, advance: Advance) -> Iterator[IO[bytes]]:
    """The file, or a copy of what comes through a pipe: a log is read more than once."""
    with opened(path) as source, ExitStack() as copied:
        file = source
        if path == STANDARD_INPUT or not source.seekable():
            file = copied.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(source, file)
            file.seek(0)
        watched = _Watched(file, advance)
        yield cast("IO[bytes]", watched)
        watched.finish()


class _Watched:
    """A file that tells how far it was read; what is read again counts once."""

    def __init__(self, file: IO[bytes], advance: Advance) -> None:
        self._file, self._advance = file, advance
        self._furthest = 0

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self._reached(self._file.tell())
        return chunk

    def finish(self) -> None:
        """All that was to be done with the file is done, even where it was not read."""
        self._reached(self._file.seek(0, os.SEEK_END))

    def _reached(self, place: int) -> None:
        if place > self._furthest:
            self._advance(place - self._furthest)
            self._furthest = place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"It cannot be read: {str(error.strerror or error).rstrip('.')}."
    return str(error)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0  # opening it says why


@contextmanager
def _bar(paths: list[str]) -> Iterator[Advance]:
    """What to tell the bytes read; a progress bar where somebody watches and it takes a while."""
    total = sum(map(_size, paths))
    if total < WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda count: None
        return
    with click.progressbar(length=total, label="Importing", file=sys.stderr) as bar:
        yield bar.update
