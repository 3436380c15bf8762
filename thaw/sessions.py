"""Sessions in the database, which is asked only for keys as we make them.

A cookie can hold any character, by octal numbers even those that no header may have, and
PostgreSQL refuses some: that would be a fault of ours on every page.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

Answering = Callable[[HttpRequest], HttpResponseBase]

_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if session_key and _KEY.fullmatch(session_key) else None)


def kept_by_their_reader_alone(get_response: Answering) -> Answering:
    """Middleware: a page made for somebody signed in is theirs, and asked for anew each time."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # A failure may be that of the session itself, and its page names nobody.
        failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        html = response.headers.get("Content-Type", "").startswith("text/html")
        if html and not failed and not response.has_header("Cache-Control"):
            _say_whose(request, response)
        return response

    return answer


def _say_whose(request: HttpRequest, response: HttpResponseBase) -> None:
    # A session that was used has been read: to look into it asks the database nothing.
    if request.session.accessed and SESSION_KEY in request.session:
        patch_cache_control(response, private=True, no_cache=True)
