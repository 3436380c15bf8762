"""From the parts of one deadline to its instant in a given zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from governance.deadlines.days import (
    DAY,
    FRIDAY,
    SUNDAY,
    WEEK,
    Unclear,
    business_days_after,
    check_weekday,
    of_date,
    of_month_end,
    of_ordinal,
    of_weekday,
    shown,
)
from governance.deadlines.reading import Anchor
from governance.deadlines.words import Part
from releases.local_time import AmbiguousTime, NoSuchTime, instant_of

_NUMBER = re.compile(r"\d+")

THURSDAY = 3
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": DAY,
    "w": WEEK,
}
DAYS = frozenset("iso date month-end ordinal today weekday week week-before".split())
CONTENT = DAYS | frozenset(
    ["span", "eod", "midnight", "noon", "clock", "meeting", "anchor", "unknown", "slashed", "vague"]
)
EXPLICIT = DAYS | frozenset(["eod", "midnight", "noon", "clock", "slashed"])
LAST_MINUTE = (23, 59)
LAST_SECOND = 59
NO_TIME = "These words name no time by which something is due."


@dataclass(frozen=True)
class Said:
    """When it was said, and what is around it."""

    at: datetime
    next_meeting: datetime | None = None
    release: Anchor | None = None


@dataclass
class Found:
    """An instant, with what makes it less than sure."""

    at: datetime
    warnings: list[str] = field(default_factory=list)
    bound_to: str | None = None
    with_meeting: bool = False
    could_be: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """The parts of one deadline, in the order of the text."""

    parts: tuple[Part, ...]

    def all(self, *kinds: str) -> list[Part]:
        return [part for part in self.parts if part.kind in kinds]

    def has(self, *kinds: str) -> bool:
        return any(part.kind in kinds for part in self.parts)

    @cached_property
    def lead(self) -> str:
        """The word before it that makes it a deadline; what comes later only relates its parts."""
        lead = ""
        for part in self.parts:
            if part.kind in CONTENT:
                break
            lead = str(part.value) if part.kind == "lead" else lead
        return lead

    @property
    def needs_zone(self) -> bool:
        """Whether the instant depends on whose clocks are meant."""
        if self.has(*EXPLICIT):
            return True
        if self.has("span"):
            return any(part.value[1] == "b" for part in self.all("span"))
        return False

    @property
    def is_relative(self) -> bool:
        """Whether its day is that of saying it, or is counted from there: today, tomorrow."""
        return self.has("today") or not self.has(*DAYS)

    def instant(self, said: Said, tz: tzinfo) -> Found:
        """Raises Unclear where the parts say no one instant."""
        if self.has("slashed"):
            raise _slashed(self.all("slashed")[0].words, said.at.astimezone(tz).date())
        if self.has(*EXPLICIT) or self.needs_zone:
            return self._on_clocks(said, tz)
        if self.has("span"):
            return self._after_a_span(said)
        if self.has("anchor"):
            anchor: Anchor = self.all("anchor")[0].value
            return Found(anchor.at.astimezone(UTC), bound_to=anchor.slug)
        if self.has("meeting"):
            if said.next_meeting is None:
                raise Unclear("meeting", "When the next meeting is, is not known here.")
            return Found(said.next_meeting.astimezone(UTC), with_meeting=True)
        if self.has("unknown"):
            raise self._unknown()
        raise Unclear("not-a-deadline", NO_TIME)

    def _after_a_span(self, said: Said) -> Found:
        """A while from now, or from a milestone."""
        span = self.all("span")[0]
        number, unit, _ = span.value
        length = number * UNITS[unit]
        if not self.has("anchor"):
            if self.has("unknown"):
                raise self._unknown()
            return Found((said.at + length).astimezone(UTC))
        anchor: Anchor = self.all("anchor")[0].value
        between = [lead.value for lead in self.all("lead") if lead.start > span.start]
        at = anchor.at - length if "before" in between else anchor.at + length
        return Found(at.astimezone(UTC), [_will_not_move(anchor)])

    def _unknown(self) -> Unclear:
        name = self.all("unknown")[0].words
        return Unclear("milestone", f"“{name}” is no milestone of this release.")

    def _on_clocks(self, said: Said, tz: tzinfo) -> Found:
        today = said.at.astimezone(tz).date()
        day, warnings = self._day(said, tz, today)
        clock = self._clock()
        on = day or today
        if clock is None:
            return self._whole_day(on, warnings, tz)
        if clock.hour == 0 and clock.minute == 0 and day is not None and not self.has("iso"):
            warnings.append(
                f"00:00 is the start of {shown(on)}, not its end: the day itself is left out."
            )
        at = _on_the_wall(on, clock, tz)
        if day is None:
            if at <= said.at:
                on += DAY
                at = _on_the_wall(on, clock, tz)
            warnings.append(f"No day was said: the next {clock:%H:%M}, on {shown(on)}, is taken.")
        return Found(at, warnings)

    def _whole_day(self, on: date, warnings: list[str], tz: tzinfo) -> Found:
        """Its end; or its start, where it says "before" a day and no more."""
        if self.has("midnight") and self.has("weekday", "date", "ordinal", "iso"):
            warnings.append(f"“Midnight” is read as the end of {shown(on)}.")
        if self.lead == "before" and not self.has("eod", "midnight", "clock", "month-end"):
            warnings.append(f"“Before” leaves {shown(on)} itself out.")
            return Found(midnight(on, tz), warnings, could_be=(midnight(on + DAY, tz),))
        end = midnight(on + DAY, tz)
        if self.has("week") and not self.has("weekday"):
            sunday = on + (SUNDAY - on.weekday()) * DAY
            if sunday > on:
                warnings.append(
                    f"A week is taken to end on {shown(on)}; some mean {shown(sunday)}."
                )
                return Found(end, warnings, could_be=(midnight(sunday + DAY, tz),))
        return Found(end, warnings)

    def _clock(self) -> time | None:
        """The time of day; None for the end of the day."""
        clocks = self.all("clock")
        times = {part.value for part in clocks if not _is_end_of_day(part)}
        at_the_end = any(map(_is_end_of_day, clocks)) or self.has("eod", "midnight")
        times |= {(12, 0, 0)} if self.has("noon") else set()
        if len(times) > 1 or (times and at_the_end):
            words = " and ".join(
                part.words for part in self.all("clock", "eod", "midnight", "noon")
            )
            raise Unclear("contradiction", f"It says two times of the day: {words}.")
        return time(*times.pop()) if times else None

    def _day(self, said: Said, tz: tzinfo, today: date) -> tuple[date | None, list[str]]:
        """The day that all parts agree on; None where none is said."""
        warnings: list[str] = []
        days: dict[date, str] = {}
        for part in self.parts:
            if part.kind == "ordinal" and self.has("date", "iso"):
                continue
            for day, warning in self._named_by(part, said, tz, today):
                days[day] = part.words
                warnings += [warning] if warning else []
        if not days and not self.has("weekday", "week") and self.has("anchor") and self._binds():
            anchor: Anchor = self.all("anchor")[0].value
            days[anchor.at.astimezone(tz).date()] = anchor.name
            warnings.append(_will_not_move(anchor))
        self._add_weekdays(days, warnings, today)
        if len(days) > 1:
            named = " and ".join(f"{shown(day)} (“{words}”)" for day, words in days.items())
            raise Unclear("contradiction", f"It names two days: {named}.", tuple(days))
        return next(iter(days), None), warnings

    def _named_by(
        self, part: Part, said: Said, tz: tzinfo, today: date
    ) -> Iterator[tuple[date, str]]:
        """The day that one part names by itself, with a warning or none."""
        if part.kind in {"iso", "date"}:
            yield of_date(part.value, today)
        elif part.kind == "month-end":
            yield of_month_end(part.value, today)
        elif part.kind == "ordinal":
            yield of_ordinal(part.value, today), ""
        elif part.kind == "today":
            yield today + part.value * DAY, ""
        elif part.kind == "week-before":
            yield _week_before(said, part, tz), ""
        elif part.kind == "span":
            yield self._day_of_span(part, tz, today)

    def _binds(self) -> bool:
        """Whether the milestone is what it is until, not what it is said about."""
        first = next(part for part in self.parts if part.kind in CONTENT)
        return first.kind != "anchor" or self.lead != ""

    def _add_weekdays(self, days: dict[date, str], warnings: list[str], today: date) -> None:
        week = next((part.value for part in self.all("week")), None)
        if self.has("weekday"):
            for part in self.all("weekday"):
                weekday, which = part.value
                if week is not None and not which:
                    which = "next" if week else "this"
                if days and not which:
                    for day in list(days):
                        check_weekday(day, weekday, year_said=self._year_said, today=today)
                    continue
                day, warning = of_weekday(weekday, which, today)
                in_week_said = week is not None or " week" in part.words.lower()
                warnings.extend([warning] if warning and not days and not in_week_said else [])
                days[day] = part.words
        elif week is not None and not days:
            monday = today - today.weekday() * DAY + week * WEEK
            if self.lead == "before" and not any("end" in part.words for part in self.all("week")):
                days[monday] = "week"
                return
            friday = monday + FRIDAY * DAY
            days[friday if friday >= today else monday + SUNDAY * DAY] = "week"

    @property
    def _year_said(self) -> bool:
        return self.has("iso") or any(part.value[0] for part in self.all("date"))

    def _day_of_span(self, part: Part, tz: tzinfo, today: date) -> tuple[date, str]:
        number, unit, _ = part.value
        start, warning = today, ""
        if self.has("anchor"):
            anchor: Anchor = self.all("anchor")[0].value
            start, warning = anchor.at.astimezone(tz).date(), _will_not_move(anchor)
        if unit == "b":
            return business_days_after(start, number), warning
        if unit in "mh":
            raise Unclear(
                "contradiction", f"“{part.words}” and a time of the day exclude each other."
            )
        day: date = start + number * UNITS[unit]
        return day, warning


def _will_not_move(anchor: Anchor) -> str:
    return f"It is counted from {anchor.name} as now planned, and will not move with it."


def midnight(day: date, tz: tzinfo) -> datetime:
    """The first instant of a day, also where the clocks jump over 00:00."""
    return datetime.combine(day, time(), tz).astimezone(UTC)


def _on_the_wall(day: date, clock: time, tz: tzinfo) -> datetime:
    local = datetime.combine(day, clock)
    if not isinstance(tz, ZoneInfo):
        return local.replace(tzinfo=tz).astimezone(UTC)
    try:
        return instant_of(local, tz)
    except (NoSuchTime, AmbiguousTime) as error:
        both = tuple(local.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
        raise Unclear("time", str(error), both) from None


def _is_end_of_day(clock: Part) -> bool:
    """24:00, 23:59 and 23:59:59; 23:59:00 is meant to the second, and is how we write it."""
    hour, minute, second = clock.value
    if (hour, minute) != LAST_MINUTE:
        return bool(hour == 24)  # noqa: PLR2004 24:00
    return second == LAST_SECOND or clock.words.count(":") < len("::")


def _week_before(said: Said, part: Part, tz: tzinfo) -> date:
    """The Thursday of the week that many weeks before the release's own."""
    if said.release is None:
        raise Unclear(
            "milestone", f"“{part.words}” counts from the release, which has no date here."
        )
    ships_on = said.release.at.astimezone(tz).date()
    weeks: int = part.value
    return ships_on + (THURSDAY - ships_on.weekday()) * DAY - weeks * WEEK


def _slashed(words: str, today: date) -> Unclear:
    """4/7 is April or July: nobody can tell, and nothing is guessed."""
    first, second = (int(number) for number in _NUMBER.findall(words)[:2])
    could_be = []
    for month, day in ((first, second), (second, first)):
        try:
            could_be.append(of_date((None, month, day), today)[0])
        except Unclear:
            continue
    ways = " or ".join(f"{day:%-d %B}" for day in dict.fromkeys(could_be))
    meant = f" (it could be {ways})" if ways else ""
    return Unclear(
        "day",
        f"“{words}” does not say which is the month{meant}: write it as a word, or YYYY-MM-DD.",
        tuple(could_be),
    )
