"""The labels that precision and recall are measured by: whole, and about lines that are there."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LABELS = ROOT / "tests" / "data" / "labels"
BESIDE = ROOT.parent / "shared"
FILES = sorted(LABELS.glob("*.json"))
TARGET = re.compile(
    r"(?:proposal:(?:launchpad:\d+|gerrit:[\w.]+/\d+|github:[\w-]+/[\w-]+#\d+)|bug:launchpad:\d+"
    r"|release:[a-z0-9.-]+|milestone:[a-z0-9.-]+/[a-z0-9-]+)"
)
KEYS = {"log", "links", "names_in_passing", "suggestions", "actions", "counts"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_of_labels_has_its_shape(path):
    labels = json.loads(path.read_text())
    assert set(labels) == KEYS
    links = [(link["line"], link["target"]) for link in labels["links"]]
    assert len(links) == len(set(links))
    targets = [
        one["target"]
        for kind in ("links", "names_in_passing", "suggestions")
        for one in labels[kind]
    ]
    assert [target for target in targets if not TARGET.fullmatch(target)] == []
    assert {link["how"] for link in labels["links"]} <= {"url", "number", "name", "context"}


def test_the_seed_ten_logs_of_others_and_one_of_our_own_are_labelled():
    assert len(FILES) == 12


def log_of(labels):
    """Beside the project, or in it."""
    ours = labels["log"].startswith("tests/")
    return (ROOT if ours else BESIDE) / labels["log"]


@pytest.mark.corpus
@pytest.mark.skipif(not BESIDE.is_dir(), reason="the texts beside the project are not there")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_linked_by_address_or_number_is_on_its_line(path):
    labels = json.loads(path.read_text())
    lines = log_of(labels).read_text(errors="replace").splitlines()
    missing = [
        link
        for link in labels["links"]
        if link["how"] in {"url", "number"}
        and re.findall(r"\d+", link["target"])[-1] not in lines[link["line"] - 1]
    ]
    assert missing == []
