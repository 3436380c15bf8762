from django.db import migrations, models


class Migration(migrations.Migration):
    """May be null and has no default: SQLite then adds the column and keeps the ledger's triggers."""

    dependencies = [("governance", "0004_notices")]

    operations = [
        migrations.AddField(
            model_name="exceptionrequest",
            name="deadline_reading",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="deadline_reading",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]
