"""To whom an action was given, and who else it speaks of, among the people of the meeting.

The bots give an action to everybody whom it names. Here the person addressed owns it, or who
volunteers, and the others are mentioned.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

# A nick may hold these beside letters and digits; a slash or comma between nicks separates them.
_WORD = re.compile(r"@?[\w\[\]\\`^{}|.-]{1,64}")
_LEADS_IN = re.compile(r"[\s:,&+/-]{0,20}(?:(?:to|for|on)\s+)?", re.IGNORECASE)
_JOINT = re.compile(r":?[\s,/&+]{0,20}(?:(?:and|or|with)\s+)?[\s/&+]{0,20}", re.IGNORECASE)
_JOINS = re.compile(r"[,/&+]|\b(?:and|or|with)\b", re.IGNORECASE)
_STRANGER = re.compile(r"[\w`|^-]{1,64}(?:[/,]\s?|:? and )(?=\S)")
_ADDRESSES = re.compile(r"[\])]?\s{0,20}(?:[:,]|->|to\s|to$)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\s*\[([^\[\]]{1,200})\]\s+(?=\S)|\s*\(([^()]{1,200})\)\s+(?=\S)")
_AT_THE_END = re.compile(r".*[(\[]([^()\[\]]{1,200})[)\]]\W{0,5}$", re.DOTALL)
_CARRIED = re.compile(r"carr(?:y|ied|ying)[\s-]{0,3}(?:it )?(?:over|forward)\b", re.IGNORECASE)
_CARRIED_AT_FIRST = re.compile(rf"\W{{0,5}}{_CARRIED.pattern}[\]):,\s-]*", re.IGNORECASE)
_CARRIED_IN_BRACKETS = re.compile(
    rf"[(\[]\s{{0,20}}{_CARRIED.pattern}[^()\[\]]{{0,60}}[)\]]", re.IGNORECASE
)
_CARRIED_AT_LAST = re.compile(rf"[-,;:]\s{{0,20}}{_CARRIED.pattern}\W{{0,5}}$", re.IGNORECASE)

_ONE_WORD = re.compile(r"\S{1,64}\s+")

_APOSTROPHES = ("'", "\u2019")
_MYSELF = frozenset(["i", "me", "myself"])
_I = re.compile(r"(?:I(?:['\u2019](?:ll|m|d))?|i(?= will\b)|me|myself)(?![\w'\u2019-])")
# Never a person's name by itself, whoever calls himself so.
_EVERYBODY = frozenset(
    "all everybody everyone anybody anyone somebody someone nobody we us".split()
)
# Words that begin an action, or stand in one, and that people are called as well.
_ENGLISH = _EVERYBODY | frozenset(
    "a an and any are art ask at be bill but by can chase check chip dash do done drop fix"
    " for from get go grant grace has have he help hope hunt i if in is it its join joy jump keep"
    " let link look make mark may max me merge more move need new no not now of on one open or"
    " our out patch pat ping plan play please post push put read rest review rich rob run save see"
    " send set she should skip so some start stop sue sync talk team test that the them then they"
    " this to track try up update use wade was watch what when who will with work write you".split()
)


class Assigned(NamedTuple):
    """Whose an action is, and whom else it speaks of."""

    owners: tuple[str, ...]
    mentioned: tuple[str, ...]


NOBODY = Assigned((), ())


@dataclass(frozen=True, slots=True)
class People:
    """Those whom an action may name: each spelling in lower case, with the person's own nick."""

    by_spelling: Mapping[str, str]

    @classmethod
    def of(cls, nicks: Iterable[str], aliases: Mapping[str, str]) -> "People":
        """`aliases` maps further names to a nick of these, or of somebody not here."""
        known = {nick.lower(): nick for nick in nicks}
        further = {alias.lower(): known.get(nick.lower(), nick) for alias, nick in aliases.items()}
        return cls(further | known)

    def find(self, word: str) -> str | None:
        """A nick may end a sentence; some nicks end in a dot or dash themselves."""
        spelled = word.lower().removeprefix("@")
        for form in (spelled, spelled.rstrip(".-"), spelled.strip("[]"), spelled.strip("[].-")):
            if form in self.by_spelling:
                return self.by_spelling[form]
        return None


def is_carried(text: str) -> bool:
    """Whether an action is one of an earlier meeting, as people write it: `carryover: x`."""
    if "arr" not in text and "ARR" not in text:
        return False
    if _CARRIED_AT_FIRST.match(text) or _CARRIED_IN_BRACKETS.search(text):
        return True
    match = _CARRIED.search(text)
    if match is None:
        return False
    one_word_before = _ONE_WORD.fullmatch(text, 0, match.start()) is not None
    return one_word_before or _CARRIED_AT_LAST.search(text) is not None


