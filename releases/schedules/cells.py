"""One event of a Kubernetes schedule: what happens, when, in which week; and what is wrong with it.

"When" may give the same instant twice, for two places. Where the two are not one instant under
any reading, neither is taken.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from releases.moments import moment
from releases.schedules.plan import LEFT_OUT, Code, Finding, Planned, name_of, slug_of
from releases.schedules.spoken import (
    LAST_MINUTE,
    SpokenDate,
    SpokenTime,
    find_dates,
    find_times,
)

DATE, WEEKDAY = "date", "weekday"
_LINK = re.compile(r"\[([^\[\]]{1,200})\](?:\([^()\s]{1,300}\)|\[[^\[\]]{0,100}\])?")
_PARENS = re.compile(r"\s{0,3}\([^()]{0,100}\)")
_WEEK = re.compile(r"\bweek\s{1,3}([0-9]{1,2})\b", re.IGNORECASE)
_KINDS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), kind, blocks)
    for words, kind, blocks in (
        (r"^v?[0-9]+\.[0-9]+(?:\.0)? released$", "release", ()),
        (r"^v?[0-9.]+-rc\.[0-9]+ released$", "candidate", ()),
        (r"\bis coming\b|\bexceptions?\b", "other", ()),
        (r"^code freeze\b", "feature-freeze", ("feature",)),
        (r"^docs freeze\b", "docs-freeze", ("docs",)),
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a schedule says of one event, as written."""

    what: str
    when: str
    week: str
    line: int
    source: str


@dataclass(slots=True)
class Reading:
    """A row as understood: an instant, or the choices it leaves open."""

    row: Row
    name: str
    slug: str
    at: datetime | None = None
    choices: dict[str, datetime] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    days: tuple[date, ...] = ()
    names_time: bool = False

    def find(self, code: Code, message: str, choices: Mapping[str, datetime] | None = None) -> None:
        self.findings.append(
            Finding(code, self.row.line, self.row.source, message, self.slug, choices or {})
        )

    def planned(self) -> Planned:
        kind, blocks = next(
            ((kind, blocks) for words, kind, blocks in _KINDS if words.search(self.name)),
            ("other", ()),
        )
        return Planned(
            self.slug, self.name, kind, blocks, at=None if self.choices else self.at,
            choices=self.choices, line=self.row.line, source=self.row.source,
        )  # fmt: skip


def bare(text: str) -> str:
    """Without the marks of Markdown."""
    return " ".join(_LINK.sub(r"\1", text).replace("**", "").replace("`", "").split())


def name_of_event(what: str) -> str:
    """`**Begin [Code Freeze]** (18:00 PST)` -> `Code Freeze`."""
    name = _PARENS.sub("", bare(what)).strip()
    if re.search(r"\bfreeze\b", name, re.IGNORECASE):
        name = re.sub(r"^begin\s+", "", name, flags=re.IGNORECASE)
    return name_of(re.sub(r"^Kubernetes\s+(?=v?[0-9])", "", name))


def understand(row: Row, *, year: int | None) -> Reading:
    """Read one row; `year` is for dates that name none. Without any date, `at` stays None."""
    name = name_of_event(row.what)
    reading = Reading(row, name, slug_of(name))
    when = bare(row.when)
    parts = _parts(when, bare(row.what))
    if not parts:
        reading.find(Code.UNDATED, f"“{name}” has no date that can be read (“{when[:60]}”).")
        return reading
    by_date = _instants(parts, reading, year)
    if by_date is None:
        return reading
    reading.at = by_date
    by_weekday = _by_weekday(parts, year)
    wrong = [words for one, day in _days(parts, year) if (words := one.wrong_weekday(day))]
    if wrong and not reading.choices:
        reading.choices = {DATE: by_date}
        if by_weekday is not None:
            reading.choices[WEEKDAY] = by_weekday
    for words in wrong:
        reading.find(Code.WEEKDAY, words, reading.choices)
    for one, _ in _days(parts, year):
        if one.ordinal:
            reading.find(Code.ORDINAL, f"“{one.words}”: nobody says {one.ordinal}.")
    reading.names_time = bool(find_times(when))
    reading.days = tuple(day for _, day in _days(parts, year))
    return reading


Part = tuple[SpokenDate, SpokenTime]


def _parts(when: str, what: str) -> list[Part]:
    """Each date with its time; a time that stands with the event's name goes with the date."""
    pieces = [piece for piece in re.split(r"\s/\s|/(?=\s?[0-9A-Z])", when) if find_dates(piece)]
    parts = []
    for piece in pieces:
        times = find_times(piece) or find_times(what)
        parts.append((find_dates(piece)[0], times[0] if times else SpokenTime(LAST_MINUTE)))
    return parts


def _days(parts: list[Part], year: int | None) -> list[tuple[SpokenDate, date]]:
    return [(one, day) for one, _ in parts if (day := one.on(year or 0)) is not None]


