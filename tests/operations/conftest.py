import os
import shutil
import subprocess
from contextlib import closing

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.chaos.conftest import as_url
from tests.thaw.conftest import migrated_place, place

__all__ = ["migrated_place", "place"]


@pytest.fixture
def database_of_its_own(transactional_db, tmp_path, request):
    """The URL of a migrated database without a row, which others may drop and make anew."""
    if connection.vendor == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path)
        yield f"sqlite:///{file}"
        return
    url = as_url(connection.settings_dict)
    name = f"thaw_drill_{os.getpid()}"
    server = url.rpartition("/")[0]
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            # Not as its template: another test's process may still be leaving what is copied.
            told = ["pg_dump", "--no-owner", url]
            copied = subprocess.run(told, check=True, capture_output=True).stdout
            told = ["psql", "--quiet", "--set=ON_ERROR_STOP=1", f"{server}/{name}"]
            subprocess.run(told, input=copied, check=True, capture_output=True)
            yield f"{server}/{name}"
        finally:
            admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
