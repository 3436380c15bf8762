"""Find `openstack/nova#77` by 77 and by nova#77.

Indexes of expressions, and no column: the version before serves on, and no table is written anew.
"""

from django.db import migrations, models
from django.db.models import F, Func

from releases.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("releases", "0006_merged_since")]

    operations = [
        AddIndexInUse(
            model_name="mergeproposal",
            index=models.Index(
                Func(
                    F("key"),
                    output_field=models.CharField(),
                    template="REPLACE(%(expressions)s, RTRIM(%(expressions)s, REPLACE(REPLACE("
                    "REPLACE(%(expressions)s, '/', ''), '#', ''), '!', '')), '')",
                ),
                name="proposal_number",
            ),
        ),
        AddIndexInUse(
            model_name="mergeproposal",
            index=models.Index(
                Func(
                    F("key"),
                    output_field=models.CharField(),
                    template="UPPER(REPLACE(%(expressions)s, RTRIM(%(expressions)s, REPLACE("
                    "%(expressions)s, '/', '')), ''))",
                ),
                name="proposal_last_in_key",
            ),
        ),
    ]
