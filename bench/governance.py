"""Decisions: the gate, and the first pages of the lists, over 100,000 exceptions on PostgreSQL.

`python -m bench.governance`, in the environment of a `Checkout`, measures and prints JSON.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from bench.checkout import Checkout
from bench.measuring import Comparison, Work, compare, in_turn
from bench.postgresql import NoPostgreSQL, scratch_database
from bench.table import Row, row_of_amount, row_of_amounts, row_of_times

FEW, MANY = 100, 100_000  # exceptions
ROUNDS = 7
SIZES = {"few": FEW, "many": MANY}  # each in a schema of its own
PROJECTS, PEOPLE = 20, 50  # one exception for the whole of each project; the rest name a proposal

FILL = (
    """
    INSERT INTO releases_person (id, name, zone)
    SELECT i, 'Person ' || i, 'UTC' FROM generate_series(1, %(people)s) i
    """,
    """
    INSERT INTO releases_project (id, slug, name)
    SELECT i, 'project-' || i, 'Project ' || i FROM generate_series(1, %(projects)s) i
    """,
    """
    INSERT INTO releases_release (id, slug, name, version, zone, leads_decide)
    VALUES (1, 'cactus', 'Cactus', '2011.2', 'UTC', false)
    """,
    """
    INSERT INTO releases_milestone (id, release_id, slug, name, kind, at, blocks) VALUES
    (1, 1, 'freeze', 'FeatureFreeze', 'feature-freeze', %(now)s - interval '10 days',
     '["feature"]'),
    (2, 1, 'cactus', 'Cactus', 'release', %(now)s + interval '60 days', '[]')
    """,
    """
    INSERT INTO releases_mergeproposal
        (id, forge, key, url, title, branch, author_id, project_id, release_id, change_kind, state)
    SELECT i, 'launchpad', i::text, 'https://code.launchpad.net/~p/nova/b' || i || '/+merge/' || i,
        'Change ' || i, '~p/nova/b' || i, 1 + i %% %(people)s, 1 + i %% %(projects)s, 1,
        'feature', 'open'
    FROM generate_series(%(projects)s + 1, %(exceptions)s) i
    """,
    # Of ten, two stand, one waits, seven were denied.
    """
    INSERT INTO governance_exceptionrequest
        (id, release_id, freeze_id, title, scope, project_id, requester_id, requested_at, why_now,
         risk_of_landing, risk_of_not_landing, testing, status, expires_at, deadline_words,
         deadline_zone, ledger_length, ledger_head)
    SELECT i, 1, 1, 'Exception ' || i,
        CASE WHEN i <= %(projects)s THEN 'project' ELSE 'proposals' END,
        CASE WHEN i <= %(projects)s THEN i END,
        1 + i %% %(people)s, %(now)s - interval '9 days', 'Users wait for it.', 'Low.', '', '',
        CASE WHEN i %% 10 < 2 THEN 'granted' WHEN i %% 10 = 2 THEN 'requested' ELSE 'denied' END,
        CASE WHEN i %% 10 < 2 THEN %(now)s + i %% 30 * interval '1 day' + interval '1 day' END,
        '', '', CASE WHEN i %% 10 = 2 THEN 1 ELSE 2 END, md5(i::text)
    FROM generate_series(1, %(exceptions)s) i
    """,
    """
    INSERT INTO governance_claim (exception_id, proposal_id, freeze_id, open)
    SELECT id, id, 1, status IN ('granted', 'requested')
    FROM governance_exceptionrequest WHERE id > %(projects)s
    """,
    """
    INSERT INTO governance_condition (exception_id, text)
    SELECT id, 'core review' FROM governance_exceptionrequest WHERE status = 'granted'
    """,
    """
    INSERT INTO governance_decision
        (exception_id, sequence, verb, by_id, at, previous_status, new_status, new_expires_at,
         deadline_words, deadline_zone, rationale, over_budget, quote, source_url, previous_hash,
         hash)
    SELECT id, step, CASE WHEN step = 1 THEN 'request' WHEN status = 'granted' THEN 'grant'
            ELSE 'deny' END,
        requester_id, requested_at + (step - 1) * interval '1 day',
        CASE WHEN step = 2 THEN 'requested' ELSE '' END,
        CASE WHEN step = 1 THEN 'requested' ELSE status END,
        CASE WHEN step = 2 THEN expires_at END,
        '', '', 'Agreed in the meeting.', '', '', 'https://example.org/log', '', md5(id::text)
    FROM governance_exceptionrequest, generate_series(1, 2) step
    WHERE step = 1 OR status <> 'requested'
    """,
    # What autovacuum does within a minute or so.
    "VACUUM ANALYZE",
)


def rows() -> Iterator[Row]:
    try:
        with scratch_database() as url, TemporaryDirectory(prefix="thaw-bench-") as name:
            measured = Checkout(Path(name), database_url=url, debug=False).answer(__spec__.name)
    except NoPostgreSQL as absent:
        yield Row("gate and lists of exceptions", skipped=str(absent))
        return
    seconds, queries = measured["seconds"], measured["queries"]
    yield _row("gate, the view alone", compare(seconds, "gate", "bare view"), limit=3)
    yield _row("gate, as served", compare(seconds, "gate served", "bare served"), limit=3)
    yield row_of_amount("gate, queries", queries["gate many"], "", limit=4)
    for page in ("gate", "admin list", "exceptions"):
        few, many = f"{page} few", f"{page} many"
        yield row_of_amounts(f"{page}, queries, 1000x", queries[many], queries[few], "", limit=1)
        if page != "gate":
            yield _row(f"{page}, 1000x", compare(seconds, many, few), limit=2)


def _row(name: str, times: Comparison, *, limit: float) -> Row:
    row = row_of_times(name, times, limit=limit)
    return replace(row, ours=f"{times.ours * 1e3:.2f} ms", bare=f"{times.bare * 1e3:.2f} ms")


def measure() -> dict[str, Any]:
    from django.conf import settings  # noqa: PLC0415 Django is set up first
    from django.core.management import call_command  # noqa: PLC0415 the same
    from django.db import connection  # noqa: PLC0415 the same
    from django.utils import timezone  # noqa: PLC0415 the same

    # Nobody collected static files here: there is no folder and no manifest of them.
    settings.STATIC_ROOT = None
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA extensions")  # of both
        cursor.execute("ALTER EXTENSION pg_trgm SET SCHEMA extensions")
        for schema, exceptions in SIZES.items():
            cursor.execute(f"CREATE SCHEMA {schema}")
            _use(schema)
            call_command("migrate", verbosity=0)
            values = {"projects": PROJECTS, "people": PEOPLE, "exceptions": exceptions, "now": now}
            for statement in FILL:
                cursor.execute(statement, values if "%" in statement else None)
    views = {schema: _views(schema, now) for schema in SIZES}
    works = {
        name: Work(view, before=lambda schema=schema: _use(schema), repeat=repeat)
        for name, schema, view, repeat in (
            *(
                (name, "many", views["many"][name], 100)
                for name in ("gate", "bare view", "gate served", "bare served")
            ),
            *(
                (f"{page} {schema}", schema, views[schema][page], 5)
                for page in ("admin list", "exceptions")
                for schema in SIZES
            ),
        )
    }
    queries = {
        f"{page} {schema}": _queries(schema, views[schema][page])
        for schema in SIZES
        for page in ("gate", "admin list", "exceptions")
    }
    return {"seconds": in_turn(works, rounds=ROUNDS), "queries": queries}


def _use(schema: str) -> None:
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 Django is set up
    from django.db import connection  # noqa: PLC0415 the same

    ContentType.objects.clear_cache()
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, extensions")


def _views(schema: str, now: datetime) -> dict[str, Callable[[], object]]:
    """The gate and a view with one query by primary key, both as JSON, and the two pages.

    What is served goes through the whole of Django, signed in where it must be; the views alone do
    not, so that nothing common to both dilutes their ratio.
    """
    from django.contrib.auth.models import User  # noqa: PLC0415 Django is set up first
    from django.http import HttpRequest, JsonResponse  # noqa: PLC0415 the same
    from django.test import Client, RequestFactory  # noqa: PLC0415 the same
    from django.urls import clear_url_caches, path  # noqa: PLC0415 the same

    from governance.gate import Code, verdict  # noqa: PLC0415 the same
    from releases.models import MergeProposal  # noqa: PLC0415 the same
    from thaw.urls import urlpatterns  # noqa: PLC0415 the same

    _use(schema)
    standing = MergeProposal.objects.get(pk=SIZES[schema] // 2)
    requests = RequestFactory()
    asked = requests.get("/gate/", {"ref": standing.url})
    by_key = requests.get("/proposal/", {"pk": standing.pk})

    def gate(request: HttpRequest) -> JsonResponse:
        return JsonResponse(verdict(request.GET["ref"], at=now).as_json())

    def bare(request: HttpRequest) -> JsonResponse:
        proposal = MergeProposal.objects.get(pk=request.GET["pk"])
        return JsonResponse({"url": proposal.url, "title": proposal.title, "state": proposal.state})

    code = json.loads(gate(asked).content)["code"]
    assert code == Code.STANDS, code
    urlpatterns[:0] = [path(f"{schema}/gate/", gate), path(f"{schema}/proposal/", bare)]
    clear_url_caches()
    anybody, root = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    root.force_login(User.objects.create_superuser(f"root of {schema}"))

    def served(client: Client, url: str, words: str, **asked: object) -> None:
        answer = client.get(url, asked, secure=True)
        assert answer.status_code == 200, answer
        assert words in answer.content.decode()

    newest = f"FFE-{SIZES[schema]}"

    return {
        "gate": lambda: gate(asked),
        "bare view": lambda: bare(by_key),
        "gate served": lambda: served(anybody, f"/{schema}/gate/", code, ref=standing.url),
        "bare served": lambda: served(anybody, f"/{schema}/proposal/", "Change", pk=standing.pk),
        "admin list": lambda: served(root, "/admin/governance/exceptionrequest/", newest),
        "exceptions": lambda: served(anybody, "/exceptions/", newest),
    }


def _queries(schema: str, view: Callable[[], object]) -> int:
    from django.db import connection  # noqa: PLC0415 Django is set up first
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 the same

    _use(schema)
    with CaptureQueriesContext(connection) as queries:
        view()
    return len(queries)


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure()))
