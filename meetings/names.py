"""Records by the names that people use for them when they talk: pure.

A Glossary is made of plain values, once for many meetings. What it holds is looked up word by
word, so that its size costs nothing; a line with none of its words costs one comparison of sets.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from releases.references import find_references

SHORTEST_NUMBER = 4  # digits; a smaller number may count anything
LONGEST_NAME = 4  # words

_NUMBER = re.compile(r"[1-9][0-9]{3,9}")
_EXCEPTION = re.compile(r"\bFFE[- ]?#?([1-9][0-9]{0,8})\b", re.IGNORECASE)
_BUG = re.compile(r"\bbug(?:s|:)? ?#?([1-9][0-9]{4,7})\b", re.IGNORECASE)
_WORD, _NO_WORD = re.compile(r"\w{1,100}"), re.compile(r"\W+")
_BEFORE_A_NUMBER = re.compile(r"[/#!]")
_SLASH_OR_COLON = re.compile(r"([/:])")
_NUMBERED = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
_JOINTS = re.compile(r"[\s_.+-]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# After these, or before those, a name in small letters is that of a release.
_LEADS_TO_A_RELEASE = frozenset("in for into of to until target targets targeted release".split())
_FOLLOWS_A_RELEASE = frozenset(
    "release releases cycle series branch milestone milestones summit development dev final"
    " freeze rc beta opens".split()
)
_OF_A_MILESTONE = frozenset("freeze milestone deadline".split())


_ADDRESS = re.compile(r"https?://\S{1,2000}")
_TOKEN = re.compile(r"[\w~][\w~.+/:-]{0,198}")
_AROUND = ".,:;!?()[]{}'\"*`#<>“”"
_PIECES = re.compile(r"[^a-z0-9]+")
# Releases and milestones that people speak of, whether or not anybody has entered them.
_MAY_BE_SPOKEN = re.compile(r"[Rr]elease|Freeze|lp:")
_RELEASE_SAID = re.compile(r"(?:\bthe |^(?:[#!]\w{1,12} )?)([A-Z][a-z]{2,20}) [Rr]elease\b")
_SERIES_SAID = re.compile(r"\blp:[\w.+-]{1,60}/([a-z][a-z0-9.]{2,20})\b")
_FREEZE_SAID = re.compile(r"\b([A-Z][a-z]{1,20}Freeze)\b")
_NO_RELEASE = frozenset(
    "the this that next last new first current previous stable final major minor point beta alpha"
    " security bugfix each every any our your their trunk main master maintenance upcoming early"
    " late daily weekly monthly official formal interim actual old older newer latest".split()
)


class Named(NamedTuple):
    """A record that a text names: its target, how (`number` or `name`), and where in the text."""

    target: str
    how: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ProposalName:
    """A merge proposal as it may be spoken of; `key` is its forge's, `branch` may be empty."""

    target: str
    key: str
    branch: str

    @property
    def number(self) -> str:
        """`54464` out of `review.opendev.org/54464` and `owner/repo#54464`."""
        return _BEFORE_A_NUMBER.split(self.key)[-1]

    @property
    def name(self) -> str:
        """`volumes-api` out of `~jun/nova/volumes-api`; a repository is no branch."""
        return "" if "+git/" in self.branch else self.branch.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ReleaseName:
    slug: str
    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneName:
    release: str  # slug
    slug: str
    name: str
    current: bool = False  # of the release being made when it was said

    @property
    def target(self) -> str:
        return f"milestone:{self.release}/{self.slug}"


