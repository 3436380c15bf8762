"""In a checkout: the page that others see of what is not here, not Django's list of patterns.

Whoever tries Thaw runs a checkout too.
"""

from http import HTTPStatus

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found

from thaw.supervisors import Answering


class OurOwnPage:
    """Middleware, the last of all: those before it have made what the page is drawn with."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        no_view = answer.status_code == HTTPStatus.NOT_FOUND and request.resolver_match is None
        return page_not_found(request, Http404()) if no_view else answer

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """What a view does not find."""
        return page_not_found(request, exception) if isinstance(exception, Http404) else None
