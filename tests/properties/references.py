"""What must hold for any line in which somebody may refer to something."""

from collections.abc import Sequence

from hypothesis import strategies as st

from releases.references import find_references, parse_reference

pieces = st.sampled_from([
    " ", "\n", "\0", "\x03", "é", "、", '"', "'", "/", "#", "!", "~", "+", "@", "%2B", "%", ":",
    ".", ",", ";", ")", "(", "<", ">", "?", "&", "=", "-", "..", "http://", "https://", "HTTP://",
    "LP: #", "LP:", "lp", "D", "1", "12", "54464", "0", "9999999999", "99999999999", "id=5&",
    "owner", "owner/repo", "api", "/project/p", "/list/?", "series=", "github.com", "a.b", "a.b:80",
    "launchpad.net", "review.opendev.org", "gitlab.com", "lists.sr.ht", "/+merge/", "/+bug/",
    "/pull/", "/pulls/", "/-/merge_requests/", "/+/", "/c/", "/#/c/", "/q/I", "/patch/",
])  # fmt: skip


def chat(addresses: Sequence[str], words: Sequence[str]) -> st.SearchStrategy[str]:
    """Lines of talk; some with addresses and words that are references, and what stands beside."""
    return st.one_of(
        st.text(),
        st.lists(pieces, max_size=30).map("".join),
        st.lists(
            st.one_of(
                st.sampled_from([f"https://{address}" for address in addresses]),
                st.sampled_from(words),
                st.text(max_size=5),
                pieces,
            ),
            max_size=8,
        ).map("".join),
    )


def check(text: str) -> None:
    """Every reference has its place in the text, and the words there are that reference alone."""
    end_of_last = 0
    for reference in find_references(text):
        start, end = reference.span
        assert end_of_last <= start < end <= len(text)
        end_of_last = end
        again = parse_reference(text[start:end])
        assert again is not None
        assert (again.target, again.url) == (reference.target, reference.url)
