"""The pages that people read, and the commands in them.

A fence of `console` holds commands behind `$ ` and what they print; a fence of `sh` is a script.
One that cannot be run as it stands says why behind its language: `not-run="it needs root"`.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted(DOCS.glob("decisions/*.md")),
]
SHELL = {"console", "sh"}
PROMPT = "$ "
HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")
NOT_RUN = re.compile(r'not-run="([^"]+)"')
READ = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A block of code: `line` is its first in the page, `info` what stands behind the fence."""

    page: Path
    line: int
    fenced: bool
    info: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def language(self) -> str:
        return self.info.partition(" ")[0]

    @property
    def not_run(self) -> str:
        """Why it cannot be run as it stands, if it cannot."""
        found = NOT_RUN.search(self.info)
        return found[1] if found else ""


@dataclass(frozen=True)
class Command:
    """What is typed, and what the page shows of its output; None where it shows nothing."""

    typed: str
    shown: str | None


def blocks(page: Path) -> Iterator[Block]:
    for token in READ.parse(page.read_text(encoding="utf-8")):
        if token.type in {"fence", "code_block"} and token.map is not None:
            fenced = token.type == "fence"
            yield Block(page, token.map[0] + 1 + fenced, fenced, token.info.strip(), token.content)


def runs(block: Block) -> bool:
    return block.language in SHELL and not block.not_run


def commands(block: Block) -> list[Command]:
    if block.language == "sh":
        return [Command(block.text.rstrip("\n"), None)]
    found: list[Command] = []
    typed, shown = "", ""
    for line in block.text.splitlines():
        if typed and not _is_whole(typed):
            typed += "\n" + line
        elif line.startswith(PROMPT):
            if typed:
                found.append(Command(typed, shown or None))
            typed, shown = line.removeprefix(PROMPT), ""
        else:
            assert typed, f"{block.where}: what is shown comes behind a command"
            shown += line + "\n"
    return [*found, Command(typed, shown or None)]


def _is_whole(typed: str) -> bool:
    """Whether the shell would run it now, or wait for more."""
    ends = HEREDOC.search(typed)
    if ends:
        return typed.splitlines()[-1] == ends[1]
    try:
        shlex.split(typed)
    except ValueError:
        return False
    return not typed.endswith("\\")