def _instants(parts: list[Part], reading: Reading, year: int | None) -> datetime | None:
    """The instant by the dates; choices and findings go into the reading."""
    if any(one.year is None for one, _ in parts) and year is None:
        one = next(one for one, _ in parts if one.year is None)
        reading.find(Code.YEARLESS, one.words)
        return None
    if len(_days(parts, year)) != len(parts):
        one = next(one for one, _ in parts if one.on(year or 0) is None)
        reading.find(Code.UNDATED, f"“{one.words}” is no day of the calendar.")
        return None
    days = [(day, at) for (_, day), (_, at) in zip(_days(parts, year), parts, strict=True)]
    literal = {at.source: at.literally(day, UTC) for day, at in days}
    if len(set(literal.values())) > 1:
        local = {at.source: at.by_the_clocks(day, UTC) for day, at in days}
        if len(set(local.values())) > 1:
            ways = "; ".join(f"{source}: {moment(at)}" for source, at in literal.items())
            reading.choices = dict(literal)
            reading.find(
                Code.DOUBLE_TIME,
                f"“{reading.name}” is given as times that are not one instant. {ways}.",
                literal,
            )
            return next(iter(literal.values()))
        literal = local
    for day, at in days:
        if at.is_out_of_season(day):
            reading.find(
                Code.SEASON,
                f"“{reading.name}”: clocks do not show {at.zone} on {day.day} {day:%B %Y};"
                f" taken as {moment(literal[at.source])}.",
            )
    return literal.get("utc") or next(iter(literal.values()))


def _by_weekday(parts: list[Part], year: int | None) -> datetime | None:
    """The instant if the weekdays are right and the dates are off by a few days."""
    instants = set()
    for (one, at), (_, day) in zip(parts, _days(parts, year), strict=True):
        off = (0 if one.weekday is None else one.weekday - day.weekday() + 3) % 7 - 3
        shifted = day if one.weekday is None else day + timedelta(days=off)
        instants.add(at.by_the_clocks(shifted, UTC))
    return instants.pop() if len(instants) == 1 else None


def check_weeks(readings: Iterable[Reading]) -> None:
    """Compare the weeks given with the weeks counted from the first row of week 1."""
    listed = list(readings)
    first = next(
        (r.days[0] for r in listed if r.days and (m := _WEEK.search(r.row.week)) and m[1] == "1"),
        None,
    )
    if first is None:
        return
    monday = first - timedelta(days=first.weekday())
    for reading in listed:
        match = _WEEK.search(reading.row.week)
        if not match or not reading.days:
            continue
        weeks = {(day - monday).days // 7 + 1 for day in reading.days}
        if int(match[1]) not in weeks:
            reading.find(
                Code.WEEK,
                f"“{reading.name}” on {reading.days[0].isoformat()} is in week {min(weeks)},"
                f" not in {match[0].lower()}.",
            )


def best_year(rows: Iterable[Row], text: str) -> int | None:
    """The year for dates without one: that of the document on which every weekday fits."""
    spoken = [one for row in rows for one in find_dates(bare(row.when)) if one.year is None]
    named = {
        int(year) for year in re.findall(r"(?<![\w.#/-])((?:19|20)[0-9][0-9])(?![\w#-])", text)
    }
    fits = [
        year
        for year in sorted(named)
        if spoken
        and all((day := one.on(year)) is not None and not one.wrong_weekday(day) for one in spoken)
    ]
    return fits[0] if len(fits) == 1 else None


def warnings_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted((f for f in findings if f.code not in LEFT_OUT), key=lambda f: f.line))


def notes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What has no date, each by its line; dates without a year are told of together."""
    listed = list(findings)
    notes = [f"Line {one.line}: {one.message}" for one in listed if one.code == Code.UNDATED]
    if yearless := [one for one in listed if one.code == Code.YEARLESS]:
        first, last = yearless[0], yearless[-1]
        notes.append(
            f"Lines {first.line} to {last.line}: {len(yearless)} dates say no year (the first is"
            f" “{first.message}”) and the document does not tell which: give it (--year)."
        )
    return tuple(notes)


def milestones_of(readings: Iterable[Reading]) -> tuple[Planned, ...]:
    """Those with an instant or choices, each slug once."""
    taken: dict[str, int] = {}
    found = []
    for reading in readings:
        if reading.at is None and not reading.choices:
            continue
        planned = reading.planned()
        taken[planned.slug] = taken.get(planned.slug, 0) + 1
        if (number := taken[planned.slug]) > 1:
            slug = f"{planned.slug[:60]}-{number}"
            planned = Planned(
                slug, planned.name, planned.kind, planned.blocks, planned.project, planned.at,
                planned.choices, planned.line, planned.source,
            )  # fmt: skip
        found.append(planned)
    return tuple(found)
