"""Time grows with the length of a line and not faster, in every regular expression we have.

Each is fed texts made to hurt it: of each repetition in it, a text that leads up to it, repeats
what it repeats for as long as the text lasts, and then breaks off.
"""

import importlib
import pkgutil
import re
import re._constants as op
import re._parser as parser
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from time import thread_time
from typing import NamedTuple

import pytest

SMALL, LARGE = 1024, 16 * 1024  # no reader passes a longer line on
LINEAR = LARGE // SMALL
GENEROUSLY = 4  # times as long as linear is still linear
BEYOND_DOUBT = 0.02  # seconds; in which no square of 16 K steps has room
PATIENCE = 20  # seconds, for one pattern and all its texts

PACKAGES = ("meetings", "releases", "governance", "thaw")
SEEKING = "search|finditer|findall|sub|subn|split"  # what a pattern may be told
# Tables whose patterns a loop tells to search, by another name than a constant's.
TABLES = {
    "meetings.cues": ("CUES", "STANDING"),
    "governance.deadlines.words": ("_KINDS",),
}
# What is made from other patterns, from the names of milestones, or of words as they stand.
MADE = {"meetings.logs.reading", "governance.deadlines.words", "thaw.hits"}
# A view is called search; and what an operator writes into .env is read line by line.
OTHERWISE = {"thaw.urls", "thaw.environment"}


def modules():
    for package in map(importlib.import_module, PACKAGES):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # A published schedule is a file that an operator names, with a cap of its own.
            if ".migrations" not in found.name and ".schedules" not in found.name:
                yield importlib.import_module(found.name)


def patterns_in(value: object, seen: set[int]) -> Iterator[re.Pattern]:
    """Every pattern that a value is or holds, however deep."""
    if isinstance(value, re.Pattern):
        yield value
    elif id(value) not in seen and not isinstance(value, (str, bytes)):
        seen.add(id(value))
        for inner in held_by(value):
            yield from patterns_in(inner, seen)


def held_by(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, type) and value.__module__.startswith(PACKAGES):
        return list(vars(value).values())
    return [cell.cell_contents for cell in getattr(value, "__closure__", None) or ()]


class Use(NamedTuple):
    module: str
    pattern: re.Pattern
    everywhere: bool  # whether it is sought in a text, and not only at its beginning


def every_pattern():
    """Each once, and as the code uses it: a name that is told to search is read in the source.

    Of a table that a module goes through, all patterns are.
    """
    found = {}
    seeking = set(re.findall(rf"\b(\w+)\.(?:{SEEKING})\b", "\n".join(map(source_of, modules()))))
    for module in modules():
        tables = TABLES.get(module.__name__, ())
        for name, value in list(vars(module).items()):
            sought = name in seeking or name in tables
            for pattern in patterns_in(value, set()):
                key = (pattern.pattern, pattern.flags)
                known = found.get(key)
                everywhere = sought or (known is not None and known.everywhere)
                found[key] = Use(known.module if known else module.__name__, pattern, everywhere)
    # A reading joins the first shape of a format with the rest of a line, and seeks it everywhere.
    for shape in [format_.shapes[0] for format_ in formats()]:
        joined = re.compile(f"^(?:{shape.pattern.pattern}|(.*))$", re.MULTILINE)
        found[joined.pattern, joined.flags] = Use("meetings.logs.reading", joined, everywhere=True)
    return list(found.values())


def source_of(module):
    return Path(module.__file__).read_text(encoding="utf-8") if module.__file__ else ""


def formats():
    return [known for known in importlib.import_module("meetings.logs").FORMATS if known.shapes]


def sample(tree, pumped, times):
    """A text that matches, with `times` rounds of one repetition and the fewest of the others."""
    return "".join(_part(code, argument, pumped, times) for code, argument in tree)


def _part(code, argument, pumped, times):
    if code in REPEATS:
        rounds = times if argument is pumped else max(argument[0], 1)
        return sample(argument[2], pumped, times) * rounds
    if code is op.LITERAL:
        return chr(argument)
    if code is op.NOT_LITERAL:
        return "x" if argument != ord("x") else "y"
    if code is op.ANY:
        return "x"
    if code is op.IN:
        return member(argument)
    return "".join(sample(branch, pumped, times) for branch in inside(code, argument, pumped))


def inside(code, argument, pumped):
    """What lies in a group, or in the branch that leads to what is pumped; nothing of a look."""
    if code is op.BRANCH:
        leading = [one for one in argument[1] if any(r is pumped for r in repeats_in(one))]
        return (leading or argument[1])[:1]
    if code is op.SUBPATTERN:
        return [argument[3]]
    return [argument] if code is op.ATOMIC_GROUP else []


def member(choices):
    """A character of a class."""
    negated = choices[0][0] is op.NEGATE
    found = set()
    for code, argument in choices:
        if code is op.LITERAL:
            found.add(chr(argument))
        elif code is op.RANGE:
            found |= {chr(argument[0]), chr(argument[1])}
        elif code is op.CATEGORY:
            found |= set(CATEGORIES[argument])
    if negated:
        return next(one for one in "x-1 .<>:/#\n" if one not in found)
    return min(found, key=lambda one: (not one.isprintable(), one))


