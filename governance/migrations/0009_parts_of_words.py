from django.db import migrations

from releases.migrating import index_parts_of_words


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("governance", "0008_what_a_release_waits_for"),
        ("releases", "0005_parts_of_words"),
    ]

    operations = [
        index_parts_of_words(
            "governance_exceptionrequest", "exception_parts_of_words", "title", "why_now"
        ),
        index_parts_of_words(
            "governance_decision", "decision_parts_of_words", "rationale", "quote"
        ),
    ]
