import os
from contextlib import closing

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.chaos.conftest import as_url
from tests.thaw.conftest import migrated_place, migrated_var, place

__all__ = ["migrated_place", "migrated_var", "place"]


@pytest.fixture
def database_of_its_own(transactional_db, tmp_path):
    """The URL of a migrated database without a row, which others may drop and make anew."""
    url = as_url(tmp_path)
    if connection.vendor == "sqlite":
        yield url
        return
    template = connection.settings_dict["NAME"]
    connection.close()  # nobody may be connected to what is copied
    name = f"thaw_drill_{os.getpid()}"
    server = url.rpartition("/")[0]
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as admin:
        admin.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
        )
        try:
            yield f"{server}/{name}"
        finally:
            admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
