import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

import click
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from meetings.importing import ImportedLog, ImportedMeeting, UnreadableLog, import_log
from meetings.json import meeting_as_json
from meetings.logs import FORMATS, DateHints, Format, format_named
from releases.zones import validate_zone

Advance = Callable[[int], Any]
NO_MEETING, UNREADABLE = 1, 2
SHOWN = 5  # lines left out that are named on the terminal; --json names all
WORTH_A_BAR = 8 << 20  # bytes; about two seconds


class Command(BaseCommand):
    help = (
        "Import meeting logs: files, folders, or - for standard input. Importing a log again"
        " changes nothing. Exit status: 0 all imported or already there; 1 some file held no"
        " meeting; 2 some file could not be read (the rest is imported all the same)."
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
        with _bar(paths) as advance:
            for path in paths:
                try:
                    with _opened(path, advance) as stream:
                        log = import_log(
                            stream,
                            name="" if path == "-" else _shown(path),
                            at=timezone.now(),
                            hints=DateHints(name=_shown(path), day=hints.day, zone=hints.zone),
                            format=format_,
                            channel=options["channel"],
                            whole=options["whole"],
                            dry_run=options["dry_run"],
                        )
                except (UnreadableLog, OSError) as error:
                    report.unreadable(_shown(path), _sentence(error))
                else:
                    report.log(_shown(path), log)
        report.close()
        if report.status:
            sys.exit(report.status)


class _Report:
    """Says what became of each file, and remembers the exit status."""

    def __init__(self, command: BaseCommand, *, as_json: bool, dry_run: bool) -> None:
        self.status = 0
        self._out, self._err = command.stdout, command.stderr
        self._json = as_json
        self._dry_run = dry_run
        self._object: dict[str, list[Any]] = {"meetings": [], "skipped": [], "errors": []}

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
            self._object["meetings"] += [meeting_as_json(log, one) for one in log.meetings]
            self._object["skipped"] += [
                {"path": path, "line": unread.line, "reason": unread.reason}
                for unread in log.left_out
            ]
            return
        for meeting in log.meetings:
            self._out.write(self._sentence(meeting))
        for unread in log.left_out[:SHOWN]:
            self._out.write(f"  {path}, line {unread.line}: {unread.reason}")
        if (more := len(log.left_out) - SHOWN) > 0:
            self._out.write(f"  ... and {more} more; --json names them all.")

    def close(self) -> None:
        if self._json:
            self._out.write(json.dumps(self._object, ensure_ascii=False, indent=1))

    def _sentence(self, meeting: ImportedMeeting) -> str:
        minutes = meeting.minutes
        kinds = Counter(item.kind for item in minutes.items)
        items = ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "no items"
        what = "would import" if self._dry_run else "imported"
        if not meeting.created:
            what = "already there, unchanged"
        return (
            f"{meeting.slug}: {what}. {meeting.title}, {minutes.started_at:%Y-%m-%d %H:%M} UTC,"
            f" {meeting.lines} lines, {len(minutes.people)} people; {items}."
            + "".join(f"\n  {warning}" for warning in minutes.warnings)
        )

    def _error(self, path: str, reason: str) -> None:
        self._object["errors"].append({"path": path, "reason": reason})
        self._err.write(f"{path}: {reason}")


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
    """The file, or a seekable copy of standard input."""
    with Path(path).open("rb") if path != "-" else tempfile.TemporaryFile() as file:
        if path == "-":
            if sys.stdin is None:
                raise OSError("standard input is closed")
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.seek(0)
        yield cast("IO[bytes]", _Watched(file, advance))


class _Watched:
    """A file that tells how many bytes were read of it."""

    def __init__(self, file: IO[bytes], advance: Advance) -> None:
        self._file, self._advance = file, advance

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self._advance(len(chunk))
        return chunk

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
