from django.db import migrations, models

from releases.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("governance", "0007_webhooks"), ("releases", "0003_proposals_in_review")]

    operations = [
        AddIndexInUse(
            model_name="exceptionrequest",
            index=models.Index(
                fields=["release", "expires_at", "id"],
                condition=models.Q(status="granted", expires_at__isnull=False),
                name="exception_next_to_end",
            ),
        ),
        AddIndexInUse(
            model_name="exceptionrequest",
            index=models.Index(
                fields=["release", "requested_at", "id"],
                condition=models.Q(status="requested"),
                name="exception_longest_waiting",
            ),
        ),
    ]
