"""List people by name, a page at a time. An index and no column: the version before serves on."""

from django.db import migrations, models

from releases.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("releases", "0007_spoken_keys")]

    operations = [
        AddIndexInUse(
            model_name="person",
            index=models.Index(fields=["name", "id"], name="person_by_name"),
        ),
    ]
