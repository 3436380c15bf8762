"""How long to wait before something is tried again that another server did not take."""

from datetime import timedelta

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_DOUBLED = 12  # times: beyond the longest wait, and no number grows with the failures


def wait_after(failures: int) -> timedelta:
    """Twice as long after each failure in a row, the first of which is 1."""
    return min(FIRST_WAIT * (1 << min(failures - 1, _DOUBLED)), LONGEST_WAIT)
