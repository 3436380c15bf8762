from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from governance import rights
from governance.forms import AskForm, MoveForm, VerbForm
from governance.lifecycle import TRANSITIONS, Status, Verb
from governance.models import Budget, Condition, Decision, ExceptionRequest
from governance.refusals import Refused
from governance.signed_in import person as signed_in
from governance.signed_in import person_or_none
from releases.admin import MilestoneAdmin, ReadOnly, record_by
from releases.models import Milestone, Project
from releases.plurals import number_of
from releases.templatetags.instants import from_now

DECISIONS = [verb for verb in TRANSITIONS if verb != Verb.EXPIRE]
ON_MANY = {
    Verb.REFUSE_EXTENSION: "Refuse to extend the selected exceptions",
    Verb.LAND: "Call the selected exceptions landed",
    Verb.REVERT: "Call the selected exceptions reverted",
}
DAY = timedelta(days=1)
LONGEST_KEY = 18  # digits


class StandingFilter(admin.SimpleListFilter):
    """The questions that a release manager asks of the list."""

    title = "how it stands"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("standing", "standing"),
            ("expiring", "expiring within 24 hours"),
            ("undecided", "undecided"),
            ("lapsed", "past its deadline, not landed"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ExceptionRequest]
    ) -> QuerySet[ExceptionRequest]:
        now = timezone.now()
        exceptions = ExceptionRequest.objects.all()
        chosen: dict[str | None, Callable[[], QuerySet[ExceptionRequest]]] = {
            "standing": lambda: exceptions.standing(now),
            "expiring": lambda: exceptions.expiring(within=DAY, at=now),
            "undecided": exceptions.undecided,
            "lapsed": lambda: exceptions.lapsed(now),
        }
        question = chosen.get(self.value())
        return queryset if question is None else queryset.filter(pk__in=question().values("pk"))


class StatusFilter(admin.SimpleListFilter):
    """The status as it is shown: what is past its deadline has expired."""

    title = "status"
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Status]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ExceptionRequest]
    ) -> QuerySet[ExceptionRequest]:
        now, chosen = timezone.now(), self.value()
        lapsed = ExceptionRequest.objects.lapsed(now).values("pk")
        if chosen == Status.GRANTED:
            return queryset.filter(status=chosen).exclude(pk__in=lapsed)
        if chosen == Status.EXPIRED:
            return queryset.filter(Q(status=chosen) | Q(pk__in=lapsed))
        return queryset.filter(status=chosen) if chosen in Status.values else queryset


class ProjectFilter(admin.SimpleListFilter):
    title = "project"
    parameter_name = "project"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Project.objects.values_list("slug", "name"))

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ExceptionRequest]
    ) -> QuerySet[ExceptionRequest]:
        if not self.value():
            return queryset
        of_one = Q(project__slug=self.value()) | Q(proposals__project__slug=self.value())
        return queryset.filter(of_one).distinct()


