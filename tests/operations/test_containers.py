"""The image has all that Thaw needs, and the compose file names only what there is."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.operations.units import DEPLOY, HERE, command
from tests.thaw.places import PRODUCTION, ROOT, SERVICES

CONTAINER = DEPLOY / "container"
PROCESSES = {"web": "thaw-web", "worker": "thaw-worker@", "beat": "thaw-beat"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((CONTAINER / "compose.yaml").read_text())


def instructions(word):
    """What follows each of these words in the Dockerfile."""
    return re.findall(rf"(?m)^{word} (.+)$", (CONTAINER / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What the build copies, where nothing else of the checkout is."""
    folder = tmp_path_factory.mktemp("image")
    for copied in instructions("COPY"):
        *sources, target = copied.split()
        if sources[0].startswith("--from"):
            continue
        for source in sources:
            assert f"!{source}" in (CONTAINER / "Dockerfile.dockerignore").read_text().split()
            found = ROOT / source
            if found.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(found, folder / target, ignore=ignored)
            else:
                shutil.copy(found, folder / target)
    return folder


def run_in(image, words, **environment):
    python = [sys.executable, *words[1:]]
    paths = {"PATH": f"{HERE}:/usr/bin:/bin", "THAW_VAR": str(image / "var")}
    return subprocess.run(
        python,
        cwd=image,
        env=paths | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_the_image_holds_passes_the_deployment_check_and_finds_its_files(image):
    (collect,) = [told for told in instructions("RUN") if "collectstatic" in told]
    words = shlex.split(collect)
    settings = dict(word.split("=", 1) for word in words if "=" in word.split(".")[0])
    words = words[len(settings) :]
    assert words[0] == ".venv/bin/python"
    done = run_in(image, [*words, "--dry-run"], **settings | {"THAW_VAR": str(image / "var")})
    assert done.returncode == 0, done.stderr
    assert "static files copied" in done.stdout
    checked = run_in(
        image,
        ["", "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        **PRODUCTION,
        **SERVICES,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_image_starts_what_the_unit_starts():
    (cmd,) = instructions("CMD")
    program, *words = yaml.safe_load(cmd)
    of_unit = command("thaw-web.service")
    assert [program, *[word for word in words if word not in {"--bind", "0.0.0.0:8000"}]] == [
        Path(of_unit[0]).name,
        *of_unit[1:],
    ]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_container_starts_what_the_unit_starts(name, compose):
    program, *words = command(f"{PROCESSES[name]}.service")
    of_unit = [Path(program).name, *words]
    if "--hostname" in of_unit:
        del of_unit[of_unit.index("--hostname") :]  # containers have names of their own
    assert compose["services"][name]["command"] == of_unit


def test_whatever_the_compose_file_names_is_there(compose):
    services = compose["services"]
    assert set(services) == {"database", "broker", "migrate", *PROCESSES}
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert volumes <= set(compose["volumes"]), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        for needed, told in service.get("depends_on", {}).items():
            if told["condition"] == "service_healthy":
                assert "healthcheck" in services[needed], needed
    build = services["migrate"]["build"]
    assert (CONTAINER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
    for name in PROCESSES:
        assert services[name]["image"] == services["migrate"]["image"]
        assert services[name]["read_only"]


def test_nobody_serves_before_the_database_is_migrated(compose):
    for name in PROCESSES:
        migrated = compose["services"][name]["depends_on"]["migrate"]
        assert migrated == {"condition": "service_completed_successfully"}
    assert compose["services"]["migrate"]["restart"] == "no"


def has_compose():
    docker = shutil.which("docker")
    found = docker and subprocess.run(
        [docker, "compose", "version"], capture_output=True, check=False
    )
    return bool(found) and found.returncode == 0


@pytest.mark.skipif(not has_compose(), reason="no docker compose is installed")
def test_compose_finds_nothing_wrong_with_it(tmp_path):
    shutil.copy(CONTAINER / "compose.yaml", tmp_path)
    (tmp_path / "thaw.env").touch()
    (tmp_path / "password.txt").touch()
    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
