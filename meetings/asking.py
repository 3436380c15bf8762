"""What callers of the API say of meetings: a log and its hints, an answer to what is proposed."""

from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import parsers, serializers

from governance.asking import LONGEST_DEADLINE
from meetings.logs.formats import FORMATS
from meetings.models import ActionState
from releases.bodies import TooLarge
from releases.rest import Body, OneNamed, Words
from releases.rows import instant
from releases.zones import validate_zone


class LogBody(Body):
    """A log as text, and what the log itself may not say."""

    text = serializers.CharField(
        trim_whitespace=False, max_length=5_000_000, help_text="The log, as it is."
    )
    name = Words(required=False, max_length=255, default="", help_text="Of the file.")
    format = OneNamed([one.name for one in FORMATS], required=False, help_text="Absent: found out.")
    date = serializers.DateField(required=False, help_text="Of a log whose lines say only times.")
    zone = Words(required=False, max_length=64, help_text="IANA zone of its times.")
    channel = Words(required=False, max_length=100, default="")
    whole = serializers.BooleanField(
        required=False, default=False, help_text="One meeting, though nobody says #startmeeting."
    )

    def validate_zone(self, name: str) -> ZoneInfo:
        try:
            validate_zone(name)
        except Invalid as error:
            raise serializers.ValidationError(error.messages) from error
        return ZoneInfo(name)

    def validate_channel(self, name: str) -> str:
        return _printable(name)

    def validate_name(self, name: str) -> str:
        return PurePath(_printable(name)).name


@extend_schema_field(OpenApiTypes.BINARY)
class LogFile(serializers.FileField):
    """A file in a form; left alone, the schema would have it that its address is sent."""


class UploadBody(LogBody):
    """The same with the log as a file."""

    text = None  # as DRF has it, this leaves the field out
    log = LogFile(max_length=255, allow_empty_file=True)


def _printable(words: str) -> str:
    if not words.isprintable():
        raise serializers.ValidationError("This holds a control character. Leave it out.")
    return words


class LogUpload(parsers.MultiPartParser):
    """A form with a file; what says that it is longer than we take is not read."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        most = settings.UPLOAD_BYTES
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > most:
            raise TooLarge(f"The upload is longer than the {most:,} bytes that are taken.")
        return super().parse(stream, media_type, parser_context)


class CloseBody(Body):
    state = OneNamed([ActionState.DONE, ActionState.DROPPED], default="done")
    note = Words(required=False, default="", help_text="Needed where it is dropped: why.")


class AcceptBody(Body):
    """Everything may be left out: then it is accepted as it was read."""

    why = Words(required=False, default="")
    expires = Words(
        required=False,
        max_length=LONGEST_DEADLINE,
        help_text="Instead of the deadline that was read: an instant, a milestone or words.",
    )
    moved_to = Words(required=False, max_length=60, help_text="An instant.")
    conditions = serializers.ListField(child=Words(max_length=500), required=False, max_length=50)

    def validate_moved_to(self, words: str) -> Any:
        try:
            return instant(words)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class DismissBody(Body):
    why = Words(required=False, default="")
