"""OpenStack: weeks with labels in `schedule.yaml`, the dates in the prose of `schedule.rst`.

A label means the Thursday of its week, the release its Wednesday, unless the prose gives one date.
Where that date lies outside the week, the two files contradict each other and neither is taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from releases.moments import moment
from releases.schedules.documents import Node, read_yaml
from releases.schedules.plan import (
    LONGEST_SLUG,
    Code,
    Finding,
    Planned,
    Schedule,
    Unreadable,
    name_of,
    slug_of,
)
from releases.schedules.spoken import LAST_MINUTE, SpokenDate, day_of, find_dates, find_times

TABLE, PROSE = "table", "prose"
YAML, RST = "schedule.yaml", "schedule.rst"
THURSDAY, WEDNESDAY = timedelta(days=3), timedelta(days=2)
WEEK = timedelta(days=7)
MOST = 1000  # labels
_LABEL = re.compile(r"\.\. _([\w.-]{1,100}):\s*$")
_UNDERLINE = re.compile(r"([-=^~\"'*+#])\1{2,}\s*$")
_TITLE = re.compile(
    r"^\s{0,8}(?:(?P<version>[0-9]{1,4}(?:\.[0-9]{1,4}){1,2})\s)?"
    r"(?P<name>\w[\w -]{0,40}) Release Schedule"
)
# What a title says that it is. The first row that fits wins.
_KINDS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), kind, blocks)
    for words, kind, blocks in (
        (r"proposal freeze|spec.{0,20}freeze|membership freeze|extra-\w+ freeze", "other", ()),
        (r"soft string ?freeze|hard string ?freeze|^string ?freeze", "string-freeze", ("strings",)),
        (r"requirements? freeze", "dependency-freeze", ("dependency",)),
        (r"doc(?:s|umentation)? freeze", "docs-freeze", ("docs",)),
        (r"feature ?freeze", "feature-freeze", ("feature",)),
        (r"^RC[0-9]|release candidate|^final RCs?\b", "candidate", ()),
    )
)


@dataclass(slots=True)
class _Section:
    """What schedule.rst says under one label."""

    line: int  # of the title
    title: str = ""
    heading: str = ""  # of what it stands under
    text: str = ""
    dates: list[SpokenDate] = field(default_factory=list)

    def line_of(self, offset: int) -> int:
        return self.line + self.text.count("\n", 0, offset)


@dataclass(frozen=True, slots=True)
class _Event:
    """A label in one week, or in several that follow each other."""

    label: str
    line: int
    monday: date
    last: date  # the Monday of its last week
    week: str
    is_project_specific: bool


def read(text: str, prose: str = "") -> Schedule:
    """`prose` is schedule.rst, which stands beside the table. Raises Unreadable."""
    root = read_yaml(text)
    cycle = root.get("cycle")
    if cycle.kind != "list" or not cycle.items:
        raise Unreadable("It has no `cycle`: a list of weeks with `start`, `end` and labels.")
    notes: list[str] = []
    events = _events(cycle, notes)
    sections = _sections(prose)
    release_week = _date(root.words("release-week"))
    planned, findings = [], []
    if len(events) > MOST:
        raise Unreadable(f"It has {len(events):,} labels; a schedule has at most {MOST:,}.")
    times = Counter(event.label for event in events)
    numbers: Counter[str] = Counter()
    for event in events:
        numbers[event.label] += 1
        milestone, found = _milestone(
            event, numbers[event.label], times[event.label], sections, release_week, events
        )
        planned.append(milestone)
        findings += found
    undated = sections.keys() - {event.label for event in events}
    for label in sorted(undated, key=lambda label: sections[label].line):
        milestone_ = _from_prose_alone(label, sections[label])
        if milestone_ is not None:
            planned.append(milestone_)
        else:
            notes.append(
                f"{RST}, line {sections[label].line}: “{sections[label].title}” stands in no week"
                " and gives no date; it was left out."
            )
    title = _title(prose)
    return Schedule(
        milestones=tuple(planned),
        warnings=tuple(sorted(findings, key=lambda finding: (finding.source, finding.line))),
        notes=tuple(notes),
        name=title[0],
        version=title[1],
    )


def _date(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def _events(cycle: Node, notes: list[str]) -> list[_Event]:
    """Each label once for every run of weeks that it stands in, in the order of the calendar."""
    weeks: dict[str, dict[date, tuple[int, str, bool]]] = {}
    for week in cycle.items:
        start = _date(week.words("start"))
        if start is None:
            notes.append(f"{YAML}, line {week.line}: a week without a `start` that is a date.")
            continue
        monday = start - timedelta(days=start.weekday())
        for key in ("x-project", "project-specific"):
            for label in week.get(key).items:
                if label.text:
                    row = (label.line, week.words("name"), key == "project-specific")
                    weeks.setdefault(label.text.strip(), {}).setdefault(monday, row)
    found = [event for label, rows in weeks.items() for event in _runs(label, rows)]
    return sorted(found, key=lambda event: (event.monday, event.line))


def _runs(label: str, rows: dict[date, tuple[int, str, bool]]) -> Iterator[_Event]:
    mondays = sorted(rows)
    breaks = [i for i, (one, two) in enumerate(pairwise(mondays), 1) if two - one > WEEK]
    for first, end in pairwise([0, *breaks, len(mondays)]):
        line, week, is_specific = rows[mondays[first]]
        yield _Event(label, line, mondays[first], mondays[end - 1], week, is_specific)


def _sections(prose: str) -> dict[str, _Section]:
    """What follows each label up to the next one or the next heading."""
    found: dict[str, _Section] = {}
    lines = prose.splitlines()
    section: _Section | None = None
    body: list[str] = []
    heading, label = "", ""

    def close() -> None:
        if section is not None:
            section.text = "\n".join(body)
            section.dates = find_dates(section.text)

    for number, line in enumerate(lines, start=1):
        match = _LABEL.match(line)
        following = lines[number] if number < len(lines) else ""
        is_title = bool(line.strip()) and bool(_UNDERLINE.match(following))
        if match or (is_title and not label):
            close()
            section, body = None, []
        if match:
            label = match[1]
        elif is_title and label:
            section = _Section(number, title=line.strip(), heading=heading)
            found.setdefault(label, section)
            label, body = "", [line]
        elif is_title:
            heading = line.strip()
        elif section is not None:
            body.append("" if _UNDERLINE.match(line) else line)
    close()
    return found


def _title(prose: str) -> tuple[str, str]:
    for line in prose.splitlines()[:40]:
        if match := _TITLE.match(line):
            return match["name"].strip(), match["version"] or ""
    return "", ""


def _milestone(
    event: _Event,
    number: int,
    times: int,
    sections: dict[str, _Section],
    release_week: date | None,
    events: list[_Event],
) -> tuple[Planned, list[Finding]]:
    section = sections.get(event.label) or _Section(0)
    is_release = event.monday == release_week and bool(
        re.search(r"(?:^|-)(?:release|final)$", event.label)
    )
    kind, blocks = ("release", ()) if is_release else _kind(section.title or event.label)
    name = section.title or event.label
    slug = slug_of(event.label)
    if number > 1:
        slug = f"{slug[: LONGEST_SLUG - 4]}-{number}"
    if times > 1 and event.week:
        name = f"{name} ({event.week})"
    by_rule = event.monday + (WEDNESDAY if is_release else THURSDAY)
    at, choices, findings = _instant(event, slug, by_rule, section, sections, events)
    planned = Planned(
        slug=slug,
        name=name_of(name),
        kind=kind,
        blocks=blocks,
        project=_project(event, section, blocks),
        at=at,
        choices=choices,
        line=event.line,
        source=YAML,
    )
    return planned, findings


def _kind(title: str) -> tuple[str, tuple[str, ...]]:
    words = re.sub(r"-(ff|ffreeze)$", " feature freeze", title)
    for pattern, kind, blocks in _KINDS:
        if pattern.search(words):
            return kind, blocks
    return "other", ()


def _project(event: _Event, section: _Section, blocks: tuple[str, ...]) -> str:
    """Whose event it is: the heading that its title repeats, else the label's second part."""
    if not event.is_project_specific:
        return ""
    if section.heading and section.heading.lower() in section.title.lower():
        return slug_of(section.heading)
    parts = event.label.split("-")
    return slug_of(parts[1]) if blocks and len(parts) > 2 else ""  # noqa: PLR2004 q-nova-freeze


