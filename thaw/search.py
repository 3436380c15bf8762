"""Search over every floor: lines, items, decisions, exceptions, proposals and people."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.models import ExceptionRequest
from releases.listing import PAGE, Choice, Filter, Filters, Page, page_of, page_with
from releases.prepared import together
from thaw import finding, hits
from thaw.hits import Hit
from thaw.questions import Question, read

NOTHING_MORE: AbstractContextManager[None] = nullcontext()
FEW = 8  # of each kind, where all kinds are shown
SECONDS = 2.0  # that the database may take for one statement
# What an index finds is few and mostly in memory: the planner is told so, compiles no short query
# and starts no process for it, and plans each for its own words, be they rare or common.
_FOR_SEARCH = (
    "SELECT set_config('statement_timeout', %s, true), set_config('random_page_cost', '1.1', true),"
    " set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
GROUPS = {
    "lines": "Lines of meetings",
    "items": "Put on record in meetings",
    "decisions": "Decisions",
    "exceptions": "Exceptions",
    "proposals": "Proposals",
    "people": "People",
}
GROUP = Filter(
    "what",
    "Only",
    tuple(
        Choice(value, label, f"only {label[0].lower()}{label[1:]}")
        for value, label in GROUPS.items()
    ),
    is_linked=True,
)


class TooSlow(Exception):
    """The database did not answer in the time that a search may take."""


class Found(NamedTuple):
    """What was found of one kind, and the address of the rest of it."""

    name: str
    title: str
    hits: list[Hit]
    more: str


SHOWN: dict[str, Callable[..., Hit]] = {
    "lines": hits.line_hit,
    "items": hits.item_hit,
    "decisions": hits.decision_hit,
    "exceptions": hits.exception_hit,
    "proposals": hits.proposal_hit,
    "people": hits.person_hit,
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found of each kind, the newest first; `what` shows one kind, page by page."""
    filters = Filters.of(request.GET, [GROUP])
    asked = read(filters.words)
    only = filters.value("what")
    found: list[Found] = []
    is_all = True
    if asked:
        if not only and not asked.narrows:
            found, is_all = _within_limits(_overview(asked, filters), together())
        if only or asked.narrows or not is_all:  # if one of those asked together fails, all do
            found, is_all = _within_limits(_one_by_one(asked, filters, request))
    if not is_all:
        asked.problems.append(
            f"Not everything was searched: it takes longer than {SECONDS:g} seconds. Add a"
            " rarer word, or say from:, in:, after: or before:."
        )
    context = {
        "filters": filters,
        "asked": asked,
        "found": found,
        "groups": GROUPS,
        "only": only,
        "named": ExceptionRequest.objects.referenced(filters.words.strip()).first(),
    }
    return render(request, "search.html", context)


def _within_limits(
    groups: Iterator[Found], asking: AbstractContextManager[None] = NOTHING_MORE
) -> tuple[list[Found], bool]:
    """What is found, and whether that is all: what came before something slow stays."""
    found: list[Found] = []
    try:
        with _no_longer_than(SECONDS, asking):
            for group in groups:
                found.append(group)  # noqa: PERF402 as said
    except TooSlow:
        return found, False
    return found, True


def _overview(asked: Question, filters: Filters) -> Iterator[Found]:
    """The newest of each kind that have some words: all kinds are asked at once, and then read."""
    now = timezone.now()
    titled = finding.titles(asked)
    others = [name for name in SHOWN if name != "decisions"]
    rows = {name: finding.newest(name, asked, size=FEW) for name in others}
    asked.titled = titled()
    rows["decisions"] = finding.newest("decisions", asked, size=FEW)
    for name in SHOWN:
        page = page_with(rows[name](), filters, order=finding.KINDS[name].order, size=FEW)
        if page.rows:
            more = filters.following("what", name) if page.next else ""
            yield Found(name, GROUPS[name], _hits(name, page, asked, now), more)


def _one_by_one(asked: Question, filters: Filters, request: HttpRequest) -> Iterator[Found]:
    """One kind page by page, or of each kind the newest, whatever was asked beside words."""
    now, only = timezone.now(), filters.value("what")
    for name in [only] if only else SHOWN:
        if name == "decisions":
            asked.titled = finding.titles(asked)()
        kind = finding.KINDS[name]
        listed = kind.asked(asked)
        if listed is None:
            continue
        size = PAGE if only else FEW
        page = page_of(listed, request.GET, filters, order=kind.order, size=size, told=kind.told)
        if page.rows or only:
            more = page.next if only or not page.next else filters.following("what", name)
            yield Found(name, GROUPS[name], _hits(name, page, asked, now), more)


def _hits(name: str, page: Page, asked: Question, now: datetime) -> list[Hit]:
    return [SHOWN[name](row, asked, now) for row in page.rows]


@contextmanager
def _no_longer_than(seconds: float, asking: AbstractContextManager[None]) -> Iterator[None]:
    """Let no statement within take longer. Raises TooSlow."""
    try:
        if connection.vendor == "sqlite":
            with _interrupted_after(seconds):
                yield
        else:
            with transaction.atomic(), asking:
                with connection.cursor() as cursor:
                    limit = str(timedelta(seconds=seconds) // timedelta(milliseconds=1))
                    cursor.execute(_FOR_SEARCH, [limit])
                yield
    except OperationalError as error:
        words = str(error)
        if "interrupted" in words or "statement timeout" in words:
            raise TooSlow from error
        raise


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    database = connection.connection
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > end, 20_000)
    try:
        yield
    finally:
        database.set_progress_handler(None, 0)
