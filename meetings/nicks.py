"""Who is who among the nicks of one meeting, as far as its changes of nick tell."""

from collections import Counter

from meetings.logs.lines import Kind, RawLine

SPOKEN = frozenset([Kind.SPEECH.value, Kind.ACTION.value])


class Nicks:
    """A person is called by the nick first seen; further nicks lead to it."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()  # said, by person
        self._person: dict[str, str] = {}  # further nick -> person
        self._folded: dict[str, str] = {}  # person -> the same person, seen before
        self._seen: set[str] = set()
        self._given_up: set[str] = set()
        self._counted = 0  # lines of the meeting

    def who(self, nick: str) -> str:
        return self.same(self._person.get(nick, nick))

    def same(self, person: str) -> str:
        """A person, under the name that is left where two have turned out to be one."""
        while person in self._folded:
            person = self._folded[person]
        return person

    def further(self) -> dict[str, str]:
        """Each nick that is not the first of its person, with the person."""
        return {nick: self.who(nick) for nick in (*self._folded, *self._person)}

    def count(self, lines: list[RawLine]) -> None:
        """Count what was said since the last time, under the nicks that held then."""
        fresh = lines[self._counted :] if self._counted else lines
        self._counted = len(lines)
        spoke = [line[2] for line in fresh if line[3] in SPOKEN]
        for nick, said in Counter(spoke).items():
            self.lines[self.who(nick)] += said

    def change(self, old: str, new: str, *, lines: list[RawLine]) -> str:
        """Follow a change of nick, the last of these lines.

        Returns who has turned out to be another person already known, or an empty string.

        Who takes a nick that another person has been seen with is that person, as for the bots,
        which only compare nicks; unless the other has left the nick for a new one meanwhile.
        """
        self._seen.update([line[2] for line in lines[self._counted :] if line[3] in SPOKEN])
        self.count(lines)
        person, other = self.who(old), self.who(new)
        self._given_up.add(old)
        taken = new in self._seen or new in self._person
        gone = ""
        if person != other:
            if not taken or new in self._given_up:
                self._person[new] = person
            elif _stem(old) == _stem(new):
                self._fold(person, into=other)
                gone = person
        self._given_up.discard(new)
        return gone

    def _fold(self, person: str, *, into: str) -> None:
        """One person after all: `bob_`, who came back for his own nick."""
        self._folded[person] = into
        if said := self.lines.pop(person, 0):
            self.lines[into] += said


def _stem(nick: str) -> str:
    return nick.lower().partition("|")[0].rstrip("_`^-0123456789") or nick
