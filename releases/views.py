from functools import partial

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.listing import NAME, Choice, Filter, Filters, choices, page_of
from releases.models import (
    ChangeKind,
    Membership,
    MergeProposal,
    Person,
    Project,
    ProposalState,
    Release,
    Role,
)
from releases.models.proposals import IN_REVIEW, MergeProposalQuerySet

STATES = (
    # What nobody has told the state of is among them: it may be in review.
    Choice("in-review", "open: in review, approved, unknown", "that are open"),
    *choices(((state.value, str(state.label)) for state in ProposalState), "that are {}"),
)
KINDS = choices(((kind.value, str(kind.label)) for kind in ChangeKind), "of the kind “{}”")
ROLES = choices(((role.value, str(role.label)) for role in Role), "with the role “{}”")


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Every merge proposal that the address asks for, the newest first."""
    releases = {release.slug: release for release in Release.objects.only("slug", "name")}
    names = [(slug, release.name) for slug, release in releases.items()]
    filters = Filters.of(
        request.GET,
        [
            Filter("status", "State", STATES),
            Filter("kind", "Kind of change", KINDS),
            Filter("release", "Release", choices(names, "for {}")),
            Filter(
                "project", "Project", choices(Project.objects.values_list("slug", "name"), "of {}")
            ),
        ],
    )
    listed = MergeProposal.objects.select_related("author", "project", "release")
    status = filters.value("status")
    if status:
        listed = listed.filter(state__in=IN_REVIEW if status == "in-review" else [status])
    if filters.value("kind"):
        listed = listed.filter(change_kind=filters.value("kind"))
    if filters.value("project"):
        listed = listed.filter(project__slug=filters.value("project"))
    if filters.words:
        listed = listed.filter(_named(filters.words))
    release = releases.get(filters.value("release"))
    newest = partial(MergeProposalQuerySet.newest_of_release, release=release) if release else None
    page = page_of(listed.prefetch_related("exceptions"), request.GET, filters, first=newest)
    return render(request, "releases/proposals.html", {"page": page, "filters": filters})


def _named(words: str) -> Q:
    """As the gate takes it (address, number, branch, public name), or words of its title."""
    called = MergeProposal.objects.called(words).order_by().values("pk")
    return Q(pk__in=called) | Q(title__icontains=words)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who speaks, proposes, reviews or decides, by name."""
    filters = Filters.of(
        request.GET,
        [
            Filter("role", "Role", ROLES),
            Filter(
                "project", "Project", choices(Project.objects.values_list("slug", "name"), "in {}")
            ),
        ],
    )
    listed = Person.objects.prefetch_related("memberships__project", "handles")
    asked = {"role": filters.value("role"), "project__slug": filters.value("project")}
    if held := {name: value for name, value in asked.items() if value}:  # both of one membership
        listed = listed.filter(pk__in=Membership.objects.filter(**held).values("person"))
    if filters.words:
        words = filters.words
        by_handle = Person.objects.known_as(words)
        listed = listed.filter(Q(name__icontains=words) | Q(pk__in=by_handle))
    page = page_of(listed, request.GET, filters, order=NAME)
    return render(request, "releases/people.html", {"page": page, "filters": filters})
