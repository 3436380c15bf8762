"""The formats we read: each module here that has a FORMAT, in the order of its preference.

To add one, write a module like these, each of its shapes with an example; a test reads them all.
"""

from importlib import import_module
from pkgutil import iter_modules

from meetings.logs.shapes import Format


def _found() -> tuple[Format, ...]:
    modules = (import_module(f"{__name__}.{known.name}") for known in iter_modules(__path__))
    found: list[Format] = [module.FORMAT for module in modules]
    return tuple(sorted(found, key=lambda format_: (format_.preference, format_.name)))


FORMATS = _found()


def format_named(name: str) -> Format:
    """The format of that name. Raises LookupError with the names that exist."""
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise LookupError(f"There is no log format “{name}”. Known formats: {names}.")
