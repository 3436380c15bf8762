"""Dates and times as people write them into schedules: pure, and nothing is guessed.

Thursday 28 September 2017 · September 7, 2026 · 26 January · 11-15 September 2018
30 January - 3 February · Tuesday 19th - Friday 22nd March 2024 · 14th December, 2016 (Wednesday)
23:59 UTC · 18:00 PDT · 1400-1600 UTC · 10:00am PDT · EOD PST · AoE
"""

import re
from calendar import day_name, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed
from zoneinfo import ZoneInfo

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "mon tue wed thu fri sat sun".split()

_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"[0-3]?[0-9](?![0-9:])"
_ORDINAL = r"(?:st|nd|rd|th)\b"
_TO = r"\s{0,3}(?:-|\u2013|to)\s{0,3}"
_YEAR = r"(?:,?\s{0,3}(?P<year>(?:19|20)[0-9][0-9])(?![0-9]))?"
_AFTER = rf"(?:\s{{0,3}}\((?P<weekday_after>{_WEEKDAY})\))?"
_DATE = re.compile(
    rf"(?<![\w.:])(?:(?P<weekday>{_WEEKDAY}),?\s{{1,3}})?(?:"
    # 19th March, 11-15 September, 30 January - 3 February, 19th - Friday 22nd March
    rf"(?P<day>{_DAY})(?P<ordinal>{_ORDINAL})?"
    rf"(?:{_TO}(?:{_WEEKDAY},?\s{{1,3}})?(?P<day_to>{_DAY})(?:{_ORDINAL})?)?"
    rf"\s{{1,3}}(?:of\s)?(?P<month>{_MONTH})"
    rf"(?:{_TO}(?P<day_to_of>{_DAY})(?:{_ORDINAL})?\s{{1,3}}(?P<month_to>{_MONTH}))?"
    rf"|"
    # March 19th, April 20-24, October 23 to October 27
    rf"(?P<month2>{_MONTH})\s{{1,3}}(?P<day2>{_DAY})(?P<ordinal2>{_ORDINAL})?"
    rf"(?:{_TO}(?:(?P<month2_to>{_MONTH})\s{{1,3}})?(?P<day2_to>{_DAY})(?:{_ORDINAL})?)?"
    rf"){_YEAR}{_AFTER}"
)
_WEEK_OF = re.compile(r"\bweek\s+of\s+$", re.IGNORECASE)

# What people mean by an abbreviation: what it says literally, and the place whose clocks it names.
PACIFIC, EASTERN = "America/Los_Angeles", "America/New_York"
ABBREVIATIONS: dict[str, tuple[float, str, str]] = {
    "UTC": (0, "", "utc"),
    "GMT": (0, "", "utc"),
    "AOE": (-12, "", "aoe"),
    "PST": (-8, PACIFIC, "pacific"),
    "PDT": (-7, PACIFIC, "pacific"),
    "EST": (-5, EASTERN, "eastern"),
    "EDT": (-4, EASTERN, "eastern"),
    "BST": (1, "Europe/London", "london"),
    "CET": (1, "Europe/Paris", "central-europe"),
    "CEST": (2, "Europe/Paris", "central-europe"),
    "IST": (5.5, "Asia/Kolkata", "india"),
}
_ZONE = rf"(?P<zone>{'|'.join(ABBREVIATIONS)})\b"
_TIME = re.compile(
    rf"(?<![\w.:-])(?P<hour>[01]?[0-9]|2[0-3])(?::(?P<minute>[0-5][0-9])|(?P<packed>[0-5][0-9]))"
    rf"(?:-[0-2]?[0-9]:?[0-5][0-9])?(?:\s{{0,2}}(?P<half>[ap]m)\b)?(?:\s{{0,2}}{_ZONE})?(?![\w:])",
    re.IGNORECASE,
)
# "EOD PST", "(AoE)": a zone without a time means the end of the day there. So does no zone.
_END_OF_DAY = re.compile(rf"(?<![\w:])(?!UTC|GMT){_ZONE}", re.IGNORECASE)
LAST_MINUTE = time(23, 59)  # of a day that names no time


