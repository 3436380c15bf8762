"""Names for people of columns that the admin shows: nothing of the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0008_people_by_name"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="from_group",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text=(
                    "The group elsewhere that gives this role for as long as sign-in says so. Empty it,"
                    " and the role is given by hand and stays."
                ),
                max_length=200,
                verbose_name="given by the group",
            ),
        ),
        migrations.AlterField(
            model_name="milestonemove",
            name="source_url",
            field=models.URLField(blank=True, max_length=500, verbose_name="where it was said"),
        ),
        migrations.AlterField(
            model_name="reclassification",
            name="source_url",
            field=models.URLField(blank=True, max_length=500, verbose_name="where it was said"),
        ),
    ]
