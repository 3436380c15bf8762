"""One line in the log for each request that may have changed something.

Reading is told by the access log of the proxy in front, under the same id.
"""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

READING = frozenset(["GET", "HEAD", "OPTIONS"])

logger = logging.getLogger(__name__)

Answering = Callable[[HttpRequest], HttpResponseBase]


def changes_told(get_response: Answering) -> Answering:
    """Middleware: method, path, status and time, without the query and the body."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method in READING:
            return get_response(request)
        began = perf_counter()
        response = get_response(request)
        logger.info(
            "%s %s: %d in %.0f ms",
            request.method,
            escape_uri_path(request.path),  # a line stays one line
            response.status_code,
            1000 * (perf_counter() - began),
        )
        return response

    return answer
