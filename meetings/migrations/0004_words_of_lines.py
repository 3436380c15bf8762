"""The words of every line, to be searched: each database by its own full text.

What is indexed is what `meetings.wording` asks for, to the letter. Where Django rebuilds the
table on SQLite, as it does for most changes of a column, the trigger is to be made anew.
"""

from django.db import migrations, models

from meetings.wording import AS_WORDS, SQLITE_TABLE

# Every name that is put into these statements is a constant of ours.
POSTGRESQL = (
    f"CREATE INDEX meetings_logline_words ON meetings_logline USING gin ({AS_WORDS.format('text')})",
)
POSTGRESQL_BACK = ("DROP INDEX meetings_logline_words",)
SQLITE = (
    f"""
    CREATE VIRTUAL TABLE {SQLITE_TABLE} USING fts5(
        text, content='meetings_logline', content_rowid='id',
        tokenize="unicode61 remove_diacritics 0"
    )
    """,
    # Lines come in by thousands, and are put in the index by thousands (`meetings.wording`): a
    # trigger for each would take ten times as long. They go one by one; `_docsize` has those that
    # the index knows.
    f"""
    CREATE TRIGGER meetings_logline_leaves_words AFTER DELETE ON meetings_logline
    WHEN EXISTS (SELECT 1 FROM {SQLITE_TABLE}_docsize WHERE id = OLD.id)
    BEGIN
        INSERT INTO {SQLITE_TABLE} ({SQLITE_TABLE}, rowid, text)
        VALUES ('delete', OLD.id, OLD.text);
    END
    """,
    f"INSERT INTO {SQLITE_TABLE} ({SQLITE_TABLE}) VALUES ('rebuild')",
)
SQLITE_BACK = (
    "DROP TRIGGER meetings_logline_leaves_words",
    f"DROP TABLE {SQLITE_TABLE}",
)
STATEMENTS = {
    "postgresql": (POSTGRESQL, POSTGRESQL_BACK),
    "sqlite": (SQLITE, SQLITE_BACK),
}


def forwards(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_suggestions")]

    operations = [
        migrations.AddIndex(
            model_name="logline",
            index=models.Index(fields=["-at", "-id"], name="line_newest_first"),
        ),
        migrations.RunPython(forwards, backwards),
    ]
