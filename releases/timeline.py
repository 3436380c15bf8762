"""Where everything of a release stands on its timeline: pure geometry, drawn by a template."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
WEEK = 7  # days
MOST_TICKS = 14
WIDTH, MARGIN = 1000.0, 8.0
LETTER = 6.6  # width of a letter of a label, about
LANE = 18.0  # height of a row of labels or bars


@dataclass(frozen=True)
class Window:
    """The stretch of time that is drawn."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Where an instant stands, from left to right; outside the window too."""
        share = (at - self.start) / (self.end - self.start)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    def holds(self, at: datetime) -> bool:
        return self.start <= at <= self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def moved(self, by: timedelta) -> "Window":
        return Window(self.start + by, self.end + by)


@dataclass(frozen=True)
class Point:
    """A milestone, or the place that it was moved from."""

    name: str
    at: datetime
    is_freeze: bool = False
    is_passed: bool = False
    is_ghost: bool = False


@dataclass(frozen=True)
class Bar:
    """Something that stands from one instant to another, and ends where it ends."""

    name: str
    start: datetime
    end: datetime
    style: str
    url: str = ""
    words: str = ""


@dataclass(frozen=True)
class Label:
    """Text with its place; `anchor` is where `x` is in it."""

    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class DrawnPoint:
    point: Point
    x: float
    label: Label


@dataclass(frozen=True)
class DrawnBar:
    bar: Bar
    x: float
    y: float
    width: float
    label: Label
    goes_on: bool  # beyond the right edge


@dataclass(frozen=True)
class Timeline:
    """What to draw, and how high it is."""

    window: Window
    points: list[DrawnPoint]
    bars: list[DrawnBar]
    ticks: list[Label]
    now: float | None
    axis: float
    height: float
    width: float = WIDTH


def whole(instants: Iterable[datetime], now: datetime) -> Window:
    """A window around all of these, with a little air."""
    known = sorted([*instants, now])
    air = max((known[-1] - known[0]) * 0.04, DAY)
    return Window(known[0] - air, known[-1] + air)


def draw(window: Window, points: Iterable[Point], bars: Iterable[Bar], now: datetime) -> Timeline:
    """Labels in as many rows as keep them apart; each bar in a row of its own."""
    seen = sorted(
        (one for one in points if window.holds(one.at)), key=lambda one: (one.at, one.is_ghost)
    )
    labels, rows = _labels(window, seen)
    axis = rows * LANE + 10
    drawn = [
        DrawnPoint(point, window.x(point.at), label)
        for point, label in zip(seen, labels, strict=True)
    ]
    inside = [one for one in bars if one.end > window.start and one.start < window.end]
    beneath = axis + 34
    return Timeline(
        window=window,
        points=drawn,
        bars=[_bar(window, bar, beneath + row * (LANE + 6)) for row, bar in enumerate(inside)],
        ticks=_ticks(window, axis + 18),
        now=window.x(now) if window.holds(now) else None,
        axis=axis,
        height=beneath + len(inside) * (LANE + 6) + 4,
    )


def _labels(window: Window, points: list[Point]) -> tuple[list[Label], int]:
    """Each label in the first row where it overlaps none before it, and how many rows that is."""
    ends: list[float] = []
    placed: list[tuple[Point, float, str, int]] = []
    for point in points:
        x, wide = window.x(point.at), len(_text(point)) * LETTER
        anchor = "start" if x + wide < WIDTH else "end"
        left = x if anchor == "start" else x - wide
        row = next((row for row, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + wide + 10]
        placed.append((point, x, anchor, row))
    rows = max(len(ends), 1)
    return [
        Label(_text(point), x + (3 if anchor == "start" else -3), (rows - row) * LANE - 4, anchor)
        for point, x, anchor, row in placed
    ], rows


def _text(point: Point) -> str:
    return f"{point.name}, before it moved" if point.is_ghost else point.name


def _bar(window: Window, bar: Bar, y: float) -> DrawnBar:
    left, right = window.x(max(bar.start, window.start)), window.x(min(bar.end, window.end))
    wide = len(bar.name) * LETTER
    if right + 6 + wide < WIDTH:
        label = Label(bar.name, right + 6, y + 13, "start")
    elif left - 6 - wide > 0:
        label = Label(bar.name, left - 6, y + 13, "end")
    else:
        label = Label(bar.name, left + 6, y + 13, "start")
    return DrawnBar(bar, left, y, max(right - left, 2.0), label, bar.end > window.end)


def _ticks(window: Window, y: float) -> list[Label]:
    """Midnights in UTC, as close together as their labels can be read."""
    step = next(days for days in (1, 2, 7, 14, 28, 91, 182, 365, 3650) if _fits(window, days))
    midnight = window.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + DAY
    if step >= WEEK:
        first += (WEEK - first.weekday()) % WEEK * DAY  # a Monday
    count = (window.end - first) // (step * DAY) + 1 if first <= window.end else 0
    days = [first + number * step * DAY for number in range(count)]
    form = "%-d %b" if window.length < 300 * DAY else "%-d %b %Y"
    return [
        Label(
            f"{day:%a} {day:%-d %b}" if step == 1 else f"{day:{form}}", window.x(day), y, "middle"
        )
        for day in days
    ]


def _fits(window: Window, days: int) -> bool:
    """Whether labels that many days apart leave room between them."""
    return window.length / (days * DAY) <= MOST_TICKS
