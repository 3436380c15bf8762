from dataclasses import dataclass

from bench.measuring import Comparison

OK, UNSURE, OVER = "ok", "unsure", "over"
_LINE = "{:<28} {:>9} {:>9} {:>7} {:>7} {:>7}  {}"
HEADER = _LINE.format("", "ours", "bare", "ratio", "median", "limit", "").rstrip()


@dataclass(frozen=True)
class Row:
    """One line of the table, in words as they are printed."""

    name: str
    ours: str = ""
    bare: str = ""
    ratio: str = ""
    median: str = ""
    limit: str = ""
    verdict: str = ""  # OK, UNSURE or OVER
    skipped: str = ""  # why

    def __str__(self) -> str:
        if self.skipped:
            return f"{self.name:<28} skipped: {self.skipped}"
        return _LINE.format(
            self.name, self.ours, self.bare, self.ratio, self.median, self.limit, self.verdict
        )


def row_of_times(name: str, times: Comparison, *, limit: float) -> Row:
    """Seconds against seconds: over the limit where both ratios are, unsure where one is.

    What noise does to one of the two it seldom does to the other; a slower program raises both.
    """
    return Row(
        name,
        ours=f"{times.ours:.3f} s",
        bare=f"{times.bare:.3f} s",
        ratio=f"{times.ratio:.2f}",
        median=f"{times.median:.2f}",
        limit=f"{limit:g}",
        verdict=(OK, UNSURE, OVER)[(times.ratio > limit) + (times.median > limit)],
    )


def row_of_amounts(name: str, ours: float, bare: float, unit: str, *, limit: float) -> Row:
    """One amount against another, each measured once."""
    return Row(
        name,
        ours=f"{ours:.0f} {unit}",
        bare=f"{bare:.0f} {unit}",
        ratio=f"{ours / bare:.2f}",
        limit=f"{limit:g}",
        verdict=OVER if ours > limit * bare else OK,
    )


def row_of_amount(name: str, ours: float, unit: str, *, limit: float) -> Row:
    """An amount that has a limit of its own."""
    return Row(
        name,
        ours=f"{ours:.0f} {unit}",
        limit=f"{limit:g} {unit}",
        verdict=OVER if ours > limit else OK,
    )