@dataclass
class Glossary:
    """What is known, by every spelling."""

    exceptions: set[int] = field(default_factory=set)
    numbers: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)  # name or version in small letters
    milestones: dict[str, list[MilestoneName]] = field(default_factory=lambda: defaultdict(list))
    starts: set[str] = field(default_factory=set)  # first words of the milestones' spellings
    vocabulary: set[str] = field(default_factory=set)  # any of which makes a line worth a look

    @classmethod
    def of(
        cls,
        *,
        proposals: Iterable[ProposalName] = (),
        releases: Iterable[ReleaseName] = (),
        milestones: Iterable[MilestoneName] = (),
        exceptions: Iterable[int] = (),
    ) -> "Glossary":
        """Where two proposals share a name or number, the one that comes last has it."""
        glossary = cls(exceptions=set(exceptions))
        for proposal in proposals:
            glossary.add_proposal(proposal)
        glossary.add_calendar(releases, milestones)
        return glossary

    def add_calendar(
        self, releases: Iterable[ReleaseName], milestones: Iterable[MilestoneName]
    ) -> None:
        for release in releases:
            for spelled in (release.name, release.slug, release.version):
                if spelled:
                    self.releases[" ".join(spelled.lower().split())] = f"release:{release.slug}"
                    self.vocabulary.add(spelled.lower().split()[0])
        for milestone in milestones:
            for words in _spellings(milestone):
                self.milestones["".join(words)].append(milestone)
                self.starts.add(words[0])
                self.vocabulary |= {words[0], "".join(words)}

    def add_proposal(self, proposal: ProposalName) -> None:
        if len(proposal.number) >= SHORTEST_NUMBER and proposal.number.isdecimal():
            self.numbers[proposal.number] = proposal.target
            self.vocabulary.add(proposal.number)
        for spelled in {proposal.branch, proposal.name} - {""}:
            self.branches[spelled.lower()] = proposal.target
            self.vocabulary.add(spelled.lower())

    def with_proposals(self, proposals: Iterable[ProposalName]) -> "Glossary":
        """The same, with the proposals that one meeting itself brings up."""
        ours = Glossary(
            self.exceptions,
            dict(self.numbers),
            dict(self.branches),
            self.releases,
            self.milestones,
            self.starts,
            set(self.vocabulary),
        )
        for proposal in proposals:
            ours.add_proposal(proposal)
        return ours

    def release_called(self, name: str) -> str:
        """The target of the release of this name or version; empty where none has it."""
        return self.releases.get(name.lower(), "")

    def with_names_said(self, texts: Iterable[str]) -> "Glossary":
        """The same, with releases and milestones that nobody has entered but people speak of.

        A release is what is called one (`the Bexar release`) or what a branch of development is
        named for (`lp:nova/diablo`); a milestone what ends in Freeze. A milestone is taken to be
        of the first release spoken of.
        """
        spoken = [text for text in texts if _MAY_BE_SPOKEN.search(text)]
        names = [name for text in spoken for name in _RELEASE_SAID.findall(text)]
        names += [name for text in spoken for name in _SERIES_SAID.findall(text)]
        new = [name for name in dict.fromkeys(names) if name.lower() not in _NO_RELEASE]
        releases = [ReleaseName(n.lower(), n) for n in new if n.lower() not in self.releases]
        freezes = dict.fromkeys(name for text in spoken for name in _FREEZE_SAID.findall(text))
        known = {"".join(words) for words in self.milestones}
        milestones = [
            MilestoneName(new[0].lower() if new else "", name.lower(), name)
            for name in freezes
            if name.lower() not in known
        ]
        if not releases and not milestones:
            return self
        ours = self.with_proposals(())
        ours.releases = dict(self.releases)
        ours.starts = set(self.starts)
        ours.milestones = defaultdict(list, self.milestones)
        ours.add_calendar(releases, milestones)
        return ours

    def find(self, text: str) -> list[Named]:
        """Every record that the text names, in order; what is part of an address is not."""
        low = text.lower()
        found: list[Named] = []
        if "ffe" in low:
            found += self._exceptions(text)
        if "bug" in low:
            found += self._bugs(text)
        if not self.vocabulary.isdisjoint(_tokens(low)):
            found += self._words_in(text)
        if not found:
            return []
        taken = [reference.span for reference in find_references(text)]
        taken += [match.span() for match in _ADDRESS.finditer(text)]
        found = [
            named
            for named in found
            if not any(start <= named.span[0] < end for start, end in taken)
        ]
        return sorted(found, key=lambda named: named.span)

    def _exceptions(self, text: str) -> Iterator[Named]:
        for match in _EXCEPTION.finditer(text):
            if int(match[1]) in self.exceptions:
                yield Named(f"exception:FFE-{int(match[1])}", "number", match.span())

    def _bugs(self, text: str) -> Iterator[Named]:
        for match in _BUG.finditer(text):
            yield Named(f"bug:launchpad:{match[1]}", "number", match.span())

    def _words_in(self, text: str) -> Iterator[Named]:
        words = [(match[0].rstrip(".:-/"), match.start()) for match in _TOKEN.finditer(text)]
        for word, start in words:
            yield from self._proposal(word, text, start)
        yield from self._releases_in(words, text)
        yield from self._milestones_in(text)

    def _releases_in(self, words: list[tuple[str, int]], text: str) -> Iterator[Named]:
        index = 0
        while index < len(words):
            for length in range(min(LONGEST_NAME, len(words) - index), 1, -1):
                run = words[index : index + length]
                target = self.releases.get(" ".join(word.lower() for word, _ in run))
                if target:
                    yield Named(target, "name", (run[0][1], run[-1][1] + len(run[-1][0])))
                    index += length
                    break
            else:
                yield from self._release(*words[index], text)
                index += 1

    def _proposal(self, word: str, text: str, start: int) -> Iterator[Named]:
        span = (start, start + len(word))
        if _NUMBER.fullmatch(word) and word in self.numbers:
            yield Named(self.numbers[word], "number", span)
            return
        low = word.lower().removeprefix("lp:")
        target = self.branches.get(low)
        # A branch of one plain word is also a word: it must be called a branch, or be quoted.
        if target and (any(sign in low for sign in "-_/.") or _called_branch(text, span)):
            yield Named(target, "name", span)

    def _release(self, word: str, start: int, text: str) -> Iterator[Named]:
        """A name of one word, alone or in a path such as `lp:nova/diablo`."""
        at = start
        for index, piece in enumerate(_SLASH_OR_COLON.split(word)):
            target = self.releases.get(piece.lower())
            if target and (
                piece[:1].isupper() or index or _spoken_of_as_release(text, at, at + len(piece))
            ):
                yield Named(target, "name", (at, at + len(piece)))
            at += len(piece)

    def _milestones_in(self, text: str) -> Iterator[Named]:
        words = [
            (piece.lower(), start, start + len(piece))
            for match in _WORD.finditer(text)
            for piece, start in _pieces(match)
        ]
        index = 0
        while index < len(words):
            named, length = self._milestone_at(words, index)
            after = words[index + length][0] if index + length < len(words) else ""
            # A feature freeze exception is no freeze.
            if named is not None and not after.startswith("exception"):
                yield Named(named.target, "name", (words[index][1], words[index + length - 1][2]))
            index += length

    def _milestone_at(
        self, words: list[tuple[str, int, int]], index: int
    ) -> tuple[MilestoneName | None, int]:
        """The milestone whose longest spelling begins at this word, and its number of words."""
        if words[index][0] not in self.starts:
            return None, 1
        for length in range(min(LONGEST_NAME, len(words) - index), 0, -1):
            spelled = "".join(word for word, _, _ in words[index : index + length])
            fits = self.milestones.get(spelled)
            if fits:
                return max(fits, key=lambda one: one.current), length
        return None, 1


