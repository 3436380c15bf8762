"""Where something was said: an address to follow."""

from urllib.parse import urlsplit

LONGEST = 500
NO_SOURCE = "Give the source as an address that begins with https:// (or a path on this site)."


def is_source(url: str) -> bool:
    """Whether a text is a web address, a path on this site, or empty; never `javascript:`."""
    if not url:
        return True
    if not url.isprintable() or " " in url or "\\" in url:
        return False
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
