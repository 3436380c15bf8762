import shutil

import pytest

from tests.thaw.places import Place


@pytest.fixture
def place(tmp_path):
    """A fresh checkout's var/, with nothing in it."""
    return Place(tmp_path / "var")


@pytest.fixture
def migrated_place(migrated_file, place):
    """A var/ with an empty database in it."""
    place.var.mkdir()
    shutil.copy(migrated_file, place.var)
    return place
