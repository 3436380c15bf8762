"""What is decided, for machines: exceptions with their verbs, and the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import asking, examples
from governance.asking import AskBody, SaidBody, proposals_of
from governance.lifecycle import Scope, Status, Verb
from governance.models import Claim, Condition, Decision, ExceptionRequest
from governance.numbering import key_of
from governance.rows import (
    DECISION_COLUMNS,
    EXCEPTION_COLUMNS,
    claims_of,
    decision_row,
    exception_row,
)
from governance.signed_in import person
from releases.addressing import site_url
from releases.models import MergeProposal, ProposalState
from releases.rest import LARGEST_KEY, InstantFilter, OneOf, Resource
from releases.rows import Row, z
from releases.schema import answered, asked, described

# --- Shapes -----------------------------------------------------------------------------------


class DeadlineShape(serializers.Serializer):
    words = serializers.CharField(help_text="As it was said; empty: it was given as an instant.")
    zone = serializers.CharField()
    zone_source = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class ClaimShape(serializers.Serializer):
    target = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(ProposalState.choices)


class ConditionShape(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    met_by = serializers.CharField(allow_null=True)
    met_at = serializers.DateTimeField(allow_null=True)


class DecisionShape(serializers.Serializer):
    id = serializers.IntegerField()
    exception = serializers.CharField()
    release = serializers.CharField()
    sequence = serializers.IntegerField(help_text="Its number in the ledger of its exception.")
    verb = serializers.ChoiceField(Verb.choices)
    by = serializers.CharField(allow_null=True, help_text="Null: time decided.")
    by_id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    previous_status = serializers.ChoiceField(Status.choices, allow_blank=True)
    new_status = serializers.ChoiceField(Status.choices)
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="The deadline from then on; with its milestone, where that is."
    )
    expires_with = serializers.CharField(allow_null=True)
    rationale = serializers.CharField()
    over_budget = serializers.CharField()
    quote = serializers.CharField()
    source_url = serializers.CharField()
    hash = serializers.CharField()


class ExceptionShape(serializers.Serializer):
    ref = serializers.CharField()
    title = serializers.CharField()
    release = serializers.CharField()
    freeze = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)
    project = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(Status.choices, help_text="At this instant.")
    requested_by = serializers.CharField()
    requested_by_id = serializers.IntegerField()
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    expires_with = serializers.CharField(
        allow_null=True, help_text="The milestone with which the deadline moves."
    )
    deadline = DeadlineShape()
    proposals = ClaimShape(many=True)
    url = serializers.CharField()


class ExceptionDetails(ExceptionShape):
    why_now = serializers.CharField()
    risk_of_landing = serializers.CharField()
    risk_of_not_landing = serializers.CharField()
    testing = serializers.CharField()
    wanted_until = serializers.DateTimeField(allow_null=True)
    conditions = ConditionShape(many=True)
    decisions = DecisionShape(many=True)


# --- Filters ----------------------------------------------------------------------------------


class ExceptionFilters(FilterSet):
    release = CharFilter("release__slug")
    freeze = CharFilter("freeze__slug")
    project = CharFilter(method="of_project", label="Slug: of it, or of a proposal of it.")
    status = OneOf(choices=Status.choices, method="that_is", label="At this instant.")
    requested_by = NumberFilter(
        "requester_id", label="Id of a person.", min_value=1, max_value=LARGEST_KEY
    )
    proposal = CharFilter(
        method="for_proposal", label="An address, a public name, a number or a branch."
    )
    expires_after = InstantFilter("deadline", "gte", label="Deadline at that instant or later.")
    expires_before = InstantFilter("deadline", "lt", label="Deadline before that instant.")

    def of_project(self, found: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        named = Claim.objects.filter(proposal__project__slug=slug).values("exception")
        return found.filter(Q(project__slug=slug) | Q(pk__in=named))

    def that_is(self, found: Any, name: str, status: str) -> QuerySet[Any]:
        """Time may have decided before the ledger says so."""
        at: datetime = self.request.parser_context["view"].at
        if status == Status.GRANTED:
            return found.standing(at)  # type: ignore[no-any-return] # an ExceptionQuerySet
        if status == Status.EXPIRED:
            lapsed = Q(status=Status.GRANTED, deadline__lte=at)
            return found.filter(Q(status=Status.EXPIRED) | lapsed)  # type: ignore[no-any-return]
        return found.filter(status=status)  # type: ignore[no-any-return]

    def for_proposal(self, found: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        claims = Claim.objects.filter(proposal__in=MergeProposal.objects.called(words).order_by())
        return found.filter(pk__in=claims.values("exception"))


class OfException(CharFilter):
    """`?exception=FFE-12`; what is no such name is refused, for it would be no filter."""

    def __init__(self) -> None:
        super().__init__("exception", label="`FFE-12`")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        key = key_of(value)
        if key is None:
            raise serializers.ValidationError(
                {self.field_name: [f"“{value[:60]}” is no exception; write it as FFE-12."]}
            )
        return qs.filter(exception=key)


class DecisionFilters(FilterSet):
    exception = OfException()
    release = CharFilter("exception__release__slug")
    verb = OneOf(choices=Verb.choices)
    by = NumberFilter("by_id", label="Id of a person.", min_value=1, max_value=LARGEST_KEY)
    after = InstantFilter("at", "gte", label="At that instant or later.")
    before = InstantFilter("at", "lt", label="Before that instant.")


# --- Resources --------------------------------------------------------------------------------


@extend_schema_view(**described("decisions", DecisionShape, example=examples.DECISION))
class Decisions(Resource):
    """The ledger: every decision, in the order in which they were entered, the last first."""

    queryset = Decision.objects.all()
    serializer_class = DecisionShape
    filterset_class = DecisionFilters
    columns = DECISION_COLUMNS

    def rows(self, found: list[Row]) -> list[Row]:
        return [decision_row(row) for row in found]


def verb_action(verb: Verb) -> Callable[..., Response]:
    """`POST exceptions/FFE-1/grant/`: one verb of an exception."""
    body = asking.BODIES.get(verb, SaidBody)

    def decide(view: "Exceptions", request: Request, ref: str) -> Response:
        return view.decide(request, ref, verb, body)

    decide.__name__ = verb.name.lower()
    # "Refuse extension" says of what by itself.
    what = verb.words.capitalize() + (" it" if " " not in verb.words else "")
    decide.__doc__ = f"{what}; who may, and from which status, is one table."
    example = {"rationale": "Self-contained, and reviewed twice."}
    if verb in asking.WITH_DEADLINE:
        example |= {"expires": "2011-03-30T10:00:00Z"}
    routed = action(methods=["post"], detail=True, url_path=verb.value, url_name=verb.value)(decide)
    described_action: Callable[..., Response] = extend_schema(
        tags=["exceptions"],
        request=body,
        responses={200: ExceptionDetails},
        examples=[asked(example), answered(examples.EXCEPTION)],
    )(routed)
    return described_action


@extend_schema_view(
    **described("exceptions", ExceptionShape, ExceptionDetails, example=examples.EXCEPTION),
    create=extend_schema(
        tags=["exceptions"],
        request=AskBody,
        responses={201: ExceptionDetails},
        examples=[
            asked(
                {
                    "release": "cactus",
                    "freeze": "featurefreeze",
                    "title": "Volumes through the API",
                    "why_now": "Without it the API stays incomplete.",
                    "proposals": ["https://code.launchpad.net/~jun/nova/volumes-api/+merge/54464"],
                }
            ),
            answered(examples.EXCEPTION, codes=("201",)),
        ],
    ),
)
class Exceptions(Resource):
    """Feature freeze exceptions. Only verbs change one."""

    queryset = ExceptionRequest.objects.with_deadline()
    serializer_class = ExceptionShape
    filterset_class = ExceptionFilters
    columns = EXCEPTION_COLUMNS
    lookup_field = "ref"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,9}"

    def named(self, name: str) -> Q:
        return Q(("pk", key_of(name)))

    def rows(self, found: list[Row]) -> list[Row]:
        proposals = claims_of([row["pk"] for row in found])
        return [exception_row(row, proposals[row["pk"]], at=self.at) for row in found]

    def details(self, row: Row) -> Row:
        key = key_of(row["ref"])
        story = ["why_now", "risk_of_landing", "risk_of_not_landing", "testing", "wanted_until"]
        told = ExceptionRequest.objects.referenced(row["ref"]).values(*story)[0]
        conditions = Condition.objects.filter(exception=key).order_by("pk")
        decisions = Decision.objects.filter(exception=key).order_by("sequence")
        met = [
            {"id": pk, "text": text, "met_by": by, "met_at": z(met_at)}
            for pk, text, by, met_at in conditions.values_list(
                "pk", "text", "met_by__name", "met_at"
            )
        ]
        said = [decision_row(one) for one in decisions.values(*DECISION_COLUMNS)]
        wanted = z(told["wanted_until"])
        return {**row, **told, "wanted_until": wanted, "conditions": met, "decisions": said}

    def create(self, request: Request) -> Response:
        """Ask for an exception."""
        by = person(request)
        said = self.said(request, AskBody)
        with transaction.atomic():
            proposals = proposals_of(said.pop("proposals"))
            exception = ExceptionRequest.objects.ask(by=by, at=self.at, proposals=proposals, **said)
        return Response(
            self.one(exception.reference),
            status=status.HTTP_201_CREATED,
            headers={"Location": site_url(f"{request.path}{exception.reference}/")},
        )

    def decide(self, request: Request, ref: str, verb: Verb, body: type[SaidBody]) -> Response:
        """Call the verb in the name of who is signed in, and answer how it stands then."""
        by = person(request)
        known = ExceptionRequest.objects.select_related("release").prefetch_related("proposals")
        exception = self.record(known, ref)
        given = body(data=request.data, context={"view": self, "release": exception.release})
        given.is_valid(raise_exception=True)
        call = getattr(exception, verb.value.replace("-", "_"))
        call(by=by, at=self.at, **given.validated_data)
        return Response(self.one(exception.reference))


for _verb in Verb:
    if _verb not in {Verb.REQUEST, Verb.EXPIRE}:
        setattr(Exceptions, _verb.name.lower(), verb_action(_verb))
