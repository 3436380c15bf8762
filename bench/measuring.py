"""Times of several ways to do one work, taken in turn so that the machine's noise hits each."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Seconds = dict[str, list[float]]  # of each work, one a round


@dataclass(frozen=True)
class Work:
    """What is timed, and what must be made ready before it, outside the clock.

    A short work is repeated, so that noise finds it no easier to miss than a long one.
    """

    run: Callable[[], object]
    before: Callable[[], object] = lambda: None
    repeat: int = 1


@dataclass(frozen=True)
class Comparison:
    """Ours against bare: least seconds of each, and the median of each round's own ratio."""

    ours: float
    bare: float
    median: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def in_turn(works: dict[str, Work], *, rounds: int, is_warm: bool = False) -> Seconds:
    """Run A B A B ... after one round of warming up; garbage is collected before each."""
    if not is_warm:
        in_turn(works, rounds=1, is_warm=True)
    seconds: Seconds = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds[name].append(_timed(work))
    return seconds


def compare(seconds: Seconds, ours: str, bare: str, *, less: str = "") -> Comparison:
    """One work against another of the same rounds; `less` names a work that is part of ours."""
    parts = seconds[less] if less else [0.0] * len(seconds[ours])
    of_each_round = [
        (whole - part) / base
        for whole, part, base in zip(seconds[ours], parts, seconds[bare], strict=True)
    ]
    return Comparison(
        ours=min(seconds[ours]) - min(parts), bare=min(seconds[bare]), median=median(of_each_round)
    )


def _timed(work: Work) -> float:
    work.before()
    gc.collect()
    began = perf_counter()
    for _ in range(work.repeat):
        work.run()
    return (perf_counter() - began) / work.repeat
