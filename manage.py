#!/usr/bin/env python
import os
import select
import sys

STDOUT = 1
READER_LEFT = 141  # the status that a shell gives to what SIGPIPE ended


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db.utils import OperationalError, ProgrammingError
    except ImportError as missing:
        sys.exit(f"Thaw's requirements are not installed ({missing}). Run `make run` once.")
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
    except ImproperlyConfigured as error:  # a sentence for whoever wrote the settings
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except (OperationalError, ProgrammingError) as error:
        lacks_tables = _lacks_tables(error)
        a_fault_of_ours = isinstance(error, ProgrammingError) and not lacks_tables
        if a_fault_of_ours or "--traceback" in sys.argv:
            raise
        told = f"{str(error).splitlines()[0]}. Is it migrated?" if lacks_tables else error
        sys.exit(f"The database does not do its part: {told}")


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
    main()
