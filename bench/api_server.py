"""What gunicorn serves to be measured: the site, and bare views beside it."""

import django

django.setup()

from django.urls import path  # noqa: E402 Django is set up first
from rest_framework.request import Request  # noqa: E402 the same
from rest_framework.response import Response  # noqa: E402 the same
from rest_framework.views import APIView  # noqa: E402 the same

from governance.models import ExceptionRequest  # noqa: E402 the same
from governance.rows import EXCEPTION_COLUMNS  # noqa: E402 the same
from releases.models import MergeProposal  # noqa: E402 the same
from releases.rest import PAGE  # noqa: E402 the same
from thaw.urls import urlpatterns  # noqa: E402 the same
from thaw.wsgi import application  # noqa: E402 the same

__all__ = ["application"]


class One(APIView):
    """One query by an index."""

    def get(self, request: Request) -> Response:
        found = MergeProposal.objects.get(forge="launchpad", key=request.query_params["key"])
        return Response({"url": found.url, "title": found.title, "state": found.state})


class Listed(APIView):
    """A page of the same columns, as they come."""

    def get(self, request: Request) -> Response:
        found = ExceptionRequest.objects.order_by("-pk").values(*EXCEPTION_COLUMNS)[:PAGE]
        return Response(list(found))


urlpatterns[:0] = [path("bare/one/", One.as_view()), path("bare/list/", Listed.as_view())]
