"""A landing may be recorded by nobody: a forge reports it."""

from importlib import import_module

from django.db import migrations, models

ledger = import_module("governance.migrations.0003_ledger_is_append_only")


def guard(apps, schema_editor):
    """SQLite makes a table anew to change a constraint, and its triggers go with the old one."""
    if schema_editor.connection.vendor == "sqlite":
        for statement in ledger.SQLITE_BACK:
            schema_editor.execute(statement.replace("DROP TRIGGER", "DROP TRIGGER IF EXISTS"))
        for statement in ledger.SQLITE:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0005_how_deadlines_were_read"),
        ("releases", "0002_forges"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard),
        migrations.RemoveConstraint(model_name="decision", name="decision_by_somebody"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("verb__in", ["expire", "land"]), ("by__isnull", False), _connector="OR"),
                name="decision_by_somebody",
            ),
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
