"""What must hold for any request at any address: an answer in words, and nothing that runs."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client
from hypothesis import strategies as st

from tests.routes import HOSTILE, METHODS, Route, escaped, real, routes

MARK = "<i>mark</i>"  # what HOSTILE holds, and no page of ours
UNWELL = "/readyz"  # says 503 where no beat has been

NAMES = (
    "q what before after status state kind release project by role channel owner page_size cursor"
    " at ref refs next from to line words deadline until moved_to wanted_until proposal proposals"
    " verb page p o all format lang name version slug requested_by expires_after expires_before"
    " exception nick by_chair undone meeting due_before target forge change_kind author handle"
    " rationale source_url quote conditions over_budget expires expires_at expires_with note why"
    " title why_now risk_of_landing risk_of_not_landing testing freeze scope lives text zone date"
    " day log whole check right stop offsets digest_hour username password action"
    " _selected_action select_across decided user app_label model_name field_name term standing"
    " status__exact id__exact started_at__year is_active happenings url"
).split()
words = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(["1", "2", "cactus", "gammafreeze", "FFE-1", "EOD Friday Hawaii", "until RC1"]),
    st.text(max_size=30),
)
said = st.dictionaries(st.sampled_from(NAMES), words, max_size=5)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
HEADERS = [
    "HTTP_ACCEPT", "HTTP_HX_REQUEST", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE",
    "HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_RANGE", "HTTP_REFERER", "HTTP_ORIGIN",
    "HTTP_X_FORWARDED_FOR", "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HUB_SIGNATURE_256",
    "HTTP_X_GITHUB_DELIVERY",
]  # fmt: skip
SENT = [
    "true", "*/*", "text/html", "application/json; charset=nonsense", '"x"', 'W/"', "*",
    'sessionid="\\000aaaaaaaa"; csrftoken=\\"', "Bearer thaw_x", "Bearer \xe9", "Basic eDp5",
    "bytes=0-99999999999", "null", "-1", "99999999999999999999", "", "\xff", "a" * 9000,
]  # fmt: skip
_latin = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
headers = st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(SENT) | _latin, max_size=2)


@dataclass(frozen=True)
class Asked:
    """A request; what its values leave open in the address leads to records that are there."""

    route: Route
    method: str
    values: dict[str, str]
    query: dict[str, str]
    body: bytes
    kind: str  # of the body
    headers: dict[str, str] = field(default_factory=dict)
    who: str = ""  # a login, or nobody


def asked(logins: list[str]) -> st.SearchStrategy[Asked]:
    known = [route for route in routes() if "logout" not in route.template]
    form = said.map(lambda some: (urlencode(some, errors="replace").encode(), FORM))
    document = anything.map(lambda some: (json.dumps(some).encode("utf-8", "surrogatepass"), JSON))
    raw = st.tuples(
        st.binary(max_size=60),
        st.sampled_from(
            [FORM, JSON, "text/plain", "multipart/form-data; boundary=x", "", "x/y; charset=no"]
        ),
    )
    bodies = st.one_of(st.just((b"", FORM)), form, document, raw)
    return st.builds(
        lambda route, method, values, query, body, headers, who: Asked(
            route, method, values, query, *body, headers, who
        ),
        st.sampled_from(known),
        st.sampled_from(["GET"] * 6 + ["POST"] * 6 + METHODS),
        st.dictionaries(
            st.sampled_from(sorted({n for r in known for n in r.names})), words, max_size=1
        ),
        said,
        bodies,
        headers,
        st.sampled_from(["", *logins]),
    )


def check(client: Client, one: Asked) -> int:
    """The status of the answer, which is none of a fault of ours; what changed is taken back."""
    values = real(one.route) | one.values
    with transaction.atomic():
        answer = client.generic(
            one.method,
            one.route.url(values),
            one.body,
            content_type=one.kind,
            QUERY_STRING="&".join(f"{name}={escaped(value)}" for name, value in one.query.items()),
            **one.headers,
        )
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    assert answer.status_code < 500 or one.route.template == UNWELL.strip("/"), answer
    if answer.get("Content-Type", "").startswith(("text/html", "image/svg")):
        assert MARK.encode() not in content
    assert "content-security-policy" in answer.headers
    return answer.status_code
