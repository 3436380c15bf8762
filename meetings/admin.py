from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest

from meetings.harmless import harmless
from meetings.models import Item, Meeting
from releases.admin import ReadOnly


def shown(name: str) -> Any:
    """A column of words from a log, with what is invisible in them made visible."""

    @admin.display(description=name.replace("_", " "), ordering=name)
    def column(record: models.Model) -> str:
        value = getattr(record, name)
        if isinstance(value, dict):
            value = ", ".join(f"{nick} ({lines})" for nick, lines in value.items())
        if isinstance(value, list):
            value = ", ".join(value)
        return harmless(str(value))

    column.__name__ = name  # by which a style knows the column
    return column


class Dated(ChangeList):
    """A list by days; a year that no calendar has is junk in an address like any other."""

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error


TITLE, CHANNEL = shown("title"), shown("channel")


@admin.register(Meeting)
class MeetingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [TITLE, "started_at", CHANNEL, "line_count"]
    fields = [
        TITLE,
        CHANNEL,
        "started_at",
        "ended_at",
        shown("chairs"),
        shown("people"),
        shown("bots"),
        "line_count",
        "profile",
        "dated_by",
        shown("warnings"),
        shown("source"),
    ]
    readonly_fields = fields  # type: ignore[assignment] # the same names
    search_fields = ["title", "channel", "slug"]
    date_hierarchy = "started_at"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return Dated


@admin.register(Item)
class ItemAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["kind", shown("text"), shown("nick"), "at", "counted", "undone"]
    fields = [
        "kind",
        shown("text"),
        shown("nick"),
        shown("topic"),
        shown("meeting"),
        "line",
        "at",
        "by_chair",
        "counted",
        "undone",
        shown("assignees"),
    ]
    readonly_fields = fields  # type: ignore[assignment] # the same names
    list_filter = ["kind", "counted", "undone"]
    search_fields = ["text", "nick", "topic"]
