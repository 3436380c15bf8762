import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from tests.chaos.colony import Colony


@pytest.fixture
def colony(transactional_db, emptied_ledger, tmp_path):
    """Mortals on the tests' own database; where that lives in memory, on a copy in a file."""
    url = as_url(tmp_path)
    connection.close() if connection.vendor == "postgresql" else None
    colony = Colony(tmp_path, url)
    yield colony
    colony.end()


def as_url(folder):
    if connection.vendor == "postgresql":
        told = connection.settings_dict
        who = f"{told['USER']}:{told['PASSWORD']}@".replace(":@", "@").lstrip("@")
        return f"postgres://{who}{told['HOST']}:{told['PORT'] or 5432}/{told['NAME']}"
    path = folder / "colony.sqlite3"
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
    return f"sqlite:///{path}"
