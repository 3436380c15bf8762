"""What was changed behind the database's back is found, and the first row that shows it named.

Each test takes the triggers away, as somebody could who owns the database, and changes something.
"""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from governance.models import Broken, Decision, ExceptionRequest
from tests.factories import make_exception, make_manager, make_milestone, utc
from tests.governance.steps import decide
from tests.governance.unguarded import tamper, unguarded_ledger

pytestmark = pytest.mark.django_db

TABLE = "governance_decision"


@pytest.fixture
def ledgers():
    """Three exceptions with three decisions each; the one in the middle is tampered with."""
    return [make_exception(status="landed", source_url="/meetings/x/#l-1") for _ in range(3)]


def broken_at(exception):
    """The number of the decision at which the first break is, which is that exception's."""
    broken = Decision.objects.first_broken()
    assert broken is not None, "nothing is found to be broken"
    assert broken.reference == exception.reference
    return broken.sequence


def row(exception, sequence):
    return f"exception_id = {exception.pk} AND sequence = {sequence}"


def forge(exception, sequence, **changes):
    """Change a row and sign it anew, as somebody could who has read the code."""
    decision = exception.decisions.get(sequence=sequence)
    for name, value in changes.items():
        setattr(decision, name, value)
    decision.hash = decision.computed_hash()
    with unguarded_ledger():
        decision.save()


