#!/usr/bin/env python
import codecs
import errno
import json
import os
import select
import sys
import traceback
from typing import NoReturn

STDOUT = 1
FAILED, CANNOT_TELL = 1, 2  # the second of `gate`, where 1 is to say that a change may not land
READER_LEFT = 141  # the status that a shell gives to what SIGPIPE ended
NOT_OURS_TO_MEND = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


def main() -> None:
    if sys.stdout is not None:  # in a terminal that lacks a letter, the rest is told all the same
        codecs.register_error("escaped", _escaped)
        sys.stdout.reconfigure(errors="escaped")  # type: ignore[union-attr] # as it is made
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db.utils import OperationalError, ProgrammingError
    except ImportError as missing:
        _give_up(f"Thaw's requirements are not installed ({missing}). Run `make run` once.")
    try:
        try:
            execute_from_command_line(sys.argv)
        finally:
            if sys.stdout is not None:  # it may be closed
                sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_left():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)  # for what is flushed at the end
        sys.exit(READER_LEFT)
    except (ImproperlyConfigured, OperationalError, ProgrammingError, OSError) as error:
        sentence = _sentence(error)
        if not sentence or "--traceback" in sys.argv:
            raise
        _give_up(sentence)


def _escaped(lacking: UnicodeError) -> tuple[str, int]:
    r"""A letter as JSON may spell it (`\u00e9`), so that JSON stays what it is."""
    assert isinstance(lacking, UnicodeEncodeError)  # noqa: S101 nothing is decoded on its way out
    return json.dumps(lacking.object[lacking.start : lacking.end])[1:-1], lacking.end


def _give_up(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(CANNOT_TELL if _asks_the_gate() else FAILED)


def _asks_the_gate() -> bool:
    return sys.argv[1:2] == ["gate"]


def _sentence(error: Exception) -> str:
    """For whoever wrote the settings or runs the machine; nothing of a fault of ours."""
    from django.db.utils import DatabaseError, ProgrammingError

    if isinstance(error, OSError):
        if error.errno not in NOT_OURS_TO_MEND:
            return ""
        where = error.filename or "Something"
        return (
            f"{where} cannot be read or written ({error.strerror}). Let whoever runs this do so, or"
            " make room."
        )
    if not isinstance(error, DatabaseError):
        return str(error)
    lacks_tables = _lacks_tables(error)
    if isinstance(error, ProgrammingError) and not lacks_tables:
        return ""
    if lacks_tables:
        told = f"{str(error).splitlines()[0]}{_file()}. Is it migrated?"
    else:
        told = f"{error}{_file()}"
    return f"The database does not do its part: {told}"


def _file() -> str:
    """Which file that is, where the database is one: SQLite does not say."""
    from django.db import connection

    return f" ({connection.settings_dict['NAME']})" if connection.vendor == "sqlite" else ""


def _lacks_tables(error: Exception) -> bool:
    """Whether it is of an earlier release or of none, as PostgreSQL or SQLite says it."""
    by_name = type(error.__cause__).__name__ in {"UndefinedTable", "UndefinedColumn"}
    return by_name or str(error).startswith(("no such table", "no such column"))


def _reader_left() -> bool:
    """Whether it is our own output that nobody reads any more, as of `... | head`."""
    poll = select.poll()
    poll.register(STDOUT, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


if __name__ == "__main__":
    try:
        main()
    except Exception:
        if not _asks_the_gate():
            raise
        traceback.print_exc()
        sys.exit(CANNOT_TELL)
