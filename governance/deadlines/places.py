"""Which zone is meant: IANA names, places, abbreviations and offsets."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

AOE = timezone(timedelta(hours=-12), "AoE")


def fixed(minutes: int) -> tzinfo:
    """The zone that many minutes ahead of UTC, named for it."""
    if minutes == 0:
        return ZoneInfo("UTC")
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return timezone(timedelta(minutes=minutes), f"UTC{sign}{hours:02}:{rest:02}")


# From Baker Island, where nobody lives but deadlines end, to the Line Islands.
INHABITED = tuple(
    fixed(round(60 * hours))
    for hours in (
        *(-12, -11, -10, -9.5, -9, -8, -7, -6, -5, -4, -3.5, -3, -2.5, -2, -1, 0, 1, 2, 3, 3.5),
        *(4, 4.5, 5, 5.5, 5.75, 6, 6.5, 7, 8, 8.75, 9, 9.5, 10, 10.5, 11, 12, 12.75, 13, 13.75, 14),
    )
)

# Abbreviation: hours from UTC, and where it is used. It is meant literally, and checked there.
LITERAL: dict[str, tuple[int, str]] = {
    "HST": (-10, "Pacific/Honolulu"),
    "AKST": (-9, "America/Anchorage"),
    "AKDT": (-8, "America/Anchorage"),
    "PST": (-8, "America/Los_Angeles"),
    "PDT": (-7, "America/Los_Angeles"),
    "MST": (-7, "America/Denver"),
    "MDT": (-6, "America/Denver"),
    "CDT": (-5, "America/Chicago"),
    "EST": (-5, "America/New_York"),
    "EDT": (-4, "America/New_York"),
    "BRT": (-3, "America/Sao_Paulo"),
    "WET": (0, "Europe/Lisbon"),
    "CET": (1, "Europe/Paris"),
    "CEST": (2, "Europe/Paris"),
    "EET": (2, "Europe/Helsinki"),
    "EEST": (3, "Europe/Helsinki"),
    "MSK": (3, "Europe/Moscow"),
    "SGT": (8, "Asia/Singapore"),
    "AWST": (8, "Australia/Perth"),
    "JST": (9, "Asia/Tokyo"),
    "KST": (9, "Asia/Seoul"),
    "AEST": (10, "Australia/Sydney"),
    "AEDT": (11, "Australia/Sydney"),
    "NZST": (12, "Pacific/Auckland"),
    "NZDT": (13, "Pacific/Auckland"),
}
AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "BST": ("Europe/London", "Asia/Dhaka"),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "CST": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
}
REGIONS = {
    "central european": "Europe/Paris",
    "hawaiian": "Pacific/Honolulu",
    "hawaii": "Pacific/Honolulu",
    "pacific": "America/Los_Angeles",
    "mountain": "America/Denver",
    "central": "America/Chicago",
    "eastern": "America/New_York",
    "alaska": "America/Anchorage",
    "california": "America/Los_Angeles",
    "uk": "Europe/London",
    "france": "Europe/Paris",
    "germany": "Europe/Berlin",
    "india": "Asia/Kolkata",
    "japan": "Asia/Tokyo",
    "china": "Asia/Shanghai",
}
SHORT = {
    "PT": "America/Los_Angeles",
    "MT": "America/Denver",
    "CT": "America/Chicago",
    "ET": "America/New_York",
}
AREAS = frozenset("Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific".split())
# Places that are words first: they are zones only as "Center time" or "America/...".
WORDS_FIRST = frozenset("center central eastern mountain pacific easter troll uk".split())


@dataclass(frozen=True)
class ZoneFound:
    """A zone named in a text. `tz` is None where the name means several: the `candidates`."""

    words: str
    span: tuple[int, int]
    name: str | None
    tz: tzinfo | None
    region: ZoneInfo | None = None  # where an abbreviation is used, to check it against
    candidates: tuple[tzinfo, ...] = ()


def name_of(tz: tzinfo) -> str:
    return tz.key if isinstance(tz, ZoneInfo) else str(tz.tzname(None))


def zone_named(name: str) -> tzinfo | None:
    """The zone of a name as `Reading.zone` has it; None where it is none."""
    found = find_zone(name)
    return found.tz if found and found.name == name else None


@cache
def _iana() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name)


@cache
def _places() -> dict[str, str]:
    """The place that an IANA zone is named for, in small letters."""
    named = {
        name.rpartition("/")[2].replace("_", " ").lower(): name
        for name in sorted(_iana())
        if name.partition("/")[0] in AREAS
    }
    return named | REGIONS


_OFFSET = re.compile(
    r"(?<![A-Za-z])(?:UTC|GMT)\s?([+\u2212-])\s?(\d{1,2})(?::?([0-5]\d))?(?!\d)", re.IGNORECASE
)
_AFTER_A_TIME = re.compile(r"(?:(?<=:\d\d)|(?<=:\d\d ))([+\u2212-])(\d\d):?([0-5]\d)(?!\d)")
_IANA = re.compile(r"(?<![\w/])[A-Z][A-Za-z]{1,20}/[A-Z][\w+-]{1,30}(?:/[A-Z][\w-]{1,30})?")
_AOE = re.compile(r"(?<![A-Za-z])(?:AoE|anywhere on (?:the )?earth)(?![A-Za-z])", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z/])(?:(?i:UTC|GMT|zulu|PST|PDT|CEST)|Z|"
    + "|".join(sorted([*LITERAL, *AMBIGUOUS, *SHORT], key=len, reverse=True))
    + r")(?![\w/])"
)
_WORD = re.compile(r"[A-Za-z]{2,20}")
_TIME_AFTER = re.compile(r"[\s-](?:standard\s|summer\s|daylight\s)?time\b", re.IGNORECASE)
LONGEST_PLACE = 3  # words: "Port of Spain"
FARTHEST_MINUTES = 14 * 60


def find_zone(text: str) -> ZoneFound | None:
    """The first zone that a line names: "EOD Hawaii time.", "UTC of course"."""
    return next(iter(find_zones(text)), None)


def find_zones(text: str) -> list[ZoneFound]:
    """Every zone named, in order; none overlaps another."""
    found: list[ZoneFound] = []
    # Names first: in Etc/GMT+5 stands an offset, with the sign the other way round.
    for finder in (_names, _offsets, _everywhere, _abbreviations, _by_place):
        for zone in finder(text):
            if all(zone.span[1] <= one.span[0] or one.span[1] <= zone.span[0] for one in found):
                found.append(zone)
    return sorted(found, key=lambda zone: zone.span)


def _offsets(text: str) -> list[ZoneFound]:
    found = []
    for match in (*_OFFSET.finditer(text), *_AFTER_A_TIME.finditer(text)):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes <= FARTHEST_MINUTES:
            found.append(_at(match, fixed(minutes if match[1] == "+" else -minutes)))
    return found


def _names(text: str) -> list[ZoneFound]:
    return [_at(match, ZoneInfo(match[0])) for match in _IANA.finditer(text) if match[0] in _iana()]


def _everywhere(text: str) -> list[ZoneFound]:
    return [_at(match, AOE) for match in _AOE.finditer(text)]


def _abbreviations(text: str) -> list[ZoneFound]:
    found = []
    for match in _ABBREVIATION.finditer(text):
        short = match[0].upper()
        if several := AMBIGUOUS.get(short):
            zones = tuple(ZoneInfo(name) for name in several)
            found.append(ZoneFound(match[0], match.span(), None, None, candidates=zones))
        elif literal := LITERAL.get(short):
            hours, region = literal
            found.append(_at(match, fixed(60 * hours), ZoneInfo(region)))
        else:
            found.append(_at(match, ZoneInfo(SHORT.get(short, "UTC"))))
    return found


def _by_place(text: str) -> list[ZoneFound]:
    """Places: written with a capital, or with "time" after them."""
    found, words, places = [], list(_WORD.finditer(text)), _places()
    for index, word in enumerate(words):
        for last in reversed(words[index : index + LONGEST_PLACE]):
            place = text[word.start() : last.end()]
            name = places.get(place.replace("_", " ").lower())
            if name is None:
                continue
            after = _TIME_AFTER.match(text, last.end())
            if after or (place[0].isupper() and place.lower() not in WORDS_FIRST):
                end = after.end() if after else last.end()
                span = (word.start(), end)
                found.append(ZoneFound(text[span[0] : end], span, name, ZoneInfo(name)))
                break
    return found


def _at(match: re.Match[str], tz: tzinfo, region: ZoneInfo | None = None) -> ZoneFound:
    return ZoneFound(match[0], match.span(), name_of(tz), tz, region)


def offset_there(region: ZoneInfo, at: datetime) -> tzinfo:
    """What the clocks of a region show at an instant, as a fixed zone."""
    offset = at.astimezone(region).utcoffset() or timedelta()
    return fixed(round(offset.total_seconds() / 60))
