from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from meetings.models import Item, Meeting


class ReadOnlyAdmin(admin.ModelAdmin):
    """What was said is not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ["title", "started_at", "channel", "line_count"]
    search_fields = ["title", "channel", "slug"]
    list_filter = ["channel"]
    date_hierarchy = "started_at"


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    list_display = ["kind", "text", "nick", "at", "counted", "undone"]
    list_filter = ["kind", "counted", "undone"]
    search_fields = ["text", "nick", "topic"]
