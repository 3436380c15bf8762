from django.db import migrations

from releases.migrating import index_parts_of_words


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("releases", "0004_roles_by_groups")]

    operations = [
        index_parts_of_words(
            "releases_mergeproposal", "proposal_parts_of_words", "title", "branch", "key"
        ),
    ]
