from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from releases.models import (
    ChangeKind,
    Handle,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneMove,
    Person,
    Project,
    Release,
    Review,
)


class HandleInline(admin.TabularInline):
    model = Handle
    extra = 1


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["project"]


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ["name", "zone", "user"]
    list_select_related = ["user"]
    search_fields = ["name", "handles__value"]
    autocomplete_fields = ["user"]
    inlines = [HandleInline, MembershipInline]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


class MilestoneForm(forms.ModelForm):
    blocks = forms.MultipleChoiceField(
        choices=ChangeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Kinds of change that may no longer land from this instant on. None: no freeze.",
    )


class RecordOnly:
    """An inline of rows that are written by a verb: shown, never edited here."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MilestoneMoveInline(RecordOnly, admin.TabularInline):
    model = MilestoneMove
    fields = ["from_at", "to_at", "by", "at", "why", "source_url"]


@admin.register(Milestone)
class MilestoneAdmin(admin.ModelAdmin):
    """The instant is given once; from then on only `Milestone.move` changes it."""

    form = MilestoneForm
    list_display = ["name", "release", "project", "kind", "at", "blocked"]
    list_filter = ["release", "kind", "project"]
    list_select_related = ["release", "project"]
    search_fields = ["name", "slug", "release__name"]
    autocomplete_fields = ["release", "project"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MilestoneMoveInline]

    @admin.display(description="blocks")
    def blocked(self, milestone: Milestone) -> str:
        return ", ".join(milestone.blocks_in_words) or "nothing"

    def get_readonly_fields(self, request: HttpRequest, obj: Milestone | None = None) -> list[str]:
        return ["at", "release"] if obj else []

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Milestone | None = None
    ) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}


class MilestoneInline(admin.TabularInline):
    """Milestones of a new release; later each has its own page, where it is moved."""

    model = Milestone
    form = MilestoneForm
    extra = 0
    fields = ["name", "slug", "kind", "project", "at", "blocks"]
    prepopulated_fields = {"slug": ["name"]}
    show_change_link = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin):
    list_display = ["name", "version", "zone"]
    search_fields = ["name", "version", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["projects"]
    inlines = [MilestoneInline]


class ReviewInline(admin.TabularInline):
    model = Review
    extra = 0
    autocomplete_fields = ["reviewer"]


@admin.register(MergeProposal)
class MergeProposalAdmin(admin.ModelAdmin):
    list_display = ["key", "title", "project", "release", "change_kind", "state", "author"]
    list_filter = ["release", "state", "change_kind", "project", "forge"]
    list_select_related = ["project", "release", "author"]
    search_fields = ["key", "title", "branch", "url", "author__name"]
    autocomplete_fields = ["author", "project", "release"]
    inlines = [ReviewInline]
