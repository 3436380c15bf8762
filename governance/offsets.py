"""How long before a deadline people are reminded, as it is written: `72h,24h,2h,0`. Pure."""

import re
from functools import cache

MOST = 12  # of one list
LONGEST = 90 * 24 * 3600  # seconds
_SECONDS = {"d": 24 * 3600, "h": 3600, "m": 60, "": 60}
_OFFSET = re.compile(
    r"(\d{1,6})\s{0,3}(d(?:ays?)?|h(?:ours?)?|m(?:inutes?)?|)(?:\s{1,3}before)?",
    re.ASCII | re.IGNORECASE,
)


class InvalidOffsets(ValueError):
    """These are no offsets; the message says which and how they are written."""


@cache
def parse_offsets(text: str) -> tuple[int, ...]:
    """Seconds before the deadline, each once, the longest first. Raises InvalidOffsets."""
    written = [part.strip() for part in text.split(",")]
    if len(written) > MOST:
        raise InvalidOffsets(f"That is {len(written)} offsets; {MOST} are enough for anybody.")
    return tuple(sorted({_seconds(part) for part in written}, reverse=True))


def _seconds(part: str) -> int:
    found = _OFFSET.fullmatch(part)
    if found is None or (not found[2] and int(found[1])):
        raise InvalidOffsets(
            f"“{part[:40]}” is no time before a deadline: write days, hours or minutes, such as"
            " 3d, 24h or 30m; 0 is the deadline itself."
        )
    seconds = int(found[1]) * _SECONDS[found[2][:1].lower()]
    if seconds > LONGEST:
        raise InvalidOffsets(f"“{part}” is too long before: {LONGEST // 86400} days at most.")
    return seconds


def offsets_in_words(text: str) -> str:
    """`3 days, 24 hours before, at the deadline itself`, of a list as it is written."""
    offsets = parse_offsets(text)
    before = ", ".join(in_words(seconds) for seconds in offsets if seconds)
    parts = [f"{before} before" if before else "", "at the deadline itself" if 0 in offsets else ""]
    return ", ".join(filter(None, parts))


def in_words(seconds: float) -> str:
    """`3 days`, `24 hours`, `90 minutes`: a stretch of time, rounded as people say it."""
    minutes = max(round(seconds / 60), 0)
    hours, days = round(seconds / 3600), round(seconds / 86400)
    if hours >= 48:  # noqa: PLR2004 nobody says "73 hours"
        return f"{days} days"
    if minutes >= 100:  # noqa: PLR2004 and "90 minutes" is clearer than "2 hours"
        return f"{hours} hours"
    return f"{minutes} minute" + ("" if minutes == 1 else "s")
