import gc
import os

import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase, override_settings

from tests.governance.unguarded import tamper
from tests.machine import FOUND, MISSING, required
from tests.tables import empty_tables, make_file

ON_A_DATABASE = {"db", "transactional_db", "live_server", "emptied_ledger"}
LONGEST = ["browser", "chaos"]
ONCE = ["once", "browser"]
# No test, and no process of one, waits until PostgreSQL has written to the disk: others see what
# is committed at once, and no test takes the server's power away.
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")


def pytest_collection_modifyitems(config, items):
    """The second round, on PostgreSQL, runs what touches a database; the rest has run."""
    # What takes longest begins, so that at the end no worker waits for the other; and the tests in
    # the browser are neighbours, so that most of them share one.
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in LONGEST])
    if connection.vendor != "postgresql":
        return
    chosen, left = [], []
    for item in items:
        (chosen if _concerns_the_database(item) else left).append(item)
    items[:] = chosen
    config.hook.pytest_deselected(items=left)


def pytest_collection_finish():
    """Thousands of tests stay until the end: nothing looks through them again for garbage."""
    gc.collect()
    gc.freeze()


def _concerns_the_database(item):
    if any(map(item.get_closest_marker, ONCE)):
        return False
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgresql")
    return bool(marked or ON_A_DATABASE.intersection(item.fixturenames))


def pytest_runtest_setup(item):
    """What needs a service is skipped with its reason where there is none, or fails in CI."""
    for name, find in FOUND.items():
        if item.get_closest_marker(name) and find() is None:
            (pytest.fail if required() else pytest.skip)(MISSING[name])
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("runs in the suite's second round, on PostgreSQL")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """TEST_DATABASE_TEMPLATE names what the tests' databases are copies of: see `collated`."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("TEST_DATABASE_TEMPLATE")


@pytest.fixture(scope="session", autouse=True)
def emptied_tables():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    """A password is hashed a million times, to be slow: not for logins made by the dozen."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Begun when the database in memory is there, to share its connection and open no other."""
    return live_server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory, django_db_setup, django_db_blocker):
    """A SQLite file with tables and no records, to be copied for processes of their own."""
    path = tmp_path_factory.mktemp("migrated") / "thaw.sqlite3"
    with django_db_blocker.unblock():
        make_file(path)
    return path


@pytest.fixture
def emptied_ledger(transactional_db):
    """For tests that commit decisions: takes them away again.

    Django empties the tables after a test with real transactions, and the ledger refuses that
    while it holds a row. So its guards are taken down here for one DELETE.
    """
    yield
    apps.get_model("meetings", "Suggestion").objects.all().delete()  # they name decisions
    tamper("DELETE FROM governance_decision")
