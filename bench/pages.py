"""Pages over 100,000 exceptions, 300,000 proposals and five million lines on PostgreSQL, and a
first visit's weight.

Each is compared with a bare view: one indexed query, and a template that writes as many bytes,
three variables in each line of some 140 bytes, which is about as many of them as ours have. The
tiny bare view writes one such line.
`python -m bench.pages`, in the environment of a `Checkout`, measures and prints JSON.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import django

from bench.checkout import Checkout
from bench.governance import FILL
from bench.measuring import Comparison, Work, compare, in_turn
from bench.postgresql import NoPostgreSQL, scratch_database
from bench.table import Row, row_of_amount, row_of_times
from bench.transcripts import LONG, fill

EXCEPTIONS, PROPOSALS = 100_000, 300_000
ROUNDS, REPEAT = 7, 20
LARGE = 100_000  # bytes of a page that is served less often
STANDING = 10  # a number that ends in one of an exception that stands
PAGES = {
    "/": "/",
    "/check/": f"/check/?q=b{EXCEPTIONS - STANDING}",
    "an exception": f"/exceptions/FFE-{EXCEPTIONS - STANDING}/",
    "a release": "/releases/cactus/",
    "exceptions": "/exceptions/",
    "exceptions that stand": "/exceptions/?status=standing&release=cactus",
    "proposals": "/proposals/?status=in-review",
    "a proposal": f"/proposals/launchpad:{EXCEPTIONS - STANDING}/",
    "decisions": "/decisions/?release=cactus",
    "a meeting of 2,000 lines": "/meetings/m.2/",
    "search, lines": "/search/?what=lines&q=needle",
    "search, every kind": "/search/?q=needle",
}
# By the limits that the project set itself.
JUDGED = ("/", "/check/", "an exception", "a meeting of 2,000 lines")
JUDGED += ("search, lines", "search, every kind")
WINDOW = f"/meetings/m.1/?line={LONG // 2}"  # of a log of 100,000 lines
MORE_PROPOSALS = """
INSERT INTO releases_mergeproposal
    (id, forge, key, url, title, branch, author_id, project_id, release_id, change_kind, state)
SELECT i, 'launchpad', i::text, 'https://code.launchpad.net/~p/nova/b' || i || '/+merge/' || i,
    'Change ' || i, '~p/nova/b' || i, 1 + i %% %(people)s, 1 + i %% %(projects)s, 1, 'feature',
    'open'
