"""The ledger without its guards: what somebody with the database's password could do to it."""

from contextlib import contextmanager
from importlib import import_module

from django.db import connection

MIGRATION = "governance.migrations.0003_ledger_is_append_only"


@contextmanager
def unguarded_ledger():
    """Take the append-only triggers away, and put them back."""
    make, drop = import_module(MIGRATION).STATEMENTS[connection.vendor]
    _execute(drop)
    try:
        yield
    finally:
        _execute(make)


def tamper(*statements):
    """Run SQL on the ledger that the database itself would refuse."""
    with unguarded_ledger():
        _execute(statements)


def _execute(statements):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # no trigger comes or goes while checks are pending
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
