import shutil

import pytest
from django.db import connection

from tests.chaos.colony import Colony


@pytest.fixture(scope="package")
def mortals(request, tmp_path_factory, django_db_setup):
    """Mortals on the tests' own database; where that lives in memory, on one in a file."""
    var = tmp_path_factory.mktemp("colony")
    if connection.vendor == "postgresql":
        colony = Colony(var, as_url(connection.settings_dict))
    else:
        file = shutil.copy(request.getfixturevalue("migrated_file"), var)
        colony = Colony(var, f"sqlite:///{file}")
    yield colony
    colony.end()


@pytest.fixture
def colony(mortals, transactional_db, emptied_ledger):
    connection.close()  # what is empty now is emptied again afterwards; meanwhile nobody is here
    return mortals


def as_url(told):
    who = f"{told['USER']}:{told['PASSWORD']}@".replace(":@", "@").lstrip("@")
    return f"postgres://{who}{told['HOST']}:{told['PORT'] or 5432}/{told['NAME']}"
