"""The gate, asked by machines: of one change by GET, of up to two hundred by POST."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance import examples
from governance.api import ClaimShape
from governance.asking import GateQuery
from governance.gate import Code, Verdict, verdict
from governance.gate_many import MOST, verdicts
from governance.lifecycle import Status
from governance.meant import LONGEST_REFERENCE
from governance.measured import counted
from releases.models import ChangeKind
from releases.rest import ConditionalButForItsInstant, Words, refuse_repeated, refuse_unknown
from releases.schema import answered, asked


class FreezeShape(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.DateTimeField()


class GateExceptionShape(serializers.Serializer):
    ref = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    expires_at = serializers.DateTimeField(allow_null=True)
    source_url = serializers.CharField()


class GateProposalShape(ClaimShape):
    change_kind = serializers.ChoiceField(ChangeKind.choices)


class GateShape(serializers.Serializer):
    allowed = serializers.BooleanField()
    code = serializers.ChoiceField([(code.value, code.value) for code in Code])
    reason = serializers.CharField(help_text="One sentence for a person.")
    at = serializers.DateTimeField()
    release = serializers.CharField(allow_null=True)
    freezes = FreezeShape(many=True)
    exception = GateExceptionShape(allow_null=True)
    proposal = GateProposalShape(allow_null=True)


class UnknownShape(GateShape):
    detail = serializers.CharField()


class GateManyBody(GateQuery):
    """Up to two hundred references at once."""

    ref = None  # type: ignore[assignment] # DRF's way to leave a field out
    refs = serializers.ListField(
        child=Words(max_length=LONGEST_REFERENCE), min_length=1, max_length=MOST
    )


class GateRowShape(GateShape):
    ref = serializers.CharField(help_text="As it was asked.")


class GateManyShape(serializers.Serializer):
    allowed = serializers.BooleanField(help_text="Whether every one of them may land.")
    results = GateRowShape(many=True)


class Gate(ConditionalButForItsInstant, APIView):
    """Whether a change may land in a release now, who decided so, and until when."""

    permission_classes = [AllowAny]  # asking changes nothing, by POST neither

    @extend_schema(
        tags=["gate"],
        operation_id="gate",
        parameters=[GateQuery],
        responses={200: GateShape, 404: UnknownShape},
        examples=[
            answered(examples.GATE),
            answered(examples.UNKNOWN | {"detail": examples.UNKNOWN["reason"]}, codes=("404",)),
        ],
    )
    def get(self, request: Request) -> Response:
        """Ask of one change. 200 whether it may land or not; 404 for what nothing here knows."""
        refuse_repeated(request.query_params)
        asked_for = _asked(request.query_params.dict(), GateQuery)
        at = asked_for.get("at", timezone.now())
        found = verdict(asked_for["ref"], at=at, release=asked_for.get("release"))
        counted([found])
        if found.code == Code.UNKNOWN:
            says = found.as_json() | {"detail": found.reason}
            return Response(says, status=status.HTTP_404_NOT_FOUND)
        return _cached(Response(found.as_json()), [found])

    @extend_schema(
        tags=["gate"],
        operation_id="gate_many",
        request=GateManyBody,
        responses={200: GateManyShape},
        examples=[
            asked({"refs": [examples.PROPOSAL["url"], "~jun/nova/other"], "release": "cactus"}),
            answered(
                {
                    "allowed": False,
                    "results": [
                        {"ref": examples.PROPOSAL["url"]} | examples.GATE,
                        {"ref": "~jun/nova/other"} | examples.UNKNOWN,
                    ],
                }
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Ask of up to two hundred changes; each is answered as it is by GET, in their order."""
        refuse_unknown(request.query_params, (), what="filter")
        asked_for = _asked(request.data, GateManyBody)
        references = asked_for["refs"]
        at = asked_for.get("at", timezone.now())
        found = verdicts(references, at=at, release=asked_for.get("release"))
        counted(found)
        results = [
            {"ref": words} | one.as_json() for words, one in zip(references, found, strict=True)
        ]
        says = {"allowed": all(one.allowed for one in found), "results": results}
        return _cached(Response(says), found)


def _asked(given: Any, body: type[GateQuery]) -> dict[str, Any]:
    read = body(data=given)
    read.is_valid(raise_exception=True)
    said: dict[str, Any] = read.validated_data
    return said


def _cached(response: Response, answers: list[Verdict]) -> Response:
    """May be kept until the first of the answers could change by the clock.

    Somebody may decide at any moment, so never longer than GATE_CACHE_SECONDS.
    """
    longest = timedelta(seconds=settings.GATE_CACHE_SECONDS)
    left = [one.changes_at - one.at for one in answers if one.changes_at is not None]
    patch_cache_control(response, public=True, max_age=int(min([longest, *left]).total_seconds()))
    return response