def _instant(
    event: _Event,
    slug: str,
    by_rule: date,
    section: _Section,
    sections: dict[str, _Section],
    events: list[_Event],
) -> tuple[datetime | None, dict[str, datetime], list[Finding]]:
    """The instant, or the choices where table and prose contradict each other."""
    default = datetime.combine(by_rule, LAST_MINUTE, UTC)
    findings = [_ordinal(section, one, slug) for one in section.dates if one.ordinal]
    days = [(one, day) for one in section.dates if (day := one.nearest(by_rule)) is not None]
    findings += [
        Finding(
            Code.UNDATED,
            section.line_of(one.start),
            RST,
            f"“{one.words}” is no day of the calendar.",
            slug,
        )
        for one in section.dates
        if one.nearest(by_rule) is None
    ]
    within = [(one, day) for one, day in days if _is_within(event, one, day)]
    exact = list(dict.fromkeys(day for one, day in within if not one.is_week))
    if within:
        at = datetime.combine(exact[0], _time(section), UTC) if len(exact) == 1 else default
        wrong = [one.wrong_weekday(day) for one, day in within]
        line = section.line_of(within[0][0].start)
        findings += [Finding(Code.WEEKDAY, line, RST, words, slug) for words in wrong if words]
        return at, {}, findings
    outside = list(dict.fromkeys(day for one, day in days if not one.is_week))
    if len(outside) != 1 or _is_of_another(section, outside[0], sections, events):
        return default, {}, findings
    spoken, day = next((one, day) for one, day in days if not one.is_week)
    choices = {TABLE: default, PROSE: datetime.combine(day, _time(section), UTC)}
    code, words = _why_outside(event, spoken)
    line = section.line_of(spoken.start)
    ways = f"Table: {moment(choices[TABLE])}; prose: {moment(choices[PROSE])}."
    findings.append(Finding(code, line, RST, f"{words} {ways}", slug, choices))
    if wrong_weekday := spoken.wrong_weekday(day):
        findings.append(Finding(Code.WEEKDAY, line, RST, wrong_weekday, slug))
    return None, choices, findings


