"""A PostgreSQL to measure on: BENCH_DATABASE_URL, else the one on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

URL = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
_PLACE = urlsplit(URL).netloc.rpartition("@")[2]


class NoPostgreSQL(Exception):
    """None answers; the message says where it was sought."""


def version_or_absence() -> str:
    try:
        with _connected() as connection:
            number = connection.info.server_version
    except NoPostgreSQL as absent:
        return str(absent)
    return f"PostgreSQL {number // 10000}.{number % 10000}"


@contextmanager
def scratch_database() -> Iterator[str]:
    """The URL of an empty database that is gone afterwards. Raises NoPostgreSQL."""
    name = f"thaw_bench_{os.getpid()}"
    with _connected() as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _connected() -> psycopg.Connection:
    try:
        return psycopg.connect(URL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise NoPostgreSQL(f"no PostgreSQL at {_PLACE}") from error