CATEGORIES = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_DIGIT: "x", op.CATEGORY_SPACE: " \t\n",
    op.CATEGORY_NOT_SPACE: "x<>#", op.CATEGORY_WORD: "x1_", op.CATEGORY_NOT_WORD: " -",
}  # fmt: skip
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def repeats_in(tree):
    for code, argument in tree:
        if code in REPEATS:
            yield argument
            yield from repeats_in(argument[2])
        elif code is op.BRANCH:
            for branch in argument[1]:
                yield from repeats_in(branch)
        else:
            for inner in inside(code, argument, None):
                yield from repeats_in(inner)


def hurting(pattern):
    """Functions from a size to a text of that size."""
    source = pattern.pattern
    is_bytes = isinstance(source, bytes)
    tree = parser.parse(source, pattern.flags & ~re.UNICODE if is_bytes else pattern.flags)
    whole = sample(tree, None, 1) or "x"
    seeds = {(f"{whole!r} again and again", "", whole), ("blanks", whole, " "), ("x", "", "x")}
    for character in dict.fromkeys(whole[:12]):
        seeds.add((f"{character!r}", whole, character))
    for repeat in repeats_in(tree):
        pumped = sample(tree, repeat, 2) or "x"
        body = sample(repeat[2], None, 1) or "x"
        place = pumped.find(body)
        seeds.add((f"rounds of {body!r}", pumped[: max(place, 0)], body))
    for name, start, round_ in sorted(seeds):
        for end in ("\0", ""):
            yield name, make(start, round_, end, is_bytes)


def make(start, round_, end, is_bytes):
    def text(size):
        rounds = (size - len(start) - len(end)) // len(round_)
        whole = start + round_ * max(rounds, 1) + end
        return whole.encode("utf-8", "surrogatepass") if is_bytes else whole

    return text


def seconds(use, text, runs):
    """The best of some runs of looking for it as the code does."""
    best = float("inf")
    for _ in range(runs):
        began = thread_time()
        use.pattern.match(text)
        if use.everywhere:
            for _ in use.pattern.finditer(text):
                pass
        best = min(best, thread_time() - began)
    return best


@contextmanager
def patience():
    """An exponent would never come back: the engine looks for signals while it works."""

    def give_up(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def growth_of(use):
    """The texts whose time grows faster than they do, with how much faster."""
    found = []
    with patience():
        for name, text in hurting(use.pattern):
            large = seconds(use, text(LARGE), 1)
            if large < BEYOND_DOUBT:
                continue
            small = seconds(use, text(SMALL), 5)
            large = min(large, seconds(use, text(LARGE), 2))
            if large > LINEAR * GENEROUSLY * small:
                times = f"{large / small:.0f} times as long for {LINEAR} times the text"
                found.append(f"{use.module}, {use.pattern.pattern!r}, {name}: {times}")
    return found


def test_time_grows_no_faster_than_the_text():
    assert [found for use in every_pattern() for found in growth_of(use)] == []


def test_every_reader_and_every_forge_is_among_them():
    uses = every_pattern()
    assert {
        "governance.deadlines.phrase", "governance.deadlines.places", "governance.deadlines.reader",
        "governance.deadlines.words", "meetings.assignees", "meetings.bots", "meetings.carrying",
        "meetings.commands", "meetings.corrections", "meetings.counts", "meetings.cues",
        "meetings.exporting", "meetings.harmless", "meetings.importing", "meetings.linking",
        "meetings.linting", "meetings.logs.dating", "meetings.logs.markup",
        "meetings.logs.reading", "meetings.logs.sniffing", "meetings.minutes", "meetings.moves",
        "meetings.names", "meetings.profiles.w3c", "meetings.record",
        "meetings.relating", "meetings.templatetags.transcript", "meetings.verdicts",
        "meetings.votes", "releases.references", "thaw.environment", "thaw.log_lines",
        "thaw.questions",
    } <= {use.module for use in uses}  # fmt: skip
    known = {use.pattern.pattern for use in uses}
    profiles = importlib.import_module("meetings.profiles").PROFILES.values()
    assert {profile.command.pattern for profile in profiles} <= known
    assert {shape.pattern.pattern for format_ in formats() for shape in format_.shapes} <= known
    sought = {use.pattern.pattern for use in uses if use.everywhere}
    for name in (
        "record._URL", "assignees._WORD", "harmless._UNWANTED", "cues.HEDGE", "names._WORD",
    ):  # fmt: skip
        module, _, attribute = name.partition(".")
        pattern = getattr(importlib.import_module(f"meetings.{module}"), attribute)
        assert pattern.pattern in sought
    for _, cue in importlib.import_module("meetings.cues").CUES:
        assert cue.pattern in sought


def test_only_a_constant_is_told_to_search_so_that_none_escapes():
    nameless = re.compile(r"(?:\b[a-z]\w{0,60}|\))\.(?:search|finditer|findall|subn)\b")
    in_passing = re.compile(r"\bre\.(?:match|fullmatch|sub|split)\(")
    found = {
        module.__name__
        for module in modules()
        for _ in (*nameless.finditer(source_of(module)), *in_passing.finditer(source_of(module)))
    }
    assert found == {*TABLES, *MADE, *OTHERWISE}  # see every_pattern


@pytest.mark.parametrize(
    "pattern", [r"\s*\s*$", r"(\w+\s?)*:", r"<(.*)*>", r".*foo.*bar", r"x*y", r"(a|a)*b"]
)
def test_a_pattern_that_grows_faster_is_found(pattern, monkeypatch):
    monkeypatch.setitem(globals(), "PATIENCE", 0.5)
    try:
        found = growth_of(Use("here", re.compile(pattern), everywhere=True))
    except TimeoutError:
        found = ["it never comes back"]
    assert found != []
