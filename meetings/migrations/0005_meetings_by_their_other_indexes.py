"""What belongs to a meeting is found by the index that begins with the meeting and goes on.

A second one of the meeting alone cost every import its upkeep, and PostgreSQL at times took it for
the better one.
"""

from django.db import migrations, models
from django.db.models.deletion import CASCADE

OF_A_MEETING = {
    "item": "items",
    "mention": "mentions",
    "suggestion": "suggestions",
    "telling": "tellings",
    "weekcount": "week_counts",
}


class Migration(migrations.Migration):
    dependencies = [("meetings", "0004_words_of_lines")]

    operations = [
        migrations.AlterField(
            model_name,
            "meeting",
            models.ForeignKey(
                "meetings.meeting", on_delete=CASCADE, related_name=related_name, db_index=False
            ),
        )
        for model_name, related_name in OF_A_MEETING.items()
    ]
