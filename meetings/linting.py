"""What somebody who said commands in a meeting would like to know of them: pure.

The bots answer nothing to a command that they ignore; a dry run of an import says which, and why.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from meetings.commands import ITEM_KINDS
from meetings.logs import Kind
from meetings.minutes import Minutes
from meetings.profiles import PROFILES, Profile

ALIKE = 0.75  # of difflib's measure, from 0 to 1; #agred and #agreed have 0.91
SHORTEST = 3  # letters of a word that may be a slip; #ok is none of #topic

_WORD = re.compile(r"(\s{0,8})([#!^])(\w{1,40})")
_SEPARATORS = re.compile(r"[,\s]+")
_DATED = {
    "line": "every line tells its date",
    "bot": "the bot's start line tells the date",
    "file name": "the file's name tells the date",
    "date given": "the date is the one given",
}


class Lint(NamedTuple):
    """A line of the log, and what somebody should know of it."""

    line: int
    reason: str


def lint_meeting(minutes: Minutes) -> list[Lint]:
    """What told the date of a meeting, what it warns of, and what was wrong with its commands."""
    first = minutes.raw[0][0]
    told = _DATED.get(minutes.dating.source, f"the date is told by the {minutes.dating.source}")
    found = [Lint(first, f"{told}: {minutes.started_at:%Y-%m-%d %H:%M} UTC")]
    found += [Lint(first, warning) for warning in minutes.warnings]
    return found + sorted([*_not_counted(minutes), *_not_heard(minutes)])


def _not_counted(minutes: Minutes) -> Iterator[Lint]:
    """Items that count for nothing because of who said them."""
    for item in minutes.items:
        if not item.counted:
            yield Lint(item.line, f"#{item.kind} by {item.nick}, who does not hold the chair")


def _not_heard(minutes: Minutes) -> Iterator[Lint]:
    """Commands that make no item: misspelled, behind a blank, or not theirs who gave them."""
    profile = PROFILES[minutes.profile]
    chairs = set(minutes.chairs)
    for number, _, nick, kind, text in minutes.raw:
        if kind == "rename" and nick in chairs:
            chairs.add(text)
        word = _WORD.match(text) if kind == Kind.SPEECH else None
        if word is None:
            continue
        command = profile.read(text)
        if command is None:
            if reason := _near_miss(profile, *word.groups()):
                yield Lint(number, reason)
            continue
        verb, payload = command
        if verb == "chair" and nick in chairs:
            chairs.update(_SEPARATORS.split(payload))
        restricted = verb in profile.chair_only or (
            verb == "endmeeting" and profile.loosely is None
        )
        if restricted and verb not in ITEM_KINDS and nick not in chairs:
            yield Lint(number, f"#{verb} by {nick}, who does not hold the chair")


def _near_miss(profile: Profile, blank: str, sign: str, word: str) -> str:
    """Why a line that nearly is a command is none; nothing where it is far from one."""
    spelled = f"{sign}{word}"
    known = profile.read(spelled)
    if known is not None:
        if blank:
            return f"a command begins the line, and before {spelled} there is a blank"
        return f"{spelled} is a command only with a blank after it"
    if len(word) < SHORTEST or word.isdecimal() or profile.read(f"{sign}endmeeting") is None:
        return ""
    likely = get_close_matches(word.lower(), profile.verbs, n=1, cutoff=ALIKE)
    if not likely:
        return ""
    return f"{spelled} is no command; did you mean {sign}{likely[0]}?"
