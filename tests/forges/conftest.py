import pytest

from tests.forges.server import serving


@pytest.fixture
def forge():
    """A server that answers as a forge would; see `tests/forges/server.py`."""
    with serving() as forge:
        yield forge
