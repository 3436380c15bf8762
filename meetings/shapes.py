"""What the API answers of meetings, field by field: shapes of its schema."""

from rest_framework import serializers

from meetings.models import ActionState, ItemKind, SuggestionState
from meetings.models.suggestions import VerdictChoice


class MeetingShape(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    channel = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    chairs = serializers.ListField(child=serializers.CharField())
    people = serializers.DictField(
        child=serializers.IntegerField(), help_text="Lines by nick, the bots apart."
    )
    lines = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class ItemShape(serializers.Serializer):
    id = serializers.IntegerField()
    meeting = serializers.CharField()
    line = serializers.IntegerField()
    at = serializers.DateTimeField()
    nick = serializers.CharField()
    kind = serializers.ChoiceField(ItemKind.choices)
    text = serializers.CharField()
    topic = serializers.CharField()
    url = serializers.CharField()
    by_chair = serializers.BooleanField()
    counted = serializers.BooleanField(help_text="Whether the bot would have taken it.")
    undone = serializers.BooleanField()
    assignees = serializers.ListField(child=serializers.CharField())
    page = serializers.CharField(help_text="Where the line is shown.")


class ActionShape(serializers.Serializer):
    id = serializers.IntegerField()
    meeting = serializers.CharField()
    channel = serializers.CharField()
    line = serializers.IntegerField()
    text = serializers.CharField()
    owners = serializers.ListField(child=serializers.CharField(), help_text="Nicks.")
    people = serializers.ListField(child=serializers.CharField(), help_text="Those known here.")
    given_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    due_words = serializers.CharField()
    state = serializers.ChoiceField(ActionState.choices)
    closed_by = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closing_note = serializers.CharField()
    page = serializers.CharField()


class ReadDeadlineShape(serializers.Serializer):
    words = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    zone = serializers.CharField(allow_null=True)
    zone_source = serializers.CharField()
    missing = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class SuggestionShape(serializers.Serializer):
    id = serializers.IntegerField()
    meeting = serializers.CharField()
    verdict = serializers.ChoiceField(VerdictChoice.choices)
    target = serializers.CharField()
    line = serializers.IntegerField(help_text="The line that decides.")
    lines = serializers.ListField(child=serializers.IntegerField())
    words = serializers.CharField()
    explicit = serializers.BooleanField(help_text="Put on record with a command.")
    deadline = ReadDeadlineShape(allow_null=True)
    bound_to = serializers.CharField(allow_null=True)
    moved_to = serializers.DateTimeField(allow_null=True)
    conditions = serializers.ListField(child=serializers.CharField())
    exception = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(SuggestionState.choices)
    already_so = serializers.BooleanField(
        help_text="It is open, and accepting it would change nothing."
    )
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField()
    page = serializers.CharField()


class ImportedMeetingShape(serializers.Serializer):
    """A meeting as `import_meeting --json` prints it."""

    slug = serializers.CharField()
    title = serializers.CharField()
    channel = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    chairs = serializers.ListField(child=serializers.CharField())
    people = serializers.DictField(child=serializers.IntegerField())
    lines = serializers.IntegerField()
    created = serializers.BooleanField()
    format = serializers.CharField()


class SkippedShape(serializers.Serializer):
    path = serializers.CharField()
    line = serializers.IntegerField()
    reason = serializers.CharField()


class ImportedShape(serializers.Serializer):
    meetings = ImportedMeetingShape(many=True)
    skipped = SkippedShape(many=True)
    errors = serializers.ListField(child=serializers.DictField())