def _tokens(low: str) -> set[str]:
    """The words of a text in small letters, and the parts of those that are joined."""
    words = {word.strip(_AROUND) for word in low.split()}
    for word in [word for word in words if not word.isalnum()]:
        words.update(_PIECES.split(word))
        words.add(word.removeprefix("lp:"))
    return words


def _spellings(milestone: MilestoneName) -> set[tuple[str, ...]]:
    """How a milestone's name is said: GammaFreeze, gamma freeze, the Gamma milestone; RC1, rc 1."""
    spelled = {tuple(_split(milestone.name)), tuple(_split(milestone.slug)), (milestone.slug,)}
    for words in list(spelled):
        if len(words) > 1 and words[-1] in _OF_A_MILESTONE:
            spelled |= {(*words[:-1], last) for last in _OF_A_MILESTONE - {words[-1]}}
    return {words for words in spelled if words and any(len(word) > 1 for word in words)}


def _split(name: str) -> list[str]:
    """`gamma`, `freeze` out of GammaFreeze, gamma-freeze and Gamma freeze; `rc`, `1` out of RC1."""
    apart = _CAMEL.sub(" ", name)
    apart = _NUMBERED.sub(" ", apart)
    words = [word.lower() for word in _JOINTS.split(apart) if word]
    # Freezes are also written as one word in small letters.
    return [part for word in words for part in _unglued(word)]


def _unglued(word: str) -> list[str]:
    stem = word.removesuffix("freeze")
    return [stem, "freeze"] if stem and stem != word else [word]


def _pieces(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """A word's parts as `_split` sees them, each with its place."""
    at = match.start()
    for part in _split(match[0]):
        at = match.string.lower().find(part, at)
        yield part, at
        at += len(part)


def _called_branch(text: str, span: tuple[int, int]) -> bool:
    before, after = text[: span[0]].lower().rstrip(" "), text[span[1] :].lower().lstrip(" ")
    quoted = before.endswith(("'", '"', "`", "“")) and after.startswith(("'", '"', "`", "”"))
    return (
        quoted
        or before.endswith(("branch", "proposal", "mp", "bmp", "ffe for", "exception for"))
        or after.startswith(("branch", "proposal", "mp ", "ffe", "exception"))
    )


def _spoken_of_as_release(text: str, start: int, end: int) -> bool:
    before = text[:start].lower().split()[-1:]
    after = _NO_WORD.split(text[end:].lower().lstrip())[:1]
    return bool(_LEADS_TO_A_RELEASE.intersection(before) or _FOLLOWS_A_RELEASE.intersection(after))
