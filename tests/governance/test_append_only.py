"""The database refuses whatever would rewrite the ledger, whoever sends it."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from governance.models import Decision, ExceptionRequest
from tests.factories import make_exception, make_manager, make_release
from tests.governance.steps import decide, everything_stored

pytestmark = pytest.mark.django_db

REFUSED = "append-only"
TABLE = "governance_decision"
COLUMNS = ", ".join(f'"{field.column}"' for field in Decision._meta.concrete_fields)  # noqa: SLF001 the columns are the point
COLUMNS_BUT_ID = COLUMNS.removeprefix('"id", ')

REWRITING = {
    "update": f"UPDATE {TABLE} SET rationale = 'other words' WHERE sequence = 1",
    "update without a change": f"UPDATE {TABLE} SET rationale = rationale",
    "delete": f"DELETE FROM {TABLE} WHERE sequence = 2",
    "delete all": f"DELETE FROM {TABLE}",
    "upsert": f"INSERT INTO {TABLE} SELECT * FROM {TABLE} WHERE sequence = 1"
    " ON CONFLICT (id) DO UPDATE SET rationale = 'other words'",
}
REWRITING_POSTGRESQL = {
    "truncate": f"TRUNCATE {TABLE} CASCADE",
    "truncate what it hangs on": "TRUNCATE governance_exceptionrequest CASCADE",
    "truncate far below": "TRUNCATE releases_release CASCADE",
    "merge": f"MERGE INTO {TABLE} d USING (SELECT 1) s ON d.sequence = 1 WHEN MATCHED THEN DELETE",
    "update through a table expression": f"WITH u AS (UPDATE {TABLE} SET rationale = '' RETURNING"
    " 1) SELECT * FROM u",
}
REWRITING_SQLITE = {
    "insert or replace": f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE} LIMIT 1",
    "replace": f"REPLACE INTO {TABLE} SELECT * FROM {TABLE} LIMIT 1",
    "replace by number in its ledger": f"REPLACE INTO {TABLE} ({COLUMNS_BUT_ID})"
    f" SELECT {COLUMNS_BUT_ID} FROM {TABLE} LIMIT 1",
    "update or replace": f"UPDATE OR REPLACE {TABLE} SET sequence = 1",
    "update or ignore": f"UPDATE OR IGNORE {TABLE} SET rationale = 'other words'",
    "replace, by row number": f"REPLACE INTO {TABLE} (rowid, {COLUMNS_BUT_ID})"
    f" SELECT rowid, {COLUMNS_BUT_ID} FROM {TABLE} LIMIT 1",
}


@pytest.fixture
def exception():
    return make_exception(status="granted")


def execute(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def nothing_stored():
    before = everything_stored()
    yield
    assert everything_stored() == before


@pytest.mark.parametrize("what", REWRITING)
def test_sql_that_rewrites_the_ledger_is_refused(what, exception):
    with nothing_stored(), pytest.raises(DatabaseError, match=REFUSED):
        execute(REWRITING[what])


@pytest.mark.postgresql
@pytest.mark.parametrize("what", REWRITING_POSTGRESQL)
def test_what_only_postgresql_understands_is_refused_too(what, exception):
    connection.check_constraints()  # while they are pending, no table can be truncated anyway
    with nothing_stored(), pytest.raises(DatabaseError, match=REFUSED):
        execute(REWRITING_POSTGRESQL[what])


@pytest.mark.postgresql
def test_an_empty_ledger_may_be_emptied():
    """Test runners do it between tests; there is nothing to lose."""
    execute(f"TRUNCATE {TABLE} CASCADE")  # suggestions of meetings name decisions
    assert Decision.objects.count() == 0


@pytest.fixture(params=["ON", "OFF"])
def recursive_triggers(request):
    """Each connection decides it for itself, so a stranger's may have it off."""
    if connection.vendor != "sqlite":
        pytest.skip("a setting of SQLite")
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers={request.param}")
        yield
        cursor.execute("PRAGMA recursive_triggers=ON")


@pytest.mark.parametrize("what", REWRITING_SQLITE)
@pytest.mark.usefixtures("recursive_triggers")
def test_what_only_sqlite_understands_is_refused_too(what, exception):
    with nothing_stored(), pytest.raises(DatabaseError, match=REFUSED):
        execute(REWRITING_SQLITE[what])


def test_our_own_connections_have_recursive_triggers():
    if connection.vendor != "sqlite":
        pytest.skip("a setting of SQLite")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA recursive_triggers").fetchone() == (1,)


def saved(decision):
    decision.rationale = "Other words."
    decision.save()


@pytest.mark.parametrize(
    "rewrite",
    {
        "queryset update": lambda _: Decision.objects.update(rationale="Other words."),
        "queryset delete": lambda _: Decision.objects.all().delete(),
        "raw delete": lambda _: Decision.objects.all()._raw_delete("default"),  # noqa: SLF001 as Django's own collector does
        "bulk update": lambda row: Decision.objects.bulk_update([row], ["rationale"]),
        "save": saved,
        "save of nothing new": lambda row: row.save(),
        "delete": lambda row: row.delete(),
        "insert once more": lambda row: row.save(force_insert=True),
        "bulk create": lambda row: Decision.objects.bulk_create([row]),
        "upsert": lambda row: Decision.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["rationale"]
        ),
    }.values(),
)
def test_what_django_offers_to_rewrite_rows_is_refused(rewrite, exception):
    decision = exception.decisions.first()
    with nothing_stored(), pytest.raises(DatabaseError), transaction.atomic():
        rewrite(decision)


@pytest.mark.parametrize("whose", ["exception", "person", "milestone", "release", "queryset"])
def test_a_ledger_is_not_deleted_with_what_it_is_about(whose, exception):
    record = {
        "exception": exception,
        "person": exception.requester,
        "milestone": exception.freeze,
        "release": exception.release,
        "queryset": ExceptionRequest.objects.all(),
    }[whose]
    with nothing_stored(), pytest.raises(ProtectedError), transaction.atomic():
        record.delete()


def test_rows_are_added_as_before():
    exception = make_exception(status="granted", release=make_release())
    decide(exception, "land", by=make_manager())
    assert Decision.objects.count() == 3


IMPOSSIBLE = {
    "decision_verb_known": {"verb": "bless"},
    "decision_status_known": {"new_status": "blessed"},
    "decision_by_somebody": {"verb": "grant", "by": None},
    "decision_in_sequence": {"sequence": 1},
}


@pytest.mark.parametrize("constraint", IMPOSSIBLE)
def test_a_row_that_cannot_be_is_refused(constraint, exception):
    fields = {"sequence": 3, "verb": "land", "new_status": "landed", "by": make_manager()}
    row = Decision(
        exception=exception, at=exception.requested_at, **fields | IMPOSSIBLE[constraint]
    )
    expected = constraint
    if connection.vendor == "sqlite" and constraint == "decision_in_sequence":
        expected = REFUSED  # the trigger is asked first
    with pytest.raises(DatabaseError, match=expected), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "change"),
    {
        "exception_status_known": {"status": "blessed"},
        "exception_granted_until_one_deadline": {"status": "granted", "expires_at": None},
        "exception_ends_after_request": {"expires_at": "2011-03-25T00:00Z"},
        "exception_for_a_project_names_it": {"scope": "project"},
    }.items(),
)
def test_an_exception_that_cannot_be_is_refused(constraint, change, exception):
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        ExceptionRequest.objects.update(**change)
