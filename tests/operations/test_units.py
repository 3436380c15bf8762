"""The systemd units: what systemd says of them, and that what they name is there."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.operations.units import DEPLOY, HERE, INSTALLED, command, unit
from tests.thaw.places import READ, ROOT
from tests.thaw.test_metrics import TOKEN

SERVICES = ["thaw-web.service", "thaw-worker@.service", "thaw-beat.service"]
MOST_EXPOSED = 15  # of 100, as systemd counts it; a unit without any of it has 96
FOREIGN = {"PATH", "PYTHON", "PYTHONUNBUFFERED"}  # read by others than Thaw
FOREIGN |= {"SIGTERM", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "PASSWORD"}

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze is installed"
)


@pytest.fixture
def installed(tmp_path):
    """The units as they stand in /etc/systemd/system, with their programs where ours are."""
    folder = tmp_path / "system"
    shutil.copytree(DEPLOY / "systemd", folder)
    for file in folder.rglob("*.*"):
        if file.is_file():
            words = file.read_text().replace(f"{INSTALLED}/.venv/bin/", HERE)
            file.write_text(words.replace("%i", "1"))
    (folder / "thaw-worker@.service").rename(folder / "thaw-worker1.service")
    return folder


def analyze(folder, *arguments):
    return subprocess.run(
        ["systemd-analyze", *arguments],
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@needs_systemd
def test_systemd_finds_nothing_wrong_with_them(installed):
    units = [str(file) for file in installed.iterdir() if file.is_file()]
    assert len(units) == 4
    done = analyze(installed, "verify", *units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", ["thaw-web", "thaw-worker1", "thaw-beat"])
def test_systemd_calls_them_well_shut_in(name, installed):
    file = str(installed / f"{name}.service")
    done = analyze(installed, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", file)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_unit_starts_is_there_and_knows_its_options(name):
    program, *words = command(name)
    assert Path(program).is_file()
    if words[:2] == ["-m", "thaw.web"]:
        assert importlib.util.find_spec(words[2])
        words = [*words, "--check-config"]
    else:
        words.append("--help")
    done = subprocess.run(
        [program, *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "THAW_VAR": "/tmp/thaw-units", "SECRET_KEY": "k" * 60},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_who_is_told_to_stop_all_stops_the_socket_that_would_start_it_again():
    told = (ROOT / "docs" / "operations.md").read_text()
    (stopped,) = re.findall(r"(?m)^# systemctl stop (.+)$", told)
    (started,) = re.findall(r"(?m)^# systemctl enable --now (.+)$", told)
    assert stopped == started
    assert set(stopped.split()) >= {"thaw-web.socket", "thaw-web", "thaw-beat"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_restarts_alone(name):
    common = unit("thaw-.service.d/common.conf")
    assert common["Service"]["Restart"] == "always"
    tied = {"PartOf", "BindsTo", "Requisite"} | ({"Requires"} if "web" not in name else set())
    assert tied.isdisjoint(unit(name)["Unit"])


def test_there_is_more_time_to_stop_than_what_is_under_way_may_take():
    seconds = {name: int(unit(name)["Service"]["TimeoutStopSec"]) for name in SERVICES}
    graceful = re.search(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    assert graceful is not None
    assert seconds["thaw-web.service"] > int(graceful[1])
    compose = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())["services"]
    grace = {name: compose[name]["stop_grace_period"] for name in ("web", "worker", "beat")}
    assert list(grace.values()) == [f"{value}s" for value in seconds.values()]


def test_whatever_is_asked_for_is_asked_for_at_one_port():
    (address,) = unit("thaw-web.socket")["Socket"].values()
    compose = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())["services"]
    assert f"server {address};" in (DEPLOY / "nginx" / "thaw.conf").read_text()
    assert compose["web"]["ports"] == [f"{address}:8000"]
    assert "0.0.0.0:8000" in (DEPLOY / "container" / "Dockerfile").read_text()


def test_every_setting_that_is_named_there_is_one():
    told = [file.read_text() for file in DEPLOY.rglob("*") if file.is_file()]
    told.append((ROOT / "docs" / "operations.md").read_text())
    named = set(re.findall(r"(?<![\w$.{-])([A-Z][A-Z_]{3,})(?==|: )", "\n".join(told)))
    assert {"BEHIND_PROXY", "THAW_VAR", "DATABASE_URL"} <= named
    assert named - set(READ) - FOREIGN == set()


def settings_told(path, after):
    """What a page lists as NAME=value; commented out or not, with the words behind it."""
    words = (ROOT / path).read_text().partition(after)[2].partition("```\n")[0]
    lines = [line.strip().removeprefix("# ") for line in words.splitlines()]
    return [line for line in lines if re.match(r"[A-Z_]+=", line)]


@pytest.mark.parametrize(
    ("path", "after"),
    [
        (".env.example", "# Everything"),
        ("docs/operations.md", "```ini\n"),
        ("docs/sign-in.md", "```ini\n"),
    ],
)
def test_what_is_to_be_set_is_told_as_a_shell_systemd_and_thaw_read_it(path, after, tmp_path):
    told = settings_told(path, after)
    assert len(told) > 5
    file = tmp_path / "environment"
    file.write_text("\n".join(told))
    script = 'set -aeu; . "$1"; exec env -0'
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(file)], env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    read = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    expected = {}
    for line in told:
        name, _, value = line.partition("=")
        expected[name] = value[1:-1] if value[:1] in {'"', "'"} else value
    assert expected.items() <= read.items()
    plain = [line for line in told if line.partition("=")[2][:1] not in {'"', "'"}]
    assert [line for line in plain if " " in line] == []


def test_the_metrics_that_are_to_be_watched_are_told(client, db, settings):
    settings.METRICS_TOKEN = TOKEN
    told = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    watched = set(re.findall(r"`(thaw_\w+)", (ROOT / "docs" / "operations.md").read_text()))
    assert len(watched) > 8
    only_with_rows = {"thaw_last_import_timestamp_seconds"}
    there = set(re.findall(r"(?m)^# TYPE (thaw_\w+)", told))
    assert watched - there - only_with_rows == set()
