"""The commands of docs/operations.md that are run nowhere else."""

import os

import pytest
from django.db import connection

from tests.operations.told import OPERATIONS, commands, run
from tests.thaw.places import PRODUCTION, SERVICES

RUN_BY_THE_RESTORE_DRILL = ["PostgreSQL", "SQLite"]
RUN_BY_THE_PAGES = ["Upgrade"]  # tests/docs
RUN_HERE = ["Install", "What is kept, and for how long"]

pytestmark = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="has a SQLite of its own: ran in the first round"
)


@pytest.mark.parametrize("heading", RUN_HERE)
def test_what_is_told_to_be_run_in_production_can_be(heading, migrated_place, tmp_path):
    ours = {
        "DATABASE_URL": f"sqlite:///{migrated_place.var}/thaw.sqlite3",
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    environment = migrated_place.environment(PRODUCTION | SERVICES | ours)
    for command in commands(heading):
        run(command, environment=environment)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root restores what is somebody else's")
def test_a_file_that_root_restores_belongs_to_whoever_has_its_folder(tmp_path):
    folder, somebody = tmp_path / "var", 4321
    folder.mkdir()
    os.chown(folder, somebody, somebody)
    (tmp_path / "thaw-backup.sqlite3").touch()
    environment = {"PATH": os.environ["PATH"], "THAW_VAR": str(folder)}
    for command in commands("SQLite"):
        if ".venv/bin/python" not in command:
            run(command, environment=environment, cwd=tmp_path)
    restored = (folder / "thaw.sqlite3").stat()
    assert (restored.st_uid, restored.st_gid) == (somebody, somebody)


def test_no_command_is_told_that_nobody_runs():
    told = OPERATIONS.read_text().count("\n$ ")
    headings = (*RUN_HERE, *RUN_BY_THE_PAGES, *RUN_BY_THE_RESTORE_DRILL)
    assert told == sum(len(commands(name)) for name in headings) > 8
