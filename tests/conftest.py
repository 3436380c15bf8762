import pytest
from django.db import connection

from tests.services import FOUND, MISSING, required


def pytest_runtest_setup(item):
    """What needs a service is skipped with its reason where there is none, or fails in CI."""
    for name, find in FOUND.items():
        if item.get_closest_marker(name) and find() is None:
            (pytest.fail if required() else pytest.skip)(MISSING[name])
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("runs in the suite's second round, on PostgreSQL")
