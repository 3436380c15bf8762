"""What the environment says, read once, with defaults that run a checkout."""

import logging
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Sequence
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.core.files import locks
from environ import Env

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("THAW_VAR") or ROOT / "var")  # empty is absent, not here

FEWEST_DAYS_KEPT = 15  # after which nothing can be sent any more (governance.pruning)
FLAGS = dict.fromkeys(("true", "yes", "on", "y", "ok", "1"), True)
FLAGS |= dict.fromkeys(("false", "no", "off", "n", "0"), False)
DATABASES = ("postgres", "postgresql", "psql", "pgsql", "sqlite")
OPTIONS_OF_DJANGO = {"assume_role", "isolation_level", "pool", "server_side_binding"}
BROKERS = ("redis", "rediss", "redis+socket")
MAIL = ("smtp", "smtp+tls", "smtp+ssl")
MAIL_TO_NOBODY = ("consolemail", "filemail", "memorymail", "dummymail")
_MAIL_FORM = "smtp://user:password@host:587?tls=true (ssl=true for TLS from the first byte)"
_ESCAPES = ", and in a password %2F for /, %23 for #, %3F for ?, %40 for @ and %25 for %."
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_DATABASE_NUMBER = re.compile(r"/?[0-9]{0,5}/?")
_MAIL_ADDRESS = re.compile(r"[^@\s<>'\"]+@[^@\s<>'\"]+")
_RATE = re.compile(r"[0-9]+/(?:s|sec|second|m|min|minute|h|hour|d|day)")

env = Env()
Number = TypeVar("Number", int, float)


class NamesAlone(logging.Filter):
    """Of a line in `.env` that cannot be read only the name is told: the rest may be a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING and isinstance(record.args, tuple):
            names = (re.match(r"\s*(?:export )?([A-Z_]+\b)?", str(line)) for line in record.args)
            record.args = tuple(f"{(name and name[1]) or ''} …" for name in names)
        return True


logging.getLogger("environ.environ").addFilter(NamesAlone())


def make_var() -> None:
    """Make the folder of all that is ours. Raises ImproperlyConfigured where that cannot be."""
    try:
        VAR.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"THAW_VAR: {VAR} cannot be made ({error.strerror}). Name a folder that can."
        ) from error


def refuse_unwritable_var() -> None:
    """Raises ImproperlyConfigured where whoever runs this can keep nothing."""
    if not os.access(VAR, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"THAW_VAR: {VAR} cannot be written by the user with the number {os.geteuid()}. Give it"
            " to them, or name another folder."
        )


def development_secret_key() -> str:
    """The key of this checkout: made on first use, readable by its owner alone.

    Raises ImproperlyConfigured where it can be neither read nor made.
    """
    path = VAR / "secret-key"
    make_var()
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY: {path} can be neither read nor made ({error.strerror}). Let whoever runs"
            " Thaw write there, or set SECRET_KEY."
        ) from error


def _make_key(path: Path) -> None:
    """It comes to its place whole and once, since several processes may start at once."""
    with tempfile.TemporaryDirectory(dir=VAR, prefix="secret-key.") as folder:
        made = Path(folder, "key")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        try:
            os.link(made, path)
        except FileExistsError:
            pass  # somebody else was quicker
        except OSError:  # a file system without hard links
            _move_in_turn(made, path)


def _move_in_turn(made: Path, path: Path) -> None:
    """To a name that nobody has taken: a move alone would replace what another has begun to use."""
    with path.with_suffix(".lock").open("a") as turn:
        locks.lock(turn, locks.LOCK_EX)
        if not path.exists():
            made.rename(path)


def email_settings(url: str) -> dict[str, Any]:
    """Django's settings for an EMAIL_URL, `smtp://user:password@host:587?tls=true`.

    `tls=true` is STARTTLS, `ssl=true` TLS from the first byte. Raises ImproperlyConfigured for
    what would be read past in silence: mail must not go out in the clear by a misspelling.
    """
    if url.lower().startswith("smtps:"):
        raise ImproperlyConfigured(
            "EMAIL_URL begins with smtps, which some read as TLS from the first byte, some as"
            " STARTTLS: write smtp, and ?ssl=true for the first (port 465), ?tls=true for the other"
            " (587)."
        )
    parts = _address(url, MAIL + MAIL_TO_NOBODY)
    if parts is None or (parts.scheme in MAIL and not _is_one_host_alone(parts)):
        raise ImproperlyConfigured(f"EMAIL_URL cannot be read: write {_MAIL_FORM}{_ESCAPES}")
    # Options are read here: environ leaves out those without a value.
    found: dict[str, Any] = env.email_url_config(parts._replace(query="").geturl())
    options = {
        name.lower(): said for name, said in parse_qs(parts.query, keep_blank_values=True).items()
    }
    for name, setting in (("tls", "EMAIL_USE_TLS"), ("ssl", "EMAIL_USE_SSL")):
        for word in options.pop(name, []):
            if word.lower() not in FLAGS:
                raise ImproperlyConfigured(
                    f"EMAIL_URL: {name} is neither true nor false: write {_MAIL_FORM}."
                )
            found[setting] = FLAGS[word.lower()]
    if options:
        unknown = ", ".join(sorted(options))
        raise ImproperlyConfigured(f"EMAIL_URL: nobody knows what {unknown} means; tls and ssl do.")
    if found.get("EMAIL_USE_TLS") and found.get("EMAIL_USE_SSL"):
        raise ImproperlyConfigured("EMAIL_URL: tls is STARTTLS, ssl is TLS from the start: choose.")
    return found


def sender(name: str, *, default: str) -> str:
    """Whom mail comes from. Raises ImproperlyConfigured for what is not one address, or two."""
    words: str = env.str(name, default=default).strip()
    found = getaddresses([words])
    if len(found) != 1 or not _MAIL_ADDRESS.fullmatch(found[0][1]):
        raise ImproperlyConfigured(
            f"{name} is “{words}”: write one address, thaw@example.org or Thaw <thaw@example.org>."
        )
    return words


def flag(name: str, *, default: bool) -> bool:
    """True or false. Raises ImproperlyConfigured for a slip, which must not pass for false."""
    word = env.str(name, default=str(default)).strip().lower()
    if word not in FLAGS:
        raise ImproperlyConfigured(f"{name} is “{word}”: write true or false.")
    return FLAGS[word]


def number(name: str, *, default: Number, least: Number) -> Number:
    """A number of the default's own kind. Raises ImproperlyConfigured for any other."""
    text = env.str(name, default=str(default)).strip()
    kind = "whole number" if isinstance(default, int) else "number"
    try:
        value = type(default)(text)
    except ValueError:
        value = None
    if value is None or not least <= value < float("inf"):
        raise ImproperlyConfigured(f"{name} is “{text}”: write a {kind}, {least} or more.")
    return value


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a DATABASE_URL. Raises ImproperlyConfigured without repeating it."""
    parts = _address(url, DATABASES)
    if parts is None or not _names_a_database(parts):
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read: write postgres://user:password@host:5432/name{_ESCAPES}"
        )
    found: dict[str, Any] = env.db_url_config(url)
    if not parts.scheme.startswith("sqlite"):
        _refuse_unknown_options(found.get("OPTIONS", {}))
    return found


def _refuse_unknown_options(options: Iterable[str]) -> None:
    """Else each question to the database would fail: `ssl_mode` for `sslmode`."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 a file of SQLite goes without
    from psycopg.errors import ProgrammingError  # noqa: PLC0415 the same

    for name in set(options) - OPTIONS_OF_DJANGO:
        try:
            make_conninfo(**{name: "0"})
        except ProgrammingError:
            raise ImproperlyConfigured(
                f"DATABASE_URL: nobody knows what {name} means; sslmode and sslrootcert are options"
                " of PostgreSQL, for example."
            ) from None


