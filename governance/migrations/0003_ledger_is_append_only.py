"""The database refuses whatever would rewrite the ledger, raw SQL included."""

from django.db import migrations

POSTGRESQL = (
    """
    CREATE FUNCTION governance_ledger_is_append_only() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            IF NOT EXISTS (SELECT 1 FROM governance_decision) THEN
                RETURN NULL;
            END IF;
        END IF;
        RAISE EXCEPTION USING
            MESSAGE = 'The ledger of decisions is append-only: ' || TG_OP || ' is refused.';
    END
    $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER governance_decision_is_kept BEFORE UPDATE OR DELETE ON governance_decision
    FOR EACH ROW EXECUTE FUNCTION governance_ledger_is_append_only()
    """,
    """
    CREATE TRIGGER governance_decision_is_not_emptied BEFORE TRUNCATE ON governance_decision
    FOR EACH STATEMENT EXECUTE FUNCTION governance_ledger_is_append_only()
    """,
)
POSTGRESQL_BACK = (
    "DROP TRIGGER governance_decision_is_not_emptied ON governance_decision",
    "DROP TRIGGER governance_decision_is_kept ON governance_decision",
    "DROP FUNCTION governance_ledger_is_append_only()",
)

# A REPLACE deletes without firing delete triggers unless recursive_triggers is on, which each
# connection decides for itself; so an insert over an existing row is refused as such.
SQLITE = (
    """
    CREATE TRIGGER governance_decision_is_not_updated BEFORE UPDATE ON governance_decision
    BEGIN SELECT RAISE(ABORT, 'The ledger of decisions is append-only: UPDATE is refused.'); END
    """,
    """
    CREATE TRIGGER governance_decision_is_not_deleted BEFORE DELETE ON governance_decision
    BEGIN SELECT RAISE(ABORT, 'The ledger of decisions is append-only: DELETE is refused.'); END
    """,
    """
    CREATE TRIGGER governance_decision_is_not_replaced BEFORE INSERT ON governance_decision
    WHEN EXISTS (
        SELECT 1 FROM governance_decision
        WHERE id = NEW.id
           OR (exception_id = NEW.exception_id AND sequence = NEW.sequence)
    )
    BEGIN SELECT RAISE(ABORT, 'The ledger of decisions is append-only: REPLACE is refused.'); END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER governance_decision_is_not_replaced",
    "DROP TRIGGER governance_decision_is_not_deleted",
    "DROP TRIGGER governance_decision_is_not_updated",
)
STATEMENTS = {
    "postgresql": (POSTGRESQL, POSTGRESQL_BACK),
    "sqlite": (SQLITE, SQLITE_BACK),
}


def forwards(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_exceptions")]

    operations = [migrations.RunPython(forwards, backwards)]
