"""What docs/security.md says stands against each threat is there, and so are the tests it names."""

import ast
import re
from itertools import pairwise

import pytest

from tests.docs.pages import DOCS, READ, ROOT

PAGE = DOCS / "security.md"
NAMED = re.compile(r"tests/[\w/]+\.py::\w+")
FILE = re.compile(r"(?:thaw|meetings|governance|releases|deploy)/[\w./-]+")
SETTING = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def threats():
    """Each row of the tables of threats: what, how, shown by."""
    heads, cells = [], []
    tokens = READ.parse(PAGE.read_text(encoding="utf-8"))
    for token, inline in pairwise(tokens):
        if token.type == "th_open":
            heads.append(inline.content)
        elif token.type == "td_open":
            cells.append(inline.content)
        elif token.type == "tr_close" and cells:
            if heads[0] == "what could happen":
                yield tuple(cells)
            cells = []
        elif token.type == "table_close":
            heads = []


THREATS = list(threats())


def functions_of(path):
    return {
        node.name
        for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def is_there(name):
    path, _, test = name.partition("::")
    return (ROOT / path).is_file() and test.startswith("test_") and test in functions_of(path)


def test_the_page_goes_through_all_threats():
    assert len(THREATS) > 40
    assert {len(row) for row in THREATS} == {3}


@pytest.mark.parametrize("threat", THREATS, ids=lambda row: row[0][:40])
def test_each_threat_is_shown_to_be_met_by_tests_that_there_are(threat):
    named = NAMED.findall(threat[2])
    assert named
    assert [name for name in named if not is_there(name)] == []
    assert set(NAMED.sub("", threat[2])) <= set("`; ")


def test_files_and_settings_that_the_page_names_exist():
    names = set(re.findall(r"`([^`]+)`", PAGE.read_text(encoding="utf-8")))
    files = {name for name in names if FILE.fullmatch(name)}
    assert len(files) > 10
    assert [name for name in files if not (ROOT / name).exists()] == []
    read = (ROOT / "thaw/settings.py").read_text() + (ROOT / ".env.example").read_text()
    settings = {name for name in names if SETTING.fullmatch(name)}
    assert len(settings) > 10
    assert [name for name in settings if name not in read] == []
