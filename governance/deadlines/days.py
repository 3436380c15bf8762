"""Which day is meant, from its name and from the day on which it was said."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
AHEAD = timedelta(days=337)  # eleven months: a day without its year lies no further ahead
FRIDAY, SUNDAY = 4, 6
YEARS = range(1970, 9000)


class Unclear(ValueError):
    """The words say no one day or time; the message says why, and `could_be` what it could be."""

    def __init__(self, missing: str, why: str, could_be: tuple[date, ...] = ()) -> None:
        super().__init__(why)
        self.missing, self.could_be = missing, could_be


def shown(day: date) -> str:
    return f"{day:%A %-d %B %Y}"


def of_date(said: tuple[int | None, int, int], today: date) -> tuple[date, str]:
    """The day of a date, and a warning where its year was found by going round the calendar."""
    year, month, day = said
    if year is not None:
        return _valid(year, month, day), ""
    options = [
        one for y in range(today.year - 1, today.year + 5) if (one := _or_none(y, month, day))
    ]
    if not options:
        raise Unclear("day", f"There is no day {day} in month {month}.")
    past, ahead = [d for d in options if d < today], [d for d in options if d >= today]
    if ahead and (found := ahead[0]) - today <= AHEAD:
        if found.year > today.year and past and past[-1].year == today.year:
            return found, f"No year was said and this year's is past: {shown(found)} is taken."
        return found, ""
    if past:
        return past[-1], f"No year was said: {shown(past[-1])} is taken, which is past."
    raise Unclear("day", "No year was said, and none near has that day.")


def of_ordinal(number: int, today: date) -> date:
    """The next day with that number: "the 25th"."""
    year, month = today.year, today.month
    for _ in range(4):
        found = _or_none(year, month, number)
        if found and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 December
    raise Unclear("day", f"There is no day {number} in any month near.")


def of_month_end(said: tuple[int | None, int] | int, today: date) -> tuple[date, str]:
    """The last day of a month that is named, or of one so many after this."""
    if isinstance(said, int):
        later, month = divmod(today.month - 1 + said, 12)
        return _last_of(today.year + later, month + 1), ""
    year, month = said
    if year is not None or month >= today.month:
        return _last_of(year or today.year, month), ""
    found = _last_of(today.year + 1, month)
    return found, f"No year was said and this year's is past: {shown(found)} is taken."


def _last_of(year: int, month: int) -> date:
    return _valid(year, month, monthrange(year, month)[1])


def of_weekday(weekday: int, which: str, today: date) -> tuple[date, str]:
    """By ISO weeks, with a warning where people mean different ones."""
    monday = today - today.weekday() * DAY
    if which == "this":
        return monday + weekday * DAY, ""
    if which == "next":
        found = monday + WEEK + weekday * DAY
        if today.weekday() < weekday:
            return found, (
                f"“Next {found:%A}” is read as {shown(found)}, in the next week; some mean"
                f" {shown(found - WEEK)}."
            )
        return found, ""
    found = today + (weekday - today.weekday()) % 7 * DAY
    if found == today:
        return found, f"It was said on a {found:%A}: that day is taken, not {shown(found + WEEK)}."
    return found, ""


def business_days_after(today: date, number: int) -> date:
    """That many days on which people work: Saturdays and Sundays are passed over."""
    weeks, rest = divmod(number, 5)
    found = today
    if found.weekday() > FRIDAY:
        found -= (found.weekday() - FRIDAY) * DAY
    found += weeks * WEEK
    for _ in range(rest):
        found += DAY * (3 if found.weekday() == FRIDAY else 1)
    return found


def check_weekday(day: date, weekday: int, *, year_said: bool, today: date) -> None:
    """Raise Unclear where a date is another weekday than the one said, with what was meant."""
    if day.weekday() == weekday:
        return
    if year_said:
        others = [other for other in _other_years(day) if other.weekday() == weekday]
    else:
        others = [
            day + offset * DAY for offset in (-1, 1) if (day + offset * DAY).weekday() == weekday
        ]
    others.sort(key=lambda other: (other < today, abs(other - day)))
    proposed = f" Did you mean {shown(others[0])}?" if others else ""
    said = (day + (weekday - day.weekday()) * DAY).strftime("%A")
    raise Unclear(
        "contradiction",
        f"{day:%-d %B %Y} is a {day:%A}, not a {said}.{proposed}",
        (day, *others[:1]),
    )


def _other_years(day: date) -> Iterator[date]:
    for year in range(max(1, day.year - 6), min(9999, day.year + 6) + 1):
        if found := _or_none(year, day.month, day.day):
            yield found


def _valid(year: int, month: int, day: int) -> date:
    if year not in YEARS:
        raise Unclear("day", f"The year {year:04} is beyond the calendar of any release.")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear("day", f"There is no day {year:04}-{month:02}-{day:02}.") from None


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
