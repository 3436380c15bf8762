"""The public name of an exception, such as `FFE-12`, and the key behind it."""

PREFIX = "FFE"
LONGEST_NUMBER = 9  # digits


def reference_of(key: int) -> str:
    return f"{PREFIX}-{key}"


def key_of(reference: str) -> int | None:
    """12 of `FFE-12`, in any case; None of anything else."""
    prefix, _, number = reference.strip().partition("-")
    if prefix.upper() != PREFIX or not (number.isascii() and number.isdigit()):
        return None
    return int(number) if len(number) <= LONGEST_NUMBER else None
