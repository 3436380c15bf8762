"""What must hold for whatever is typed into the search."""

from django.test import Client
from hypothesis import strategies as st

from tests.properties.requests import MARK
from tests.routes import HOSTILE

OPERATORS = [f"{name}:" for name in "from in kind before after FROM what".split()]
WORDS = [
    "volumes", "freeze", "thea", "nova", "FFE-1", "61001", "2011", "2011-04", "2011-04-31", "0000",
    "9999-12-31", "agreed", "grant", '"one more day"', '"', "*", "^", "(", ")", "OR", "AND", "NOT",
    "NEAR/2", "col:x", "-", "_", "%", "\\", ":", "''", "&", "|", "!", "<->", "é", "İ", "ß", "a'b",
    "\u0301", "日本", "x" * 101,
]  # fmt: skip
_terms = st.builds(
    lambda operator, word: operator + word,
    st.sampled_from(["", "", "", *OPERATORS]),
    st.one_of(st.sampled_from(WORDS + HOSTILE), st.text(max_size=8)),
)
questions = st.lists(_terms, max_size=10).map(" ".join) | st.text(max_size=60)


def check(client: Client, words: str) -> None:
    """A page, of everything and of each kind."""
    words = words.encode("utf-8", "replace").decode()
    for what in ("", "lines", "items", "people"):
        answer = client.get("/search/", {"q": words, "what": what})
        assert answer.status_code == 200
        assert MARK not in answer.content.decode()