def _ordinal(section: _Section, one: SpokenDate, slug: str) -> Finding:
    words = f"“{one.words}”: nobody says {one.ordinal}."
    return Finding(Code.ORDINAL, section.line_of(one.start), RST, words, slug)


def _is_within(event: _Event, one: SpokenDate, day: date) -> bool:
    last = one.last(day.year) or day
    return event.monday <= day < event.last + WEEK or event.monday <= last < event.last + WEEK


def _why_outside(event: _Event, spoken: SpokenDate) -> tuple[Code, str]:
    week = f"{event.week or 'its week'} ({event.monday.isoformat()}, line {event.line} of {YAML})"
    in_its_year = day_of(event.monday.year, spoken.month, spoken.day)
    if in_its_year is not None and event.monday <= in_its_year < event.last + WEEK:
        return Code.YEAR, (f"“{spoken.words}” is not in {week}; in {in_its_year.year} it would be.")
    return Code.WEEK, f"“{spoken.words}” is not in {week}."


def _is_of_another(
    section: _Section, day: date, sections: dict[str, _Section], events: list[_Event]
) -> bool:
    """Whether the text speaks of another event by name, and the day lies in that one's week."""
    text = " ".join(section.text.lower().split())
    return any(
        other.monday <= day < other.last + WEEK
        and (named := sections.get(other.label)) is not None
        and named is not section
        and " ".join(named.title.lower().split()) in text
        for other in events
    )


def _time(section: _Section) -> time:
    """The time of day in UTC, where the section gives exactly one; else the day's last minute."""
    times = {one.at for one in find_times(section.text) if one.zone in {"", "UTC", "GMT"}}
    return times.pop() if len(times) == 1 else LAST_MINUTE


def _from_prose_alone(label: str, section: _Section) -> Planned | None:
    """An event that the table forgot, where the prose gives one whole date."""
    days = {day for one in section.dates if one.year and (day := one.on(one.year))}
    if len(days) != 1:
        return None
    kind, blocks = _kind(section.title)
    return Planned(
        slug=slug_of(label),
        name=name_of(section.title),
        kind=kind,
        blocks=blocks,
        at=datetime.combine(days.pop(), _time(section), UTC),
        line=section.line,
        source=RST,
    )


# --- Writing ------------------------------------------------------------------------------------


def write(milestones: Iterable[Planned], *, name: str, version: str = "") -> dict[str, str]:
    """Both files, which read back as the same milestones."""
    dated = sorted((m for m in milestones if m.at is not None), key=lambda m: (m.at, m.slug))
    if not dated:
        return {YAML: "---\ncycle: []\n", RST: ""}
    ships = next((_monday(m) for m in dated if m.kind == "release"), _monday(dated[-1]))
    first = _monday(dated[0])
    mondays = [
        first + WEEK * n for n in range((max(ships, _monday(dated[-1])) - first).days // 7 + 1)
    ]
    yaml = ["---", f"start-week: '{first}'", f"release-week: '{ships}'", "cycle:"]
    for monday in mondays:
        yaml += [f"  - start: '{monday}'", f"    end: '{monday + timedelta(days=4)}'"]
        yaml.append(f"    name: R{(monday - ships).days // 7:+d}")
        for key, wants_project in (("x-project", False), ("project-specific", True)):
            labels = [
                m.slug for m in dated if _monday(m) == monday and bool(m.project) is wants_project
            ]
            if labels:
                yaml += [f"    {key}:", *(f"      - {label}" for label in labels)]
    title = f"{version} {name} Release Schedule".strip()
    rst = ["=" * len(title), title, "=" * len(title), ""]
    for project in sorted({m.project for m in dated}):
        heading = project.capitalize() or "Cross-project events"
        rst += [heading, "=" * len(heading), ""]
        for one in dated:
            if one.project == project:
                rst += [
                    f".. _{one.slug}:",
                    "",
                    one.name,
                    "-" * len(one.name),
                    "",
                    _sentence(one),
                    "",
                ]
    return {YAML: "\n".join(yaml) + "\n", RST: "\n".join(rst)}


def _monday(milestone: Planned) -> date:
    day = (milestone.at or datetime.min.replace(tzinfo=UTC)).astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _sentence(milestone: Planned) -> str:
    at = (milestone.at or datetime.min.replace(tzinfo=UTC)).astimezone(UTC)
    return f"{at:%A}, {at.day} {at:%B %Y} ({at:%H:%M} UTC)."
