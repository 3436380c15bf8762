"""Where something was said: an address to follow."""

LONGEST = 500
NO_SOURCE = "Give the source as an address that begins with https:// (or a path on this site)."


def is_source(url: str) -> bool:
    """Whether a text is a web address, a path on this site, or empty; never `javascript:`."""
    return not url or (
        url.startswith(("http://", "https://", "/")) and url.isprintable() and " " not in url
    )
