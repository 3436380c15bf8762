"""Numbers of things in sentences: "1 milestone", "3 milestones". Pure."""


def number_of(count: int, one: str, many: str = "") -> str:
    """A count and what it counts; `many` where the plural is not regular."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
