"""Every command in the pages, run as it stands; what cannot be is listed here with its reason."""

import fcntl
import os
import shutil
from collections import defaultdict

import pytest

from tests.docs.pages import PAGES, ROOT, SHELL, blocks, runs
from tests.docs.reader import Reader

BLOCKS = [block for page in PAGES if page.exists() for block in blocks(page)]
WITH_COMMANDS = sorted({block.page for block in BLOCKS if runs(block)})
NOT_RUN = {
    "README.md": ["they serve and test until they are done; .ci/run runs both"],
    "CONTRIBUTING.md": ["they serve, test and measure; .ci/run runs them"],
    "tour.md": ["it serves until Ctrl-C; .ci/run runs it in a fresh clone"],
    "operations.md": [
        "it takes root",
        "tests/operations runs it with an environment of production",
        "it takes root",
        "it asks for a password",
        "it takes root",
        "tests/operations runs it on a database that may be lost",
        "tests/operations runs it on a database that may be lost",
        "it takes root",
    ],
    "forges.md": ["it asks a forge about a repository of yours"],
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    reader = Reader(tmp_path_factory.mktemp("reader"))
    yield reader
    reader.end()


@pytest.fixture(scope="module")
def demo(reader, tmp_path_factory):
    """The demo, loaded once for all processes that run these tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "demo").exists():
            reader.load(shared / "demo")
    return shared / "demo"


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl is installed")
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_print_what_it_shows(page, reader, demo):
    done = reader.read(page, demo=demo)
    told = [f"$ {one.command.typed}\n{one.printed}[{one.status}]" for one in done]
    for one, following, words in zip(done, [*done[1:], None], told, strict=True):
        asked = following is not None and following.command.typed == "echo $?"
        assert one.status == 0 or asked, f"It failed, and the page does not say so:\n{words}"
        assert one.as_shown, f"The page shows something else:\n{words}"


def test_few_commands_cannot_be_run_and_each_says_why():
    found = defaultdict(list)
    for block in BLOCKS:
        if block.language in SHELL and block.not_run:
            found[block.page.name].append(block.not_run)
    assert found == NOT_RUN