def assignees(text: str, people: People, *, speaker: str = "") -> Assigned:
    """Who owns an action said by that speaker, and who else is named in it.

    Whoever is addressed owns it: at its beginning, in brackets, or in brackets at its end;
    where nobody is, whoever speaks of himself. A nick that is an English word has to be
    addressed beyond doubt (`will to ...`, `mark: ...`, `@may`).
    """
    carried = _CARRIED_AT_FIRST.match(text)
    said = text[carried.end() :] if carried else text
    owners = (
        _in_brackets(said, people)
        or _addressed(said, people, speaker=speaker)
        or _at_the_end(said, people, speaker=speaker)
    )
    named = _named(said, people)
    return Assigned(
        tuple(dict.fromkeys(owners)),
        tuple(nick for nick in dict.fromkeys(named) if nick not in owners),
    )


def _in_brackets(text: str, people: People) -> list[str]:
    match = _IN_BRACKETS.match(text)
    if match is None or text.split(maxsplit=1)[0].lower() in people.by_spelling:
        return []
    return _all_known(match[1] or match[2], people)


def _at_the_end(text: str, people: People, *, speaker: str) -> list[str]:
    match = _AT_THE_END.match(text)
    if match is None:
        return []
    if speaker and match[1].lower() in _MYSELF:
        return [speaker]
    return _all_known(match[1], people)


def _all_known(words: str, people: People) -> list[str]:
    """The people that a list names, or nobody where it names anything else."""
    found = []
    for word in _WORD.findall(words):
        nick = people.find(word)
        if nick is not None and word.lower() not in _EVERYBODY:
            found.append(nick)
        elif word.lower() not in {"and", "or"}:
            return []
    return found


class _Addressee(NamedTuple):
    nick: str
    sure: bool  # whether the word means its owner beyond doubt
    end: int
    joined: bool  # to the one before by more than a blank


def _addressed(text: str, people: People, *, speaker: str) -> list[str]:
    """The run of people at the beginning; in `bob: and I need to` it is two."""
    lead = _LEADS_IN.match(text)
    at = lead.end() if lead else 0
    stranger = _STRANGER.match(text, at)
    if stranger and not _person_at(
        text, at, people, speaker=speaker
    ):  # somebody not here, beside whoever is
        at = stranger.end()
    run: list[_Addressee] = []
    gap = ""
    while found := _person_at(text, at, people, speaker=speaker):
        nick, sure, end = found
        run.append(_Addressee(nick, sure, end, bool(run) and _JOINS.search(gap) is not None))
        joint = _JOINT.match(text, end)
        at = joint.end() if joint else end
        gap = text[end:at]
        if not gap:
            break
    if run and gap == "/":  # a path, `bob/readme.txt`
        run.pop()
    if not run:
        return []
    if _ADDRESSES.match(text, run[-1].end):
        return [one.nick for one in run]
    certain = any(one.sure for one in run)
    neighbours: list[_Addressee | None] = [*run[1:], None]
    return [
        one.nick
        for one, after in zip(run, neighbours, strict=True)
        if one.sure or (certain and (one.joined or (after is not None and after.joined)))
    ]


def _person_at(text: str, at: int, people: People, *, speaker: str) -> tuple[str, bool, int] | None:
    """The nick of whom the word there names, whether it surely does, and where it ends."""
    word = _WORD.match(text, at)
    nick = people.find(word[0]) if word else None
    if word is None or nick is None:
        itself = _I.match(text, at) if speaker else None
        return (speaker, True, itself.end()) if itself else None
    end = at + len(word[0].rstrip("."))
    if text.startswith(_APOSTROPHES, end) or word[0].lower().strip("[].-") in _EVERYBODY:
        return None
    doubtful = word[0].lower() in _ENGLISH
    sure = not doubtful or _ADDRESSES.match(text, end) is not None
    return nick, sure, end


def _named(text: str, people: People) -> list[str]:
    """All whom a text speaks of; an English word only as a name is written, within a sentence."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        nick = people.find(word)
        if nick is None:
            continue
        plain = word.lower().strip("[].-")
        as_a_name = word[0].isupper() and match.start() > 0 and plain not in _EVERYBODY
        if plain not in _ENGLISH or word.startswith("@") or as_a_name:
            found.append(nick)
    return found
