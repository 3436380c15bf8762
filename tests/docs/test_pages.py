"""What the pages name is there: files, headings, commands, options, pictures."""

import re
from functools import cache

import pytest
from django.core.management import get_commands, load_command_class
from markdown_it import MarkdownIt

from tests.docs.pages import DOCS, PAGES, ROOT, SHELL, blocks

OUTSIDE = [page for page in PAGES if page.parent == ROOT]  # Sphinx checks the links of the others
LANGUAGES = SHELL | {"ini", "json", "nginx", "python", "text", "yaml", "xml"}
MANAGE = re.compile(r"manage\.py ([a-z_]+)([^`\n|]*)")
MAKE = re.compile(r"`make ([a-z]+)")
OPTION = re.compile(r"--[a-z][a-z-]+")
LARGEST_PICTURE = 150_000  # bytes


def named(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_code_stands_in_fences_that_say_their_language(page):
    strange = [
        block.where for block in blocks(page) if not block.fenced or not _is_known(block.language)
    ]
    assert strange == []


def _is_known(language):
    return language in LANGUAGES or language.startswith("{")  # a directive of the site


@pytest.mark.parametrize("page", OUTSIDE, ids=named)
def test_links_and_pictures_lead_to_files_and_headings(page):
    broken = [link for link in links(page) if not _is_there(page, link)]
    assert broken == []


def links(page):
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    children = [child for token in tokens for child in token.children or []]
    found = [child.attrs.get("href") or child.attrs.get("src") for child in children]
    return [link for link in found if link and "://" not in link]


def _is_there(page, link):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@cache
def anchors(page):
    """The anchors of a page's headings, as the forges make them."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", words.lower()).replace(" ", "-") for words in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_and_options_that_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    unknown = [
        f"{command} {option}"
        for command, rest in MANAGE.findall(text)
        for option in ["", *OPTION.findall(rest)]
        if not _is_understood(command, option)
    ]
    assert unknown == []
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text())
    assert set(MAKE.findall(text)) <= set(targets)


def _is_understood(command, option):
    app = get_commands().get(command)
    if app is None:
        return False
    known = load_command_class(app, command) if isinstance(app, str) else app
    help_text = known.create_parser("manage.py", command).format_help()
    return not option or option in OPTION.findall(help_text)


def test_every_picture_is_shown_somewhere_and_small():
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = set((DOCS / "pictures").iterdir())
    assert pictures <= shown
    assert [one.name for one in pictures if one.stat().st_size > LARGEST_PICTURE] == []


def test_the_readme_shows_three_pictures():
    assert len([link for link in links(ROOT / "README.md") if link.endswith(".webp")]) == 3


def test_every_decision_has_a_number_of_its_own_that_its_title_carries():
    records = sorted((DOCS / "decisions").glob("0*.md"))
    titles = [record.read_text(encoding="utf-8").splitlines()[0] for record in records]
    numbers = [int(record.name[:4]) for record in records]
    assert [int(title.removeprefix("# ").partition(".")[0]) for title in titles] == numbers
    assert len(set(numbers)) == len(numbers)