@admin.register(ExceptionRequest)
class ExceptionAdmin(admin.ModelAdmin):
    """Shows how each exception stands, and calls its verbs. No field of it is edited."""

    list_display = [
        "reference",
        "title",
        "standing",
        "deadline",
        "time_left",
        "requester",
        "release",
    ]
    list_display_links = ["reference", "title"]
    list_filter = [StandingFilter, StatusFilter, ProjectFilter, "release"]
    list_select_related = ["release", "requester", "expires_with"]
    list_per_page = 50
    search_fields = [
        "title",
        "proposals__key",
        "proposals__branch",
        "requester__name",
        "requester__handles__value",
    ]
    search_help_text = "Title, number or branch of a proposal, name or handle of a person"
    show_full_result_count = False

    # --- Columns --------------------------------------------------------------------------------

    @admin.display(description="status", ordering="status")
    def standing(self, exception: ExceptionRequest) -> str:
        return str(exception.status_at(timezone.now()).label)

    @admin.display(description="until (UTC)", ordering="expires_at")
    def deadline(self, exception: ExceptionRequest) -> str:
        runs = exception.status_at(timezone.now()) in {Status.GRANTED, Status.EXPIRED}
        return str(exception.until) if exception.until and runs else "-"

    @admin.display(description="time left")
    def time_left(self, exception: ExceptionRequest) -> str:
        now = timezone.now()
        if not exception.stands(now) or exception.until.instant is None:
            return "-"
        return from_now(exception.until.instant, now)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ExceptionRequest], search_term: str
    ) -> tuple[QuerySet[ExceptionRequest], bool]:
        """`FFE-12` finds itself; other words as in `search_fields`."""
        named = ExceptionRequest.objects.referenced(search_term)
        if search_term[:4].upper() == "FFE-" and named.exists():
            return queryset.filter(pk__in=named.values("pk")), False
        return super().get_search_results(request, queryset, search_term)

    # --- Pages ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        decide = path(
            "<int:pk>/decide/<slug:verb>/",
            view(self.decide_view),
            name="governance_exceptionrequest_decide",
        )
        confirm = path(
            "<int:pk>/confirm/<int:condition>/",
            view(self.confirm_view),
            name="governance_exceptionrequest_confirm",
        )
        return [decide, confirm, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for an exception."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = AskForm(request.POST or None, at=now)
        if request.method == "POST" and form.is_valid():
            try:
                exception = form.apply(by=signed_in(request), at=now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, f"{exception} is asked for.")
                return HttpResponseRedirect(_page(exception))
        return self._page(request, "ask", {"form": form, "title": "Ask for an exception"})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How it stands, its ledger, and a button for each verb that this person may use."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        exception = self._exception(
            int(object_id) if object_id.isdecimal() and len(object_id) < LONGEST_KEY else 0
        )
        now = timezone.now()
        status = exception.status_at(now)
        person = person_or_none(request)
        context = {
            "exception": exception,
            "now": now,
            "status": status,
            "verbs": rights.verbs(person, exception, status),
            "may_confirm": rights.may_confirm(person, exception),
            "person": person,
            "title": str(exception),
        }
        return self._page(request, "exception", context)

    def decide_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """The form of one verb, and the decision itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        exception, chosen = self._exception(pk), _verb(verb)
        now = timezone.now()
        form = VerbForm(request.POST or None, verb=chosen, release=exception.release, at=now)
        if request.method == "POST" and form.is_valid():
            try:
                decision = form.apply(exception, by=signed_in(request), at=now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, decision.said_back)
                return HttpResponseRedirect(_page(exception))
        title = f"{chosen.words.capitalize()}: {exception}"
        return self._page(
            request,
            "decide",
            {
                "form": form,
                "exceptions": [exception],
                "title": title,
                "at": now,
                "button": chosen.words.capitalize(),
            },
        )

    def confirm_view(self, request: HttpRequest, pk: int, condition: int) -> HttpResponse:
        """Say that a condition is met."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        exception = self._exception(pk)
        if request.method == "POST":
            asked = get_object_or_404(Condition, pk=condition, exception=exception)
            try:
                asked.confirm(by=signed_in(request), at=timezone.now())
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"“{asked}” is confirmed.")
        return HttpResponseRedirect(_page(exception))

    # --- Many at once ---------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        ways = {verb: partial(self._decide_many, verb) for verb in DECISIONS}
        return {verb.value: (way, verb.value, _sentence(verb)) for verb, way in ways.items()}

    def _decide_many(
        self, verb: Verb, admin_: Any, request: HttpRequest, chosen: QuerySet[ExceptionRequest]
    ) -> HttpResponse | None:
        """One form for all that are selected; one line for each result."""
        # Those ticked, also where one has left the filtered list meanwhile: it gets its line too.
        ticked = [key for key in request.POST.getlist("_selected_action") if key.isdecimal()]
        keys = [int(key) for key in ticked if len(key) < LONGEST_KEY]
        across = request.POST.get("select_across") == "1"
        wanted = chosen if across else ExceptionRequest.objects.filter(pk__in=keys)
        exceptions = list(wanted.select_related("release", "expires_with").order_by("pk"))
        if not exceptions:
            messages.error(request, "None of the exceptions ticked is there any more.")
            return None
        releases = {exception.release_id for exception in exceptions}
        if len(releases) > 1:
            messages.error(request, "Choose exceptions of one release: deadlines have its zone.")
            return None
        now, decided = timezone.now(), "decided" in request.POST
        release = exceptions[0].release
        form = VerbForm(request.POST if decided else None, verb=verb, release=release, at=now)
        if decided and form.is_valid():
            for exception in exceptions:
                try:
                    decision = form.apply(exception, by=signed_in(request), at=now)
                    messages.success(request, decision.said_back)
                except Refused as refusal:
                    messages.error(request, _about(exception, refusal))
            return None
        context = {
            "form": form,
            "exceptions": exceptions,
            "at": now,
            "action": verb.value,
            "button": verb.words.capitalize(),
            "title": f"{verb.words.capitalize()}: {number_of(len(exceptions), 'exception')}",
        }
        return self._page(request, "decide", context)

    # --------------------------------------------------------------------------------------------

    def _exception(self, pk: int) -> ExceptionRequest:
        return get_object_or_404(ExceptionRequest.objects.with_story(), pk=pk)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = self.admin_site.each_context(request)
        if "exceptions" in context:
            at = context["at"]
            context["standing"] = [(one, one.status_at(at)) for one in context["exceptions"]]
        return TemplateResponse(
            request, f"governance/admin/{name}.html", shared | {"opts": self.opts} | context
        )


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin):
    """The ledger, to read."""

    list_display = ["about", "place", "verb", "by", "at", "rationale"]
    list_select_related = ["by"]
    list_filter = ["verb"]
    search_fields = ["rationale", "by__name", "exception__title"]
    show_full_result_count = False

    @admin.display(description="exception", ordering="exception_id")
    def about(self, decision: Decision) -> str:
        return decision.exception_reference

    @admin.display(description="no.", ordering="sequence")
    def place(self, decision: Decision) -> int:
        return decision.sequence


