from django.db import migrations, models

from releases.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("releases", "0002_forges")]

    operations = [
        AddIndexInUse(
            model_name="mergeproposal",
            index=models.Index(
                fields=["release", "id"],
                condition=models.Q(state__in=("open", "approved")),
                name="proposal_in_review",
            ),
        ),
    ]
