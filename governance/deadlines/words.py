"""The parts of a deadline in words, found in a text: days, times, spans, zones, milestones.

Each expression is bounded and the text is passed once for each, so the work grows with its length.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.deadlines.places import find_zones
from governance.deadlines.reading import Anchor


@dataclass(frozen=True)
class Part:
    kind: str
    start: int
    end: int
    words: str
    value: Any = None


WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = (
    "january february march april may june july august september october november december"
).split()
NUMBERS = {
    word: number
    for number, words in {
        1: "a an one",
        2: "two",
        3: "three",
        4: "four",
        5: "five",
        6: "six",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten",
        12: "twelve",
        14: "fourteen",
        24: "twenty-four",
        48: "forty-eight",
    }.items()
    for word in words.split()
}
_MONTH_NAME = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH = rf"(?P<month>{_MONTH_NAME})\.?"
# "sat" and "sun" are words; as days they have a capital.
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|saturday|sunday|(?-i:S(?:at|un)))"
)
_SPELLED = "|".join(sorted(NUMBERS, key=len, reverse=True))
_NUMBER = rf"(?P<number>\d{{1,4}}(?!\d)|(?:{_SPELLED})(?=[\s-]))"
_UNIT = r"(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|w)"
_TH = r"(?:st|nd|rd|th)"


def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _date(match: re.Match[str]) -> tuple[int | None, int, int]:
    return (int(match["year"]) if match["year"] else None, _month(match), int(match["day"]))


def _month(match: re.Match[str]) -> int:
    return [name[:3] for name in MONTHS].index(match["month"][:3].lower()) + 1


def _iso(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match[1]), int(match[2]), int(match[3])


def _weekday(match: re.Match[str]) -> tuple[int, str]:
    """Which weekday, and of which week: "this", "next" or unsaid."""
    which = (match["before"] or match["after"] or "").lower()
    day = [name[:3] for name in WEEKDAYS].index(match["weekday"][:3].lower())
    return day, "this" if which == "coming" else which


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    half = (match["half"] or "").lower().replace(".", "")
    if half and 1 <= hour <= 12:  # noqa: PLR2004 a clock's face
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, minute, second


def _span(match: re.Match[str]) -> tuple[int, str, bool]:
    """How many, of what, and whether it was said to count from now ("in", "+", "from now")."""
    number = NUMBERS.get(match["number"].lower())
    unit = match["unit"][0].lower()
    kind = (match["kind"] or "").lower()
    unit = "b" if unit == "d" and kind in {"business", "working"} else unit
    return (
        int(match["number"]) if number is None else number,
        unit,
        bool(match["from"] or match["since"]),
    )


def _month_end(match: re.Match[str]) -> tuple[int | None, int] | int:
    """Year and month of the one that is named, or how many months after this."""
    if not match["month"]:
        return 1 if "next" in match[0].lower() else 0
    return int(match["year"]) if match["year"] else None, _month(match)


def _week(match: re.Match[str]) -> int:
    return 1 if "next" in match[0].lower() else 0


def _lead(match: re.Match[str]) -> str:
    word = " ".join(match[0].lower().split())
    if word.startswith("expir"):
        return "expires"
    if word in {"before", "prior to", "ahead of", "preceding"}:
        return "before"
    return {"till": "until", "'til": "until", "til": "until"}.get(word, word)


Value = Callable[[re.Match[str]], Any]
# In the order in which they are looked for: a longer way of saying it before a shorter.
_KINDS: tuple[tuple[str, re.Pattern[str], Value | None], ...] = (
    (
        "vague",
        _expression(
            r"an? (?:few|couple(?: of)?|handful of) (?:minutes|hours|days|weeks)"
            r"|(?:few|several|some|couple of) (?:more )?(?:minutes|hours|days|weeks)|some ?time"
            r"|asap|as soon as possible|shortly|soon(?:ish)?|mid-?\s?week|eventually|someday"
            r"|(?:early|later|mid) (?:this|next) week|an? agreed (?:deadline|date)"
        ),
        None,
    ),
    ("moved", _expression(r"(?:slipped|moved|pushed(?: back)?|postponed|delayed|extended)"), None),
    (
        "clock",
        re.compile(
            r"(?<![\w:.+/-])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>)(?P<half>)"
            r"(?=\s?(?:UTC|GMT|Z|h|hours)\b)",
            re.IGNORECASE,
        ),
        _clock,
    ),
    (
        "iso",
        re.compile(r"(?<![\w/.-])(\d{4})-(\d{1,2})-(\d{1,2})(?=[T\s,;:)./?!]|Z\b|$)"),
        _iso,
    ),
    (
        "date",
        _expression(
            # In "10 December 18:00", "... 18.00" and "... 6 pm" the day stands before.
            rf"{_MONTH}\s{{1,2}}(?:the )?(?P<day>\d{{1,2}})(?!\d|[:.]\d|\s?[ap]\.?m\b){_TH}?"
            r"(?:(?:,\s?|\s(?:of\s)?|,?\s?')(?P<year>(?:19|20)\d\d)(?!:))?"
        ),
        _date,
    ),
    (
        "date",
        _expression(
            rf"(?:the )?(?P<day>\d{{1,2}}){_TH}?\s{{0,2}}(?:of )?{_MONTH}"
            r"(?:(?:,\s?|\s)(?P<year>(?:19|20)\d\d)(?!:))?"
        ),
        _date,
    ),
    (
        "month-end",
        _expression(
            r"(?:the )?(?:very )?end of (?:(?:the |this |next )?month(?! (?:after|of) )"
            rf"|(?:the month of )?{_MONTH}"
            r"(?:(?:,\s?|\s(?:of\s)?)(?P<year>(?:19|20)\d\d)(?!:))?"
            r"(?!\.?,?\s{0,2}(?:the )?\d))"
        ),
        _month_end,
    ),
    ("slashed", re.compile(r"(?<![\w/.])\d{1,4}/\d{1,2}(?:/\d{2,4})?(?![\w/])"), None),
    ("week-before", re.compile(r"(?<![\w-])R-(\d{1,2})(?: week)?\b"), lambda match: int(match[1])),
    (
        "span",
        _expression(
            r"(?:(?P<from>in|within|for another|\+)\s?)?"
            r"(?:(?:about|another|the|next|up to|at most|additional)\s){0,2}"
            rf"{_NUMBER}[\s-]?(?:(?:more|further)\s)?"
            rf"(?:(?P<kind>business|working|calendar)\s)?{_UNIT}"
            r"(?P<since>(?:'s?)? (?:from now|from today|grace period|extension))?"
        ),
        _span,
    ),
    (
        "eod",
        _expression(
            r"e\.?o\.?d|(?:the )?(?:very )?end of (?:the |this )?(?:business )?day"
            r"|(?:the )?end of(?=\s(?:today|tomorrow|tonight|(?:this |next )?"
            rf"{_WEEKDAY}\b|the \d|\d|{_MONTH_NAME}))"
        ),
        None,
    ),
    (
        "week",
        _expression(r"eow|(?:the )?end of (?:the |this |next )?week|(?:this|next) week"),
        _week,
    ),
    (
        "weekday",
        _expression(
            r"(?:(?P<before>this|next|coming)\s)?"
            rf"(?P<weekday>{_WEEKDAY})"
            r"(?:,?\s{1,2}(?:of\s)?(?P<after>this|next) week)?"
        ),
        _weekday,
    ),
    ("today", _expression(r"today|tonight|this (?:very )?(?:day|evening)"), lambda _: 0),
    ("today", _expression(r"the day after tomorrow"), lambda _: 2),
    ("today", _expression(r"tomorrow"), lambda _: 1),
    ("midnight", _expression(r"midnight"), None),
    ("noon", _expression(r"noon"), None),
    (
        "clock",
        re.compile(
            r"(?:(?<![\w:.+/-])|(?<=\x00T))(?P<hour>[01]?\d|2[0-4])"
            r"(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.0{1,6})?)?(?:\s?(?P<half>[ap]\.?m\.?))?)"
            r"(?![:\d])",
            re.IGNORECASE,
        ),
        _clock,
    ),
    (
        "clock",
        re.compile(
            r"(?<![\w:.+/-])(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)\s?"
            r"(?P<half>[ap]\.?m\b\.?)",
            re.IGNORECASE,
        ),
        _clock,
    ),
    ("ordinal", _expression(rf"(?:the )?(?P<day>\d{{1,2}}){_TH}"), lambda match: int(match["day"])),
    ("meeting", _expression(r"(?:the |our )?next (?:\w{1,20} )?meeting"), None),
    ("fuzzy", _expression(r"late(?: on| in)?|around|about|roughly|approximately|probably"), None),
    (
        "lead",
        _expression(
            r"until|till|'?til|by|before|prior to|ahead of|preceding|no later than"
            r"|not later than|due|deadline(?: is)?|expir(?:e|es|ed|ing)|within|through|with|after"
        ),
        _lead,
    ),
    ("or-out", _expression(r"or (?:it'?s )?(?:out|never|not at all)"), None),
    ("daypart", _expression(r"(?:early )?(?:morning|afternoon|evening)"), None),
)
_NAMED_FREEZE = _expression(r"(?:rc|beta|alpha|milestone|m)[\s-]?\d{1,2}|\w{0,20}\s?-?freeze")
_FILL = frozenset(
    "on at the of is in this and or i e ie for its it to that then latest only missing our a an"
    " calendar needed week time t".split()
)
_TOKEN = re.compile(r"\w+")
LONGEST_GAP = 40  # characters between two parts of one deadline


def parts_of(text: str, milestones: Sequence[Anchor] = ()) -> list[Part]:
    """Every part found, in order of the text; none overlaps another."""
    left = text
    parts: list[Part] = []
    for kind, expression, value in _KINDS:
        if kind == "span":  # before numbers are taken apart; a milestone may be named with one
            left = _take(left, _anchors(left, milestones), parts)
        found = [
            Part(kind, match.start(), match.end(), match[0], value(match) if value else None)
            for match in expression.finditer(left)
        ]
        left = _take(left, found, parts)
        if kind == "iso":
            left = _take(left, _zones(left), parts)
    left = _take(left, _unknown_milestones(left), parts)
    return sorted(parts, key=lambda part: part.start)


def _take(text: str, found: Sequence[Part], parts: list[Part]) -> str:
    """Keep the parts, and blank them out of the text for whoever looks next."""
    if not found:
        return text
    pieces, at = [], 0
    for part in found:
        pieces += [text[at : part.start], "\x00" * (part.end - part.start)]
        at = part.end
    parts.extend(found)
    return "".join([*pieces, text[at:]])


def _zones(text: str) -> list[Part]:
    return [Part("zone", *zone.span, zone.words, zone) for zone in find_zones(text)]


def _unknown_milestones(text: str) -> list[Part]:
    return [
        Part("unknown", match.start(), match.end(), match[0])
        for match in _NAMED_FREEZE.finditer(text)
    ]


_WORDS_OF_KIND = {
    "feature-freeze": ("feature freeze", "FF"),
    "string-freeze": ("string freeze",),
    "dependency-freeze": ("dependency freeze", "requirements freeze"),
    "docs-freeze": ("docs freeze", "documentation freeze", "doc freeze"),
    "hard-freeze": ("hard freeze", "code freeze", "final freeze"),
    "release": ("the release", "final release", "release day", "release date"),
}
LONGEST_NAME = 120


def _anchors(text: str, milestones: Sequence[Anchor]) -> list[Part]:
    """The milestones named, by name, slug, or by their kind where one alone has it."""
    spelled: dict[str, Anchor] = {}
    for anchor in milestones:
        names = [anchor.name, anchor.slug]
        if sum(anchor.kind == other.kind for other in milestones) == 1:
            names += _WORDS_OF_KIND.get(anchor.kind, ())
        for name in names:
            if letters := _letters(name):
                spelled.setdefault(letters, anchor)
    if not spelled:
        return []
    patterns = sorted(spelled, key=len, reverse=True)
    spaced = [r"[\s_-]{0,2}".join(map(re.escape, letters)) for letters in patterns]
    expression = re.compile(rf"(?<![\w-])(?:{'|'.join(spaced)})(?![\w])", re.IGNORECASE)
    return [
        Part("anchor", match.start(), match.end(), match[0], spelled[_letters(match[0])])
        for match in expression.finditer(text)
        if _letters(match[0]) in spelled
    ]


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name[:LONGEST_NAME].lower()))


def unread(text: str) -> list[str]:
    """The words that are no mere filling."""
    return [word for word in _TOKEN.findall(text) if word.lower() not in _FILL]


def joined(text: str, first: Part, second: Part) -> bool:
    """Whether nothing but filling stands between two parts."""
    if second.start - first.end > LONGEST_GAP:
        return False
    gap = text[first.end : second.start]
    return not _END_OF_SENTENCE.search(gap) and not unread(gap)


_END_OF_SENTENCE = re.compile(r"[.!?;]\s+(?!\w\b)|[?!]")
