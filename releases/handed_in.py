"""What commands are handed: a file by its name, or standard input where that is `-`."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError

STANDARD_INPUT = "-"
UNREADABLE = 2  # exit status


def opened(name: str) -> AbstractContextManager[IO[bytes]]:
    """Its bytes. Raises OSError."""
    if name != STANDARD_INPUT:
        return Path(name).open("rb")
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return nullcontext(sys.stdin.buffer)


def text_of(name: str, *, longest: int | None = None) -> str:
    """Its text; `longest` is in bytes. Raises CommandError, which says what is wrong with it."""
    try:
        with opened(name) as file:
            held = file.read(-1 if longest is None else longest + 1)
    except OSError as error:
        raise _unreadable(name, f"{error.strerror or error}.") from error
    if longest is not None and len(held) > longest:
        raise _unreadable(name, f"It is larger than the {longest >> 20} MB that are taken.")
    try:
        return held.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        why = f"Line {line}: it is not written in UTF-8. Save it as that, and hand it in again."
        raise _unreadable(name, why) from error


def source_of(name: str) -> str:
    """What the record calls it: with its folder, which often tells the release."""
    if name == STANDARD_INPUT:
        return "standard input"
    path = Path(name)
    return f"{path.parent.name}/{path.name}".lstrip("/.")


def _unreadable(name: str, why: str) -> CommandError:
    return CommandError(f"{name}: {why}", returncode=UNREADABLE)
