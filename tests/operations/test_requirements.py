"""What is installed is what was looked at: each package by its version and its digests."""

import re

import pytest

from tests.thaw.places import ROOT

FILES = ["requirements.txt", "tests/requirements.txt", "docs/requirements.txt"]
INSTALLERS = ["Makefile", "deploy/container/Dockerfile"]


@pytest.mark.parametrize("name", FILES)
def test_each_package_has_one_version_and_digests(name):
    lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert len(packages) > 10
    loose = [
        line.split()[0]
        for line in packages
        if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert loose == []


@pytest.mark.parametrize("name", INSTALLERS)
def test_whatever_installs_them_asks_for_the_digests(name):
    installs = re.findall(r"pip install .*-r \S+", (ROOT / name).read_text())
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []
