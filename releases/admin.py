from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from releases.forms import MembershipForm, ReclassifyForm
from releases.models import (
    ChangeKind,
    Handle,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneKind,
    MilestoneMove,
    Person,
    Project,
    Reclassification,
    Release,
    Review,
)

# An address typed without a scheme is meant for https; a day that is refused says how one is typed.
TYPED: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    models.URLField: {"assume_scheme": "https"},
    models.DateTimeField: {
        "error_messages": {
            "invalid_date": "Write the day as in 2026-12-08.",
            "invalid_time": "Write the time as in 18:00.",
        }
    },
}


class ReadOnly:
    """What is shown and never edited here: a verb writes it, or it was said."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WithRelated:
    """An inline whose rows show other records: one query for all of them."""

    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.related)  # type: ignore[misc] # an inline's


class Prefilled:
    """A new record may be begun by an address; what in that fits its field not is left out."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)  # type: ignore[misc] # a ModelAdmin's
        fields = self.get_form(request)().fields  # type: ignore[attr-defined] # the same
        return {
            name: value
            for name, value in given.items()
            if name in fields and _fits(fields[name], value)
        }


def _fits(field: forms.Field, value: Any) -> bool:
    try:
        field.clean(value)
    except ValidationError:
        return False
    return True


class HandleInline(admin.StackedInline):
    model = Handle
    fields = [("kind", "value")]
    extra = 1


class MembershipInline(WithRelated, admin.StackedInline):
    model = Membership
    form = MembershipForm
    related = ("person", "project")
    extra = 0
    autocomplete_fields = ["project"]


@admin.register(Person)
class PersonAdmin(Prefilled, admin.ModelAdmin):
    list_display = ["name", "zone", "user"]
    list_select_related = ["user"]
    search_fields = ["name", "handles__value"]
    autocomplete_fields = ["user"]
    inlines = [HandleInline, MembershipInline]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    fields = ["name", "slug"]  # the slug is written from the name
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


class MilestoneForm(forms.ModelForm):
    blocks = forms.MultipleChoiceField(
        choices=ChangeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Kinds of change that may no longer land from this instant on; what nobody has"
        " said the kind of counts as a feature. None: no freeze.",
    )

    def clean(self) -> dict[str, Any] | None:
        """A freeze that is made here blocks something; an imported one may stay as it came."""
        cleaned = super().clean() or {}
        given = self.instance.pk is None or {"kind", "blocks"} & set(self.changed_data)
        kind = cleaned.get("kind", "")
        if given and kind.endswith("freeze") and not cleaned.get("blocks", True):
            self.add_error(
                "blocks",
                f"A {MilestoneKind(kind).label} that blocks nothing lets everything land. Tick what"
                " may no longer land from then on, or choose another kind.",
            )
        return cleaned


class RecordOnly(WithRelated, ReadOnly):
    """An inline of rows that are written by a verb."""

    extra = 0
    can_delete = False


class MilestoneMoveInline(RecordOnly, admin.StackedInline):
    """Stacked, since a phone is narrower than a row; its heading says from when to when."""

    model = MilestoneMove
    related = ("by", "milestone")
    formfield_overrides = TYPED
    fields = [("by", "at"), "why", "source_url"]


@admin.register(Milestone)
class MilestoneAdmin(Prefilled, admin.ModelAdmin):
    """The instant is given once; from then on only `Milestone.move` changes it.

    The floor above, which reads words, registers this anew with a page that moves.
    """

    formfield_overrides = TYPED
    form = MilestoneForm
    fields = ["release", "name", "slug", "kind", "at", "blocks", "project"]
    list_display = ["name", "release", "project", "kind", "at", "blocked"]
    list_filter = ["release", "kind", "project"]
    list_select_related = ["release", "project"]
    search_fields = ["name", "slug", "release__name"]
    autocomplete_fields = ["release", "project"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MilestoneMoveInline]

    @admin.display(description="blocks")
    def blocked(self, milestone: Milestone) -> str:
        return milestone.blocked_in_words

    def get_readonly_fields(self, request: HttpRequest, obj: Milestone | None = None) -> list[str]:
        return ["at", "release"] if obj else []

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Milestone | None = None
    ) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}


class MilestoneInline(RecordOnly, admin.TabularInline):
    """The milestones that a release has: each has its own page, where it is moved."""

    model = Milestone
    related = ("release", "project")
    fields = ["kind", "at", "blocked"]
    readonly_fields = ["blocked"]
    show_change_link = True

    @admin.display(description="blocks")
    def blocked(self, milestone: Milestone) -> str:
        return milestone.blocked_in_words


class NewMilestoneInline(admin.StackedInline):
    """Milestones to add; stacked, since a row of all their fields is wider than a screen."""

    formfield_overrides = TYPED
    model = Milestone
    form = MilestoneForm
    verbose_name = "new milestone"
    verbose_name_plural = "new milestones"
    extra = 0
    fields = [("name", "slug"), ("kind", "project"), "at", "blocks"]
    prepopulated_fields = {"slug": ["name"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin):
    fields = ["name", "slug", "version", "zone", "projects", "leads_decide"]
    list_display = ["name", "version", "zone"]
    search_fields = ["name", "version", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["projects"]

    def get_inlines(self, request: HttpRequest, obj: Release | None) -> list[Any]:
        return [MilestoneInline, NewMilestoneInline] if obj else [NewMilestoneInline]


class ReviewInline(WithRelated, admin.StackedInline):
    """Stacked, since a row of all its fields is wider than any screen."""

    model = Review
    related = ("reviewer",)
    formfield_overrides = TYPED
    fields = [("reviewer", "verdict"), "at", "comment", "url"]
    extra = 0
    autocomplete_fields = ["reviewer"]


class ReclassificationInline(RecordOnly, admin.StackedInline):
    """Stacked, as moves are; its heading says from what to what."""

    model = Reclassification
    related = ("by", "proposal")
    formfield_overrides = TYPED
    fields = [("by", "at"), "why", "source_url"]


@admin.register(MergeProposal)
class MergeProposalAdmin(Prefilled, admin.ModelAdmin):
    formfield_overrides = TYPED
    list_display = ["key", "title", "project", "release", "change_kind", "state_in_words", "author"]
    list_filter = ["release", "state", "change_kind", "project", "forge"]
    list_select_related = ["project", "release", "author"]
    search_fields = ["key", "title", "branch", "url", "author__name"]
    autocomplete_fields = ["author", "project", "release"]
    inlines = [ReviewInline, ReclassificationInline]
    change_form_template = "releases/admin/proposal.html"

    def get_form(
        self,
        request: HttpRequest,
        obj: MergeProposal | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 Django's own
        **kwargs: Any,
    ) -> Any:
        kwargs["labels"] = {"url": "Address", "merged_at": "Merged at (UTC)"}
        kwargs["help_texts"] = {
            "key": "As its forge writes it: 54464, or openstack/nova#12.",
            "state": "Its forge, where it is asked, says otherwise as soon as it answers.",
        }
        return super().get_form(request, obj, change, **kwargs)

    # Django would show the label of the column's value, which a stub has too.
    @admin.display(description="state", ordering="state")
    def state_in_words(self, proposal: MergeProposal) -> str:
        return proposal.get_state_display()

    def get_readonly_fields(
        self, request: HttpRequest, obj: MergeProposal | None = None
    ) -> list[str]:
        told_by_forge = ["target_branch", "approved_at", "changed_at", "synced_at", "trouble"]
        return ["change_kind", *told_by_forge] if obj else []

    def get_urls(self) -> list[URLPattern]:
        reclassify = path(
            "<int:pk>/reclassify/",
            self.admin_site.admin_view(self.reclassify_view),
            name="proposal_reclassify",
        )
        return [reclassify, *super().get_urls()]

    def reclassify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask as what it counts and why, and record it."""
        proposal = get_object_or_404(MergeProposal, pk=pk)
        form = ReclassifyForm(request.POST or None, proposal=proposal)
        return record_by(self, request, proposal, form, {"title": f"Reclassify {proposal}"})


def record_by(
    page: admin.ModelAdmin,
    request: HttpRequest,
    record: Milestone | MergeProposal,
    form: Any,
    context: dict[str, Any],
    template: str = "releases/admin/record.html",
) -> HttpResponse:
    """Show the form of a verb, or do what it says in the name of who is signed in."""
    if not page.has_change_permission(request, record):
        raise PermissionDenied
    person = Person.objects.filter(user_id=request.user.pk or 0).first()
    if person is None:
        messages.error(
            request,
            "Your login belongs to no person, and this is recorded with one: choose it on a"
            " person's page under People.",
        )
    elif request.method == "POST" and form.is_valid():
        recorded = form.apply(by=person, at=timezone.now())
        if recorded is not None:
            messages.success(request, f"Recorded. {recorded}.")
            change = f"admin:releases_{page.opts.model_name}_change"
            return HttpResponseRedirect(reverse(change, args=[record.pk]))
    shared = page.admin_site.each_context(request)
    shared |= {"opts": page.opts, "record": record, "form": form}
    return TemplateResponse(request, template, shared | context)