admin.site.unregister(Milestone)


@admin.register(Milestone)
class MovedMilestoneAdmin(MilestoneAdmin):
    """A milestone with a page that moves it to an instant in words, with what is bound to it."""

    change_form_template = "governance/admin/milestone.html"

    def get_urls(self) -> list[URLPattern]:
        move = self.admin_site.admin_view(self.move_view)
        return [path("<int:pk>/move/", move, name="milestone_move"), *super().get_urls()]

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask where to and why, show what moves with it, and move it."""
        milestone = get_object_or_404(Milestone.objects.select_related("release"), pk=pk)
        form = MoveForm(request.POST or None, milestone=milestone, at=timezone.now())
        bound = [held for held in milestone.bound_exceptions.all() if held.status == "granted"]
        context = {"milestone": milestone, "bound": bound, "title": f"Move {milestone}"}
        return record_by(self, request, milestone, form, context, "governance/admin/move.html")


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin):
    list_display = ["release", "project", "limit"]
    list_select_related = ["release", "project"]


def _verb(word: str) -> Verb:
    for verb in DECISIONS:
        if verb.value == word:
            return verb
    raise Http404(f"There is no way to “{word}” an exception.")


def _sentence(verb: Verb) -> str:
    """What an action of the list does."""
    return ON_MANY.get(verb, f"{verb.words.capitalize()} the selected exceptions")


def _page(exception: ExceptionRequest) -> str:
    return reverse("admin:governance_exceptionrequest_change", args=[exception.pk])


def _about(exception: ExceptionRequest, refusal: Refused) -> str:
    """A refusal that names its exception once."""
    words, name = str(refusal), exception.reference
    return words if name in words else f"{name}: {words}"
