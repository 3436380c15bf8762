"""What ships, and when: releases, milestones, proposals and people, to read."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from releases.models import (
    ChangeKind,
    Forge,
    Handle,
    HandleKind,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneKind,
    MilestoneMove,
    Person,
    ProposalState,
    Release,
    Role,
)
from releases.rest import InstantFilter, OneOf, Resource
from releases.rows import Row, move_row, z
from releases.schema import described


class ReleaseShape(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    version = serializers.CharField()
    zone = serializers.CharField(help_text="IANA zone in which its deadlines are meant.")
    leads_decide = serializers.BooleanField()
    projects = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class MoveShape(serializers.Serializer):
    from_at = serializers.DateTimeField()
    to_at = serializers.DateTimeField()
    by = serializers.CharField()
    at = serializers.DateTimeField(help_text="When it was decided.")
    why = serializers.CharField()
    source_url = serializers.CharField()


class MilestoneShape(serializers.Serializer):
    id = serializers.IntegerField()
    target = serializers.CharField(help_text="Its public name: `milestone:cactus/gammafreeze`.")
    release = serializers.CharField()
    project = serializers.CharField(allow_null=True, help_text="Null: of every project.")
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(MilestoneKind.choices)
    at = serializers.DateTimeField()
    blocks = serializers.ListField(child=serializers.ChoiceField(ChangeKind.choices))


class MilestoneDetails(MilestoneShape):
    moves = MoveShape(many=True)


class ProposalShape(serializers.Serializer):
    id = serializers.IntegerField()
    target = serializers.CharField(help_text="Its public name: `proposal:launchpad:54464`.")
    forge = serializers.ChoiceField(Forge.choices)
    key = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField()
    branch = serializers.CharField()
    author = serializers.CharField(allow_null=True)
    project = serializers.CharField(allow_null=True)
    release = serializers.CharField(allow_null=True)
    change_kind = serializers.ChoiceField(ChangeKind.choices)
    state = serializers.ChoiceField(ProposalState.choices)
    merged_at = serializers.DateTimeField(allow_null=True)


class HandleShape(serializers.Serializer):
    kind = serializers.ChoiceField([one for one in HandleKind.choices if one[0] != "email"])
    value = serializers.CharField()


class RoleShape(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices)
    project = serializers.CharField(allow_null=True, help_text="Null: in every project.")


class PersonShape(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    zone = serializers.CharField()
    handles = HandleShape(many=True, help_text="Where they are known; never their mail address.")
    roles = RoleShape(many=True)


class ReleaseFilters(FilterSet):
    name = CharFilter(lookup_expr="icontains")
    version = CharFilter()
    project = CharFilter("projects__slug")


class MilestoneFilters(FilterSet):
    release = CharFilter("release__slug")
    project = CharFilter("project__slug")
    slug = CharFilter()
    kind = OneOf(choices=MilestoneKind.choices)
    after = InstantFilter("at", "gte", label="At that instant or later.")
    before = InstantFilter("at", "lt", label="Before that instant.")


class ProposalFilters(FilterSet):
    ref = CharFilter(method="named", label="An address, a public name, a number or a branch.")
    release = CharFilter(
        method="of_release", label="Slug: meant for it, or named by an exception of it."
    )
    project = CharFilter("project__slug")
    forge = OneOf(choices=Forge.choices)
    state = OneOf(choices=ProposalState.choices)
    change_kind = OneOf(choices=ChangeKind.choices)
    author = CharFilter(method="proposed_by", label="A person's name, or a handle of theirs.")

    def named(self, found: Any, name: str, words: str) -> Any:
        return found.called(words)

    def proposed_by(self, found: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return found.filter(author__in=Person.objects.called(words).order_by())

    def of_release(self, found: Any, name: str, slug: str) -> Any:
        return found.of_release(Release.objects.filter(slug=slug)[:1])


class PersonFilters(FilterSet):
    name = CharFilter(lookup_expr="icontains")
    handle = CharFilter(method="known_as", label="A nick or a login of theirs, in any case.")
    role = OneOf(choices=Role.choices, method="has_role")
    project = CharFilter(
        method="works_on", label="Slug of a project in which they have a role: that one, if named."
    )

    def known_as(self, found: Any, name: str, words: str) -> Any:
        return found.known_as(words)

    def has_role(self, found: QuerySet[Any], name: str, role: str) -> QuerySet[Any]:
        return found.filter(pk__in=Membership.objects.filter(role=role).values("person"))

    def works_on(self, found: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        held = Membership.objects.filter(project__slug=slug)
        if role := self.form.cleaned_data.get("role"):
            held = held.filter(role=role)
        return found.filter(pk__in=held.values("person"))


@extend_schema_view(**described("releases", ReleaseShape, example="release"))
class Releases(Resource):
    """Dated releases of a series."""

    queryset = Release.objects.all()
    serializer_class = ReleaseShape
    filterset_class = ReleaseFilters
    columns = ["slug", "name", "version", "zone", "leads_decide"]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,64}"

    def rows(self, found: list[Row]) -> list[Row]:
        through = Release.projects.through.objects.filter(release__in=[row["pk"] for row in found])
        projects = defaultdict(list)
        for key, slug in through.order_by("project__slug").values_list(
            "release_id", "project__slug"
        ):
            projects[key].append(slug)
        return [
            {name: row[name] for name in self.columns}
            | {"projects": projects[row["pk"]], "url": f"/releases/{row['slug']}/"}
            for row in found
        ]


@extend_schema_view(**described("milestones", MilestoneShape, MilestoneDetails, "milestone"))
class Milestones(Resource):
    """Dated points of a release; a freeze is one that blocks some kinds of change."""

    queryset = Milestone.objects.all()
    serializer_class = MilestoneShape
    filterset_class = MilestoneFilters
    paged_by, newest_first = "at", False
    columns = ["release__slug", "project__slug", "slug", "name", "kind", "at", "blocks"]

    def rows(self, found: list[Row]) -> list[Row]:
        return [
            {
                "id": row["pk"],
                "target": f"milestone:{row['release__slug']}/{row['slug']}",
                "release": row["release__slug"],
                "project": row["project__slug"],
                "slug": row["slug"],
                "name": row["name"],
                "kind": row["kind"],
                "at": z(row["at"]),
                "blocks": row["blocks"],
            }
            for row in found
        ]

    def details(self, row: Row) -> Row:
        moves = MilestoneMove.objects.filter(milestone=row["id"]).select_related("by")
        return row | {"moves": [move_row(move) for move in moves]}


@extend_schema_view(**described("proposals", ProposalShape, example="proposal"))
class Proposals(Resource):
    """Merge proposals, changes, pull and merge requests."""

    queryset = MergeProposal.objects.all()
    serializer_class = ProposalShape
    filterset_class = ProposalFilters
    columns = [
        "forge", "key", "url", "title", "branch", "author__name", "project__slug",
        "release__slug", "change_kind", "state", "merged_at",
    ]  # fmt: skip

    def rows(self, found: list[Row]) -> list[Row]:
        return [
            {
                "id": row["pk"],
                "target": f"proposal:{row['forge']}:{row['key']}",
                "forge": row["forge"],
                "key": row["key"],
                "url": row["url"],
                "title": row["title"],
                "branch": row["branch"],
                "author": row["author__name"],
                "project": row["project__slug"],
                "release": row["release__slug"],
                "change_kind": row["change_kind"],
                "state": row["state"],
                "merged_at": z(row["merged_at"]),
            }
            for row in found
        ]


@extend_schema_view(**described("people", PersonShape, example="person"))
class People(Resource):
    """Who speaks, proposes, reviews or decides."""

    queryset = Person.objects.all()
    serializer_class = PersonShape
    filterset_class = PersonFilters
    columns = ["name", "zone"]

    def rows(self, found: list[Row]) -> list[Row]:
        keys = [row["pk"] for row in found]
        handles, roles = defaultdict(list), defaultdict(list)
        shown = Handle.objects.exclude(kind=HandleKind.EMAIL).filter(person__in=keys)
        for key, kind, value in shown.values_list("person_id", "kind", "value"):
            handles[key].append({"kind": kind, "value": value})
        held = Membership.objects.filter(person__in=keys).order_by("role", "project__slug")
        for key, role, project in held.values_list("person_id", "role", "project__slug"):
            roles[key].append({"role": role, "project": project})
        return [
            {
                "id": row["pk"],
                "name": row["name"],
                "zone": row["zone"],
                "handles": handles[row["pk"]],
                "roles": roles[row["pk"]],
            }
            for row in found
        ]
