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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from time import perf_counter

import pytest

SMALL, LARGE = 4 * 1024, 64 * 1024
LINEAR = LARGE // SMALL
GENEROUSLY = 4  # times as long as linear is still linear, on a busy machine
BEYOND_DOUBT = 0.02  # seconds; in which no square of 64 K steps has room
PATIENCE = 20  # seconds, for one pattern and all its texts

PACKAGES = ("meetings", "releases", "governance")
# Where the whole tree of a package is not ours to read line by line.
NOT_TEXT = ("migrations", "management")


def modules():
    for package in map(importlib.import_module, PACKAGES):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in NOT_TEXT for part in found.name.split(".")):
                yield importlib.import_module(found.name)
    yield importlib.import_module("meetings.management.commands.import_meeting")


def patterns_in(value: object, seen: set[int]) -> Iterator[re.Pattern]:
    """Every pattern that a value is or holds, however deep."""
    if id(value) in seen or isinstance(value, (str, bytes, int, float, type(None))):
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        for inner in (*value.keys(), *value.values()):
            yield from patterns_in(inner, seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from patterns_in(inner, seen)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from patterns_in(getattr(value, field.name), seen)
    elif isinstance(value, type) and value.__module__.startswith(PACKAGES):
        for inner in vars(value).values():
            yield from patterns_in(inner, seen)
    elif closure := getattr(value, "__closure__", None):
        for cell in closure:
            yield from patterns_in(cell.cell_contents, seen)


def every_pattern():
    """Each once, with the module that has it."""
    found = {}
    for module in modules():
        for value in list(vars(module).values()):
            for pattern in patterns_in(value, set()):
                found.setdefault((pattern.pattern, pattern.flags), (module.__name__, pattern))
    # A reading joins the first shape of a format with the rest of a line.
    for shape in {format_.shapes[0] for format_ in formats()}:
        joined = re.compile(f"^(?:{shape.pattern.pattern}|(.*))$", re.MULTILINE)
        found[joined.pattern, joined.flags] = ("meetings.logs.reading", joined)
    return found.values()


def formats():
    return [known for known in importlib.import_module("meetings.logs").FORMATS if known.shapes]


def sample(tree, pumped, times):
    """A text that matches, with `times` rounds of one repetition and few of the others."""
    parts = []
    for code, argument in tree:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            low, _, body = argument
            rounds = times if argument is pumped else max(low, 1)
            parts.append(
                sample(body, pumped, 1) * (rounds if pumped is argument else min(rounds, 3))
            )
            if argument is pumped:
                # Alike, but not the same: what two neighbours could share.
                parts[-1] = parts[-1][: max(times, 1) * 4]
        elif code is op.LITERAL:
            parts.append(chr(argument))
        elif code is op.NOT_LITERAL:
            parts.append("x" if argument != ord("x") else "y")
        elif code is op.ANY:
            parts.append("x")
        elif code is op.IN:
            parts.append(member(argument))
        elif code is op.BRANCH:
            parts.append(sample(branch_with(argument[1], pumped), pumped, times))
        elif code is op.SUBPATTERN:
            parts.append(sample(argument[3], pumped, times))
        elif code is op.ATOMIC_GROUP:
            parts.append(sample(argument, pumped, times))
    return "".join(parts)


def branch_with(branches, pumped):
    for branch in branches:
        if any(repeat is pumped for repeat in repeats_in(branch)):
            return branch
    return branches[0]


def member(choices):
    """A character of a class."""
    negated = choices[0][0] is op.NEGATE
    inside = set()
    for code, argument in choices:
        if code is op.LITERAL:
            inside.add(chr(argument))
        elif code is op.RANGE:
            inside |= {chr(argument[0]), chr(argument[1])}
        elif code is op.CATEGORY:
            inside |= set(CATEGORIES[argument])
    if not negated:
        return min(inside, key=lambda one: (not one.isprintable(), one))
    classes = re.compile("|".join(BROAD))
    return next(one for one in "x-1 .<>:/#\n" if one not in inside and classes)


CATEGORIES = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_DIGIT: "x", op.CATEGORY_SPACE: " \t\n",
    op.CATEGORY_NOT_SPACE: "x<>#", op.CATEGORY_WORD: "x1_", op.CATEGORY_NOT_WORD: " -",
}  # fmt: skip
BROAD = ["x"]


def repeats_in(tree):
    for code, argument in tree:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield argument
            yield from repeats_in(argument[2])
        elif code is op.BRANCH:
            for branch in argument[1]:
                yield from repeats_in(branch)
        elif code is op.SUBPATTERN:
            yield from repeats_in(argument[3])
        elif code is op.ATOMIC_GROUP:
            yield from repeats_in(argument)
        elif code in (op.ASSERT, op.ASSERT_NOT):
            yield from repeats_in(argument[1])


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
        for end in ("\0", "\n", ""):
            yield name, make(start, round_, end, is_bytes)


def make(start, round_, end, is_bytes):
    def text(size):
        rounds = (size - len(start) - len(end)) // len(round_)
        whole = start + round_ * max(rounds, 1) + end
        return whole.encode("utf-8", "surrogatepass") if is_bytes else whole

    return text


def work(pattern, text):
    """As they are used: at the beginning, and everywhere."""
    pattern.match(text)
    for _ in pattern.finditer(text):
        pass


def seconds(pattern, text, runs):
    best = float("inf")
    for _ in range(runs):
        began = perf_counter()
        work(pattern, text)
        best = min(best, perf_counter() - began)
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


def growth_of(pattern):
    """The texts whose time grows faster than they do, with how much faster."""
    found = []
    with patience():
        for name, text in hurting(pattern):
            large = seconds(pattern, text(LARGE), 1)
            if large < BEYOND_DOUBT:
                continue
            small = seconds(pattern, text(SMALL), 3)
            large = min(large, seconds(pattern, text(LARGE), 2))
            if large > LINEAR * GENEROUSLY * small:
                found.append(
                    f"{name}: {large / small:.0f} times as long for {LINEAR} times the text"
                )
    return found


PATTERNS = sorted(every_pattern(), key=lambda found: (found[0], str(found[1].pattern)))


@pytest.mark.parametrize(
    ("module", "pattern"),
    PATTERNS,
    ids=[f"{module}-{number}" for number, (module, _) in enumerate(PATTERNS)],
)
def test_time_grows_no_faster_than_the_text(module, pattern):
    assert growth_of(pattern) == [], f"{pattern.pattern!r} of {module}"


def test_every_reader_and_every_forge_is_among_them():
    by_module = {module for module, _ in PATTERNS}
    assert {
        "meetings.assignees", "meetings.commands", "meetings.exporting", "meetings.harmless",
        "meetings.importing", "meetings.linting", "meetings.logs.reading", "meetings.minutes",
        "meetings.profiles", "meetings.templatetags.transcript", "releases.references",
    } <= by_module  # fmt: skip
    shapes = [shape.pattern for format_ in formats() for shape in format_.shapes]
    known = {pattern.pattern for _, pattern in PATTERNS}
    assert {shape.pattern for shape in shapes} <= known


@pytest.mark.parametrize(
    "pattern", [r"\s*\s*$", r"(\w+\s?)*:", r"<(.*)*>", r".*foo.*bar", r"x*y", r"#(\w+)[ \t]*(.*)$x"]
)
def test_a_pattern_that_grows_faster_is_found(pattern):
    try:
        assert growth_of(re.compile(pattern)) != []
    except TimeoutError:
        pass
