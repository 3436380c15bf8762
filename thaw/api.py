"""The API: which resources there are, and how a refusal is answered."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import exception_handler

from governance.api import Decisions, Exceptions
from governance.gate_api import Gate
from governance.measured import timed
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed, Refused
from meetings.api import Actions, Items, Meetings, Suggestions
from releases.api import Milestones, People, Proposals, Releases
from releases.rest import refuse_unknown
from thaw.uploads import NoRoom, too_long

logger = logging.getLogger(__name__)

RESOURCES = {
    "releases": Releases,
    "milestones": Milestones,
    "proposals": Proposals,
    "people": People,
    "exceptions": Exceptions,
    "decisions": Decisions,
    "meetings": Meetings,
    "items": Items,
    "actions": Actions,
    "suggestions": Suggestions,
}


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> JsonResponse:
    """Where there is no resource, a script is told so as it is told everything."""
    return JsonResponse({"detail": "There is no such address."}, status=status.HTTP_404_NOT_FOUND)


@csrf_exempt
def without_slash(request: HttpRequest, rest: str) -> HttpResponse:
    """Only who reads is led on: on the way of a redirect, what was sent is lost in silence."""
    there = request.get_full_path(force_append_slash=True)
    if request.method in {"GET", "HEAD"}:
        return HttpResponsePermanentRedirect(there)
    said = {"detail": f"Addresses of the API end in a slash: {there}"}
    return JsonResponse(said, status=status.HTTP_404_NOT_FOUND)


class Document(SpectacularAPIView):
    """The OpenAPI document. There is one, so that a version in the query is refused like any."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_unknown(request.query_params, (), what="filter")
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call] # theirs
        return answer


router = SimpleRouter()
for _name, _resource in RESOURCES.items():
    router.register(_name, _resource, basename=f"api-{_name}")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs"), name="api"),
    path("", include(router.urls)),
    path("gate/", timed(Gate.as_view()), name="api-gate"),
    path("schema/", Document.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="api.html", http_method_names=["get", "head"]
        ),
        name="api-docs",
    ),
    re_path(r"^(?P<rest>[\s\S]+)/\Z", nothing),  # with a line break in it too
    re_path(r"^(?P<rest>[\s\S]+)\Z", without_slash),
]

WHO = (
    "Nobody knows who asks: send “Authorization: Bearer …” with a token that you made on"
    " /me/tokens/, or sign in."
)
SILENT = "The database does not answer. Ask again in a minute."
_STATUS: dict[type[Exception], int] = {
    NotAllowed: status.HTTP_403_FORBIDDEN,
    InvalidTransition: status.HTTP_409_CONFLICT,
    InvalidInput: status.HTTP_400_BAD_REQUEST,
    Refused: status.HTTP_409_CONFLICT,
}


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{detail}`, or lists by field; None for what is no fault of the caller's."""
    if isinstance(error, InvalidInput):
        return Response({error.field: [str(error)]}, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, OperationalError | InterfaceError | NoRoom):
        told = str(error) if isinstance(error, NoRoom) else SILENT
        logger.error(told, exc_info=error)
        code, later = status.HTTP_503_SERVICE_UNAVAILABLE, {"Retry-After": "60"}
        return Response({"detail": told}, status=code, headers=later)
    for kind, code in _STATUS.items():
        if isinstance(error, kind):
            return Response({"detail": str(error)}, status=code)
    if isinstance(error, RequestDataTooBig):
        said = {"detail": too_long(error)}
        return Response(said, status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    if isinstance(error, SuspiciousOperation):  # in words about settings
        said = {"detail": "The request cannot be read."}
        return Response(said, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, NotAuthenticated):
        error.detail = ErrorDetail(WHO, error.default_code)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _plain(response.data)
    return response


def _plain(said: Any) -> Any:
    """What is about no field of its own is a detail."""
    if isinstance(said, list):
        return {"detail": " ".join(str(one) for one in said if isinstance(one, ErrorDetail | str))}
    if set(said) == {"non_field_errors"}:
        return {"detail": " ".join(map(str, said["non_field_errors"]))}
    return _sentences(said)


def _sentences(said: Any) -> Any:
    """The same without the codes that DRF hangs on sentences: YAML would show them."""
    if isinstance(said, dict):
        return {name: _sentences(one) for name, one in said.items()}
    if isinstance(said, list):
        return [_sentences(one) for one in said]
    return str(said)
