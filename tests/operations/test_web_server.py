"""What gunicorn.conf.py makes of a full disk, and of signals that nobody needs here."""

import logging
import os
import runpy
import sys
import tempfile
from types import SimpleNamespace

import pytest

from tests.thaw.places import ROOT

SHARED = "PROMETHEUS_MULTIPROC_DIR"


@pytest.fixture
def conf(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv(SHARED, raising=False)
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))


@pytest.fixture
def server():
    return SimpleNamespace(log=logging.getLogger("gunicorn.error"))


def test_without_a_folder_for_temporary_files_it_does_not_start_and_says_so(
    conf, server, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(SystemExit) as stopped:
        conf["on_starting"](server)
    assert str(stopped.value).startswith("There is no folder for temporary files that can be")
    assert "name one in TMPDIR." in str(stopped.value)


@pytest.mark.parametrize(("free", "shared"), [(1 << 19, False), (1 << 21, True)])
def test_a_process_counts_for_itself_where_there_is_no_room_to_count_together(
    free, shared, conf, server, monkeypatch, caplog, tmp_path
):
    """In a mapped file on a full disk the first count would be its end."""
    monkeypatch.setenv(SHARED, str(tmp_path))
    monkeypatch.setitem(
        conf["post_fork"].__globals__,
        "shutil",
        SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=free)),
    )
    conf["post_fork"](server, SimpleNamespace(pid=7))
    assert (SHARED in os.environ) == shared
    told = f"{tmp_path} has no room left: for /metrics process 7 counts for itself alone."
    assert [line.startswith(told) for line in caplog.messages] == [True] * (not shared)


@pytest.mark.parametrize(
    ("debug", "collected", "told"), [(False, False, 1), (False, True, 0), (True, False, 0)]
)
def test_it_says_as_it_starts_that_static_files_were_not_collected(
    debug, collected, told, conf, server, monkeypatch, caplog, tmp_path
):
    """Without them each page of production is a fault, and none of the checks of a host."""
    server.LISTENERS, server.cfg = [], SimpleNamespace(workers=1)
    for name, value in {"DEBUG": debug, "STATIC_ROOT": str(tmp_path)}.items():
        monkeypatch.setitem(conf["when_ready"].__globals__, name, value)
    if collected:
        (tmp_path / "staticfiles.json").touch()
    conf["when_ready"](server)
    found = [line for line in caplog.records if line.levelname == "ERROR"]
    assert len(found) == told
    sentence = (
        f"There is no {tmp_path}/staticfiles.json, and so no page: run manage.py collectstatic"
    )
    assert all(line.getMessage().startswith(sentence) for line in found)


def test_a_second_server_is_not_started_beside_the_first(conf, server, monkeypatch, caplog):
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit) as ended:
        conf["pre_exec"](server)
    assert ended.value.code == 0
    assert caplog.messages[0].startswith("SIGUSR2: no second web server is started")


def test_who_reloads_is_told_that_settings_and_code_stay(conf, server, caplog):
    conf["on_reload"](server)
    assert caplog.messages[0].startswith("SIGHUP: processes are new, settings and code are not")