@dataclass(frozen=True, slots=True)
class SpokenDate:
    """A date in a text; `end` is the last day of a span, and equals the first of a single day."""

    day: int
    month: int
    year: int | None
    end: tuple[int, int]  # day, month
    weekday: int | None  # Monday is 0
    ordinal: str  # "26nd" where the ending does not fit the number
    is_week: bool  # "the week of ..."
    words: str
    start: int  # in the text

    def on(self, year: int) -> date | None:
        """The (first) day, or None where the calendar has none."""
        return day_of(self.year or year, self.month, self.day)

    def last(self, year: int) -> date | None:
        first = self.on(year)
        day, month = self.end
        later = first and day_of(first.year + (month < self.month), month, day)
        return later or first

    def nearest(self, to: date) -> date | None:
        """The day, in the year that it names or else in the one that brings it nearest."""
        if self.year is not None:
            return self.on(self.year)
        days = [self.on(year) for year in (to.year - 1, to.year, to.year + 1)]
        return min((d for d in days if d), key=lambda day: abs(day - to), default=None)

    def wrong_weekday(self, day: date) -> str:
        """A sentence where the weekday does not fit the date; nothing where it does."""
        if self.weekday is None or day.weekday() == self.weekday:
            return ""
        return f"“{self.words}” is a {day_name[day.weekday()]}, not a {day_name[self.weekday]}."


def day_of(year: int, month: int, day: int) -> date | None:
    if not (1 <= year <= 9999 and 1 <= day <= monthrange(year, month)[1]):  # noqa: PLR2004 the calendar's own
        return None
    return date(year, month, day)


def find_dates(text: str) -> list[SpokenDate]:
    return [_spoken(match, text) for match in _DATE.finditer(text)]


def _spoken(match: re.Match[str], text: str) -> SpokenDate:
    month = _month(match["month"] or match["month2"])
    day = int(match["day"] or match["day2"])
    end_month = match["month_to"] or match["month2_to"]
    end_day = match["day_to"] or match["day_to_of"] or match["day2_to"]
    ordinal = (match["ordinal"] or match["ordinal2"] or "").lower()
    weekday = match["weekday"] or match["weekday_after"]
    return SpokenDate(
        day=day,
        month=month,
        year=int(match["year"]) if match["year"] else None,
        end=(int(end_day or day), _month(end_month) if end_month else month),
        weekday=WEEKDAYS.index(weekday[:3].lower()) if weekday else None,
        ordinal=f"{day}{ordinal}" if ordinal and ordinal != ending(day) else "",
        is_week=bool(_WEEK_OF.search(text[max(0, match.start() - 20) : match.start()])),
        words=" ".join(match[0].split()),
        start=match.start(),
    )


def _month(word: str) -> int:
    return MONTHS.index(word[:3].lower()) + 1


def ending(day: int) -> str:
    """`st` for 21, `th` for 11."""
    if day in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


@dataclass(frozen=True, slots=True)
class SpokenTime:
    """A time of day, the abbreviation of its zone as written, and whether it is a day's end."""

    at: time
    zone: str = ""
    is_end_of_day: bool = False

    @property
    def source(self) -> str:
        """`utc`, `pacific`: what to call it among several."""
        return ABBREVIATIONS[self.zone][2] if self.zone else "utc"

    def literally(self, day: date, default: tzinfo) -> datetime:
        """The instant, with the abbreviation taken at its word."""
        if not self.zone:
            return self._on(day, default)
        return self._on(day, fixed(timedelta(hours=ABBREVIATIONS[self.zone][0])))

    def by_the_clocks(self, day: date, default: tzinfo) -> datetime:
        """The instant at which the clocks of the place it names showed this time."""
        place = ABBREVIATIONS[self.zone][1] if self.zone else ""
        return self._on(day, ZoneInfo(place)) if place else self.literally(day, default)

    def is_out_of_season(self, day: date) -> bool:
        return self.literally(day, UTC) != self.by_the_clocks(day, UTC)

    def _on(self, day: date, zone: tzinfo) -> datetime:
        # A day ends anywhere on Earth when it ends at UTC-12: that is noon UTC to the minute.
        if self.is_end_of_day and self.zone == "AOE":
            midnight = datetime.combine(day, time(), zone)
            return midnight.astimezone(UTC) + timedelta(days=1)
        return datetime.combine(day, self.at, zone).astimezone(UTC)


def find_times(text: str) -> list[SpokenTime]:
    """Every time in a text: clock times first, else the day's end that a zone alone stands for."""
    found = [_clock(match) for match in _TIME.finditer(text)]
    return [one for one in found if one] or [
        SpokenTime(LAST_MINUTE, match["zone"].upper(), is_end_of_day=True)
        for match in _END_OF_DAY.finditer(text)
    ]


def _clock(match: re.Match[str]) -> SpokenTime | None:
    if match["packed"] and not match["zone"]:
        return None  # 1400 alone is no time
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 the clock's own
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    at = time(hour, int(match["minute"] or match["packed"]))
    return SpokenTime(at, (match["zone"] or "").upper())