def broker_url(url: str) -> str:
    """A REDIS_URL as it is. Raises ImproperlyConfigured without repeating it."""
    parts = _address(url, BROKERS)
    if url and (parts is None or not _names_a_broker(parts)):
        raise ImproperlyConfigured(
            "REDIS_URL cannot be read: write redis://:password@host:6379/0 (rediss:// for TLS)"
            f"{_ESCAPES}"
        )
    return url


def _address(url: str, schemes: tuple[str, ...]) -> SplitResult | None:
    """Its parts, if it is of such a scheme, and what stands for its hosts can be some.

    A character that ends the hosts, such as a slash in a password, leaves none, or an @ behind.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    behind = parts.path + parts.query + parts.fragment if parts.netloc else ""
    fits = parts.scheme in schemes and "@" not in behind and all(map(_is_host, hosts))
    return parts if fits else None


def _is_host(words: str) -> bool:
    found = _HOST.fullmatch(words)
    return found is not None and 0 < int(found["port"] or 1) < 1 << 16


def _names_a_database(parts: SplitResult) -> bool:
    """By itself, or by an entry in PostgreSQL's own file of services."""
    return bool(parts.path.strip("/")) or "service" in parse_qs(parts.query)


def _names_a_broker(parts: SplitResult) -> bool:
    """A host and at most the number of a database, or the path of a socket."""
    if parts.scheme == "redis+socket":
        return bool(parts.path.strip("/"))
    return bool(parts.hostname) and _DATABASE_NUMBER.fullmatch(parts.path) is not None


def _is_one_host_alone(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return host != "" and "," not in host and parts.path in {"", "/"}


def zone(name: str, *, default: str) -> str:
    """A time zone by its name. Raises ImproperlyConfigured for one that nobody knows."""
    words = env.str(name, default="") or default
    try:
        ZoneInfo(words)
    except (KeyError, OSError, ValueError):  # not there, a folder of zones, or a path
        raise ImproperlyConfigured(
            f"{name} is “{words}”: name a zone, such as Europe/Paris."
        ) from None
    return words


def rate(name: str, *, default: str) -> str | None:
    """How many requests in which time, or None. Raises ImproperlyConfigured for what is neither."""
    words = env.str(name, default=default).strip()
    if words and not _RATE.fullmatch(words):
        raise ImproperlyConfigured(
            f"{name} is “{words}”: write it as 600/min (or /sec, /hour, /day), or leave it empty."
        )
    return words or None


def checked(name: str, words: str, *, read: Callable[[str], object]) -> str:
    """These words, where `read` takes them. Raises ImproperlyConfigured with what it says."""
    try:
        read(words)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
    return words


def choice(name: str, *, default: str, known: Sequence[str]) -> str:
    """One of a few words, in capitals or not. Raises ImproperlyConfigured for any other."""
    word = env.str(name, default=default).strip()
    found = next((value for value in known if value.lower() == word.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name} is “{word}”: it is one of {', '.join(known)}.")
    return found


def refuse_too_few(name: str, days: int, *, fewest: int) -> None:
    """Raises ImproperlyConfigured for a number of days that is neither 0 nor enough."""
    if days and days < fewest:
        raise ImproperlyConfigured(f"{name} is {days}: it is 0 (keep all), or {fewest} and more.")


def networks(name: str, values: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    """Raises ImproperlyConfigured for what is no network, such as `10.0.0.0/8`."""
    try:
        return [ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error
