import shutil

import pytest

from tests.thaw.places import Place


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A password is hashed a million times, to be slow: not for logins made by the dozen."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def place(tmp_path):
    """A fresh checkout's var/, with nothing in it."""
    return Place(tmp_path / "var")


@pytest.fixture(scope="session")
def migrated_var(tmp_path_factory):
    var = tmp_path_factory.mktemp("migrated")
    process = Place(var).manage("migrate", "--verbosity", "0")
    assert process.returncode == 0, process.stderr
    return var


@pytest.fixture
def migrated_place(migrated_var, place):
    """A var/ with an empty database in it."""
    shutil.copytree(migrated_var, place.var)
    return place
