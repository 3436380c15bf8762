import os
import shutil
from contextlib import closing

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.chaos.conftest import as_url
from tests.thaw.conftest import migrated_place, place

__all__ = ["migrated_place", "place"]


@pytest.fixture
def database_of_its_own(transactional_db, migrated_file, tmp_path):
    """The URL of a migrated database without a row, which others may drop and make anew."""
    if connection.vendor == "sqlite":
        shutil.copy(migrated_file, tmp_path)
        yield f"sqlite:///{tmp_path / migrated_file.name}"
        return
    url = as_url(connection.settings_dict)
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