FROM generate_series(%(exceptions)s + 1, %(proposals)s) i
"""

# A tenth of the exceptions that stand end with the release.
BOUND = """
UPDATE governance_exceptionrequest SET expires_at = NULL, expires_with_id = 2
WHERE status = 'granted' AND id % 50 = 1
"""
SEARCHES = {"a rare word": "needle", "a phrase": '"word7 ends"', "a common word": "freeze"}


def rows() -> Iterator[Row]:
    try:
        with scratch_database() as url, TemporaryDirectory(prefix="thaw-bench-") as name:
            measured = Checkout(Path(name), database_url=url, debug=False).answer(__spec__.name)
    except NoPostgreSQL as absent:
        yield Row("pages", skipped=str(absent))
        return
    seconds, queries = measured["seconds"], measured["queries"]
    for page in PAGES:
        limit = 3 if page in JUDGED else 10
        yield _row(f"{page}", compare(seconds, page, f"bare {page}"), limit=limit)
        yield row_of_amount(f"{page}, queries", queries[page], "", limit=10)
    yield _row("a window into 100,000 lines", compare(seconds, "window", "tiny"), limit=60)
    yield row_of_amount("the window", measured["window bytes"] / 1e3, "kB", limit=300)
    for search in SEARCHES:
        name = f"search for {search}"
        yield _row(name, compare(seconds, name, f"bare {name}"), limit=10)
        yield row_of_amount(f"{name}, queries", queries[name], "", limit=10)
    weight = measured["weight"]
    yield row_of_amount("first visit, requests", weight["requests"], "", limit=4)
    yield row_of_amount("HTML and CSS, gzip", weight["text"] / 1e3, "kB", limit=60)
    yield row_of_amount("scripts, gzip", weight["scripts"] / 1e3, "kB", limit=20)


def _row(name: str, times: Comparison, *, limit: float) -> Row:
    row = row_of_times(name, times, limit=limit)
    return replace(row, ours=f"{times.ours * 1e3:.2f} ms", bare=f"{times.bare * 1e3:.2f} ms")


def fill_in() -> None:
    """All the records, into a database that is migrated and empty."""
    from django.db import connection  # noqa: PLC0415 Django is set up first
    from django.utils import timezone  # noqa: PLC0415 the same

    now = timezone.now()
    values = {"projects": 20, "people": 50, "exceptions": EXCEPTIONS, "proposals": PROPOSALS}
    *filling, vacuum = FILL
    with connection.cursor() as cursor:
        for statement in (*filling, MORE_PROPOSALS):
            cursor.execute(statement, values | {"now": now})
        cursor.execute(BOUND)
        cursor.execute(vacuum)
        fill(cursor, now=now)


def measure() -> dict[str, Any]:
    from django.conf import settings  # noqa: PLC0415 Django is set up first
    from django.db import connection  # noqa: PLC0415 the same
    from django.test import Client  # noqa: PLC0415 the same
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 the same

    # Nobody collected static files here: there is no folder and no manifest of them.
    settings.STATIC_ROOT = None
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    client = Client(SERVER_NAME="localhost")

    def served(url: str) -> bytes:
        answer = client.get(url, secure=True)
        assert answer.status_code == 200, (url, answer)
        return answer.content

    works, queries = {}, {}
    for page, url in PAGES.items():
        with CaptureQueriesContext(connection) as captured:
            html = served(url)
        queries[page] = len(captured)
        bare = _bare(f"bare/{len(works)}/", len(html))
        repeat = REPEAT if len(html) < LARGE else 2
        works[page] = Work(lambda url=url: served(url), repeat=repeat)
        works[f"bare {page}"] = Work(lambda bare=bare: served(bare), repeat=repeat)
    tiny = _bare("bare/tiny/", 0)
    works["window"] = Work(lambda: served(WINDOW), repeat=5)
    works["tiny"] = Work(lambda: served(tiny), repeat=REPEAT)
    for search, words in SEARCHES.items():
        name = f"search for {search}"
        url = f"/search/?{urlencode({'what': 'lines', 'q': words})}"
        with CaptureQueriesContext(connection) as captured:
            served(url)
        queries[name] = len(captured)
        works[name] = Work(lambda url=url: served(url), repeat=REPEAT)
        works[f"bare {name}"] = Work(lambda words=words: _find(words.strip('"')), repeat=REPEAT)
    seconds = in_turn(works, rounds=ROUNDS)
    return {
        "seconds": seconds,
        "queries": queries,
        "weight": _weight(served("/").decode()),
        "window bytes": len(served(WINDOW)),
    }


def _find(words: str) -> None:
    """The bare full-text query: the newest 50 lines that say so."""
    from django.db import connection  # noqa: PLC0415 Django is set up first

    from meetings.wording import AS_WORDS  # noqa: PLC0415 the same

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, meeting_id, at, nick, text FROM meetings_logline WHERE"
            f" {AS_WORDS.format('text')} @@ phraseto_tsquery('simple', %s)"
            " ORDER BY at DESC, id DESC LIMIT 50",
            [words],
        )
        assert cursor.fetchall()


def _bare(path: str, size: int) -> str:
    """The address of a view with one indexed query and a template that writes as many bytes."""
    from django.http import HttpRequest, HttpResponse  # noqa: PLC0415 Django is set up first
    from django.template import RequestContext, Template  # noqa: PLC0415 the same
    from django.urls import clear_url_caches  # noqa: PLC0415 the same
    from django.urls import path as route  # noqa: PLC0415 the same

    from releases.models import MergeProposal  # noqa: PLC0415 the same
    from thaw.urls import urlpatterns  # noqa: PLC0415 the same

    line = "<li><a href='{{ proposal.url }}'>{{ proposal.title }}</a> {{ number }}</li>\n"
    template = Template("{% for number in numbers %}" + line + "{% endfor %}")
    one = len("<li><a href=''></a> 100</li>\n") + len(
        f"https://code.launchpad.net/~p/nova/b{EXCEPTIONS}/+merge/{EXCEPTIONS}Change {EXCEPTIONS}"
    )

    def bare(request: HttpRequest) -> HttpResponse:
        proposal = MergeProposal.objects.get(pk=EXCEPTIONS)
        context = {"proposal": proposal, "numbers": range(max(size // one, 1))}
        return HttpResponse(template.render(RequestContext(request, context)))

    urlpatterns.insert(0, route(path, bare))
    clear_url_caches()
    return f"/{path}"


def _weight(html: str) -> dict[str, float]:
    """What a browser asks for to show the first page, and how much of it goes over the wire."""
    from django.contrib.staticfiles import finders  # noqa: PLC0415 Django is set up first

    def packed(text: bytes) -> int:
        return len(gzip.compress(text, 9))

    def asked_for(pattern: str) -> list[bytes]:
        found = [finders.find(name) for name in re.findall(pattern, html)]
        return [Path(str(path)).read_bytes() for path in found]

    scripts = asked_for(r'<script src="/static/([^"]+)"')
    styles = asked_for(r'<link rel="stylesheet" href="/static/([^"]+)"')
    return {
        "requests": 1 + len(scripts) + len(styles),
        "text": packed(html.encode()) + sum(map(packed, styles)),
        "scripts": sum(map(packed, scripts)),
    }


if __name__ == "__main__":
    django.setup()
    fill_in()
    print(json.dumps(measure()))
