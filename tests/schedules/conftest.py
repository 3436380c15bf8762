import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command

from releases import schedules
from releases.schedules.kubernetes_exceptions import read as read_list

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "schedules"


class Run(NamedTuple):
    status: int
    out: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def run(capsys):
    """Run a command; its exit status and what it printed."""

    def run(*arguments):
        try:
            call_command(*map(str, arguments))
            status = 0
        except SystemExit as ended:
            status = ended.code
        except CommandError as error:
            return Run(error.returncode, str(error))
        return Run(status, capsys.readouterr().out)

    return run


@pytest.fixture(scope="session")
def corpus():
    """The schedules of communities, beside the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"the texts beside the project are not at {CORPUS}")
    return CORPUS


@pytest.fixture(scope="session")
def published(corpus):
    """Read a schedule by its folder: `published("kubernetes/1.30")`."""

    def published(folder, *, file="", year=None):
        name = file or ("schedule.yaml" if "openstack" in folder else "README.md")
        path = corpus / folder / name
        prose = path.with_name("schedule.rst")
        hints = schedules.Hints(prose=prose.read_text() if prose.is_file() else "", year=year)
        return schedules.read(path.read_text(), hints=hints)

    return published


@pytest.fixture(scope="session")
def listed(corpus):
    """Read a list of exceptions: `listed("1.20")`."""
    return lambda version: read_list(
        (corpus / "kubernetes" / version / "exceptions.yaml").read_text()
    )
