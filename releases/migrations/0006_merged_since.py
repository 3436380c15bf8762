"""What merged since a freeze, for the breaches on a release's page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0005_parts_of_words")]

    operations = [
        migrations.AddIndex(
            model_name="mergeproposal",
            index=models.Index(
                condition=models.Q(("state", "merged")),
                fields=["merged_at"],
                name="proposal_merged_at",
            ),
        )
    ]