def verified():
    """Exit status, standard output and standard error of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_ledger", stdout=out, stderr=err)
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_whole_ledger_is_told_with_its_length(ledgers):
    assert verified() == (0, "The ledger is whole: 9 decisions.\n", "")


def test_an_empty_ledger_is_whole():
    assert verified() == (0, "The ledger is whole: 0 decisions.\n", "")


def test_each_hash_signs_the_row_and_the_hash_before_it(ledgers):
    for exception in ledgers:
        chain = list(exception.decisions.order_by("sequence"))
        assert [one.previous_hash for one in chain] == ["", *[one.hash for one in chain[:-1]]]
        assert [one.hash for one in chain] == [one.computed_hash() for one in chain]
        assert chain[-1].hash == ExceptionRequest.objects.get(pk=exception.pk).ledger_head
    assert len(set(Decision.objects.values_list("hash", flat=True))) == 9


def test_a_broken_ledger_is_told_with_the_first_broken_row_and_exit_status_1(ledgers):
    tamper(f"UPDATE {TABLE} SET rationale = 'Other words.' WHERE {row(ledgers[1], 2)}")
    told = (
        f"The ledger is broken at {ledgers[1].reference}, decision 2: its words are not those that"
        " were signed.\n"
    )
    assert verified() == (1, "", told)


def test_the_first_of_several_broken_rows_is_named(ledgers):
    tamper(f"UPDATE {TABLE} SET rationale = 'Other words.' WHERE sequence > 1")
    assert Decision.objects.first_broken() == Broken(
        ledgers[0].reference, 2, "its words are not those that were signed"
    )


COLUMNS = {
    "rationale": "'Other words.'",
    "quote": "'Other words.'",
    "over_budget": "'Other words.'",
    "source_url": "'/elsewhere/'",
    "verb": "'deny'",
    "by_id": "(SELECT MIN(id) FROM releases_person)",
    "at": "'2011-03-26 00:00:01+00'",
    "previous_status": "'denied'",
    "new_status": "'denied'",
    "previous_expires_at": "'2011-03-29 00:00:00+00'",
    "new_expires_at": "'2011-05-01 00:00:00+00'",
    "previous_expires_with_id": "(SELECT MIN(id) FROM releases_milestone)",
    "new_expires_with_id": "(SELECT MIN(id) FROM releases_milestone)",
    "deadline_words": "'EOD'",
    "deadline_zone": "'Asia/Tokyo'",
    "deadline_reading": "'{}'",
    "previous_hash": "''",
    "hash": "'0'",
}
NOT_SIGNED = {"id", "exception_id", "sequence"}  # moved below; an id says nothing


def test_the_table_below_names_every_column():
    columns = {field.column for field in Decision._meta.concrete_fields}  # noqa: SLF001 the columns are the point
    assert columns == COLUMNS.keys() | NOT_SIGNED


def test_no_column_of_a_row_can_be_changed(ledgers):
    found = {}
    for column, value in COLUMNS.items():
        if connection.vendor == "sqlite":
            value = value.replace("+00'", "'")  # noqa: PLW2901 it keeps instants as text in UTC
        with transaction.atomic():
            tamper(f"UPDATE {TABLE} SET {column} = {value} WHERE {row(ledgers[1], 2)}")
            found[column] = broken_at(ledgers[1])
            transaction.set_rollback(True)
    assert found == dict.fromkeys(COLUMNS, 2)


def test_the_last_row_cannot_be_deleted(ledgers):
    tamper(f"DELETE FROM {TABLE} WHERE {row(ledgers[1], 3)}")
    assert broken_at(ledgers[1]) == 3


def test_no_earlier_row_can_be_deleted(ledgers):
    found = {}
    for sequence in (1, 2):
        with transaction.atomic():
            tamper(f"DELETE FROM {TABLE} WHERE {row(ledgers[1], sequence)}")
            found[sequence] = broken_at(ledgers[1])
            transaction.set_rollback(True)
    assert found == {1: 1, 2: 2}


def test_all_rows_of_an_exception_cannot_be_deleted(ledgers):
    tamper(f"DELETE FROM {TABLE} WHERE exception_id = {ledgers[1].pk}")
    assert broken_at(ledgers[1]) == 1


def test_a_deleted_row_is_missed_also_when_the_others_are_numbered_anew(ledgers):
    tamper(
        f"DELETE FROM {TABLE} WHERE {row(ledgers[1], 2)}",
        f"UPDATE {TABLE} SET sequence = 2 WHERE {row(ledgers[1], 3)}",
    )
    assert broken_at(ledgers[1]) == 2


def test_two_rows_cannot_be_swapped(ledgers):
    tamper(
        f"UPDATE {TABLE} SET sequence = 99 WHERE {row(ledgers[1], 2)}",
        f"UPDATE {TABLE} SET sequence = 2 WHERE {row(ledgers[1], 3)}",
        f"UPDATE {TABLE} SET sequence = 3 WHERE {row(ledgers[1], 99)}",
    )
    assert broken_at(ledgers[1]) == 2


def test_a_row_cannot_be_moved_to_another_exception(ledgers):
    tamper(
        f"DELETE FROM {TABLE} WHERE {row(ledgers[2], 3)}",
        f"UPDATE {TABLE} SET exception_id = {ledgers[2].pk} WHERE {row(ledgers[1], 3)}",
    )
    assert broken_at(ledgers[1]) == 3


def test_a_row_that_was_forged_and_signed_anew_is_found_by_the_one_that_no_longer_follows(ledgers):
    forge(ledgers[1], 2, rationale="Other words.")
    assert broken_at(ledgers[1]) == 3


def test_a_last_row_that_was_forged_and_signed_anew_is_the_one_named(ledgers):
    forge(ledgers[1], 3, rationale="Other words.")
    assert broken_at(ledgers[1]) == 3


def test_a_row_appended_behind_the_exception_s_back_is_the_one_named(ledgers):
    last = ledgers[1].decisions.get(sequence=3)
    forged = Decision(
        exception=ledgers[1],
        sequence=4,
        verb="revert",
        by=last.by,
        at=utc(2011, 3, 29),
        previous_status="landed",
        new_status="reverted",
        previous_expires_at=last.new_expires_at,
        new_expires_at=last.new_expires_at,
        rationale="Forged.",
        previous_hash=last.hash,
    )
    forged.hash = forged.computed_hash()
    forged.save(force_insert=True)  # appending is what the triggers allow
    assert broken_at(ledgers[1]) == 4


@pytest.mark.parametrize(
    ("column", "value"),
    {
        "status": "granted",
        "expires_at": utc(2011, 5, 1),
        "ledger_head": "",
        "ledger_length": 2,
        "deadline_words": "whenever",
        "deadline_zone": "Asia/Tokyo",
        "deadline_reading": {"zone_source": "words"},
    }.items(),
)
def test_an_exception_changed_without_a_decision_is_found(column, value):
    exception = make_exception(status="landed")
    ExceptionRequest.objects.update(**{column: value})
    broken_at(exception)


def test_an_exception_bound_to_another_milestone_without_a_decision_is_found(ledgers):
    gamma = make_milestone(release=ledgers[1].release)
    changed = ExceptionRequest.objects.filter(pk=ledgers[1].pk)
    changed.update(expires_at=None, expires_with=gamma)
    assert broken_at(ledgers[1]) == 3


def test_an_exception_without_any_decision_is_found(ledgers):
    made = {"title": "By hand", "requested_at": utc(2011, 3, 25), "why_now": "Now"}
    taken = {name: getattr(ledgers[0], name) for name in ("release", "freeze", "requester")}
    exception = ExceptionRequest.objects.create(**made, **taken)
    assert Decision.objects.first_broken() == Broken(
        exception.reference, 1, "its decisions are gone"
    )


def test_decisions_whose_exception_is_gone_are_found(ledgers):
    """Foreign keys are checked at the end of a transaction, and by some databases not at all."""
    gone = ledgers[1]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM governance_claim WHERE exception_id = {gone.pk}")
        cursor.execute(f"DELETE FROM governance_exceptionrequest WHERE id = {gone.pk}")
        broken = Decision.objects.first_broken()
        transaction.set_rollback(True)
    assert broken is not None
    assert (broken.reference, broken.sequence) == (gone.reference, 1)


def test_a_ledger_of_any_length_is_read_in_a_few_queries(ledgers, django_assert_max_num_queries):
    exception, manager = make_exception(status="denied"), make_manager()
    for _ in range(3):
        decide(exception, "reopen", by=manager)
        decide(exception, "deny", by=manager)
    with django_assert_max_num_queries(3):
        assert Decision.objects.first_broken() is None
