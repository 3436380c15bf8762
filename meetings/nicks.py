"""Who is who among the nicks of one meeting, as far as its changes of nick tell."""

from collections import Counter

from meetings.logs.lines import Kind, RawLine

SPOKEN = frozenset([Kind.SPEECH.value, Kind.ACTION.value])


class Nicks:
    """A person is called by the nick first seen; further nicks lead to it."""

    def __init__(self) -> None:
        self._said: Counter[str] = Counter()  # lines, by nick; whoever spoke has an entry
        self._given_away: Counter[str] = Counter()  # by person: said under a nick now another's
        self._person: dict[str, str] = {}  # further nick -> person
        self._folded: dict[str, str] = {}  # person -> the same person, seen before
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
        """Count what was said since the last time."""
        fresh = lines[self._counted :] if self._counted else lines
        self._counted = len(lines)
        self._said.update([line[2] for line in fresh if line[3] in SPOKEN])

    def lines(self) -> dict[str, int]:
        """The lines counted of each person; who said most comes first."""
        lines: Counter[str] = Counter()
        for nick, said in self._said.items():
            lines[self.who(nick)] += said
        for person, said in self._given_away.items():
            lines[self.same(person)] += said
        return {person: said for person, said in lines.most_common() if said}

    def forget(self, nick: str) -> None:
        """Do not count what was said under a nick."""
        self._said.pop(nick, None)

    def change(self, old: str, new: str, *, lines: list[RawLine]) -> str:
        """Follow a change of nick, the last of these lines.

        Returns who has turned out to be another person already known, or an empty string.

        Who takes a nick that another person has been seen with is that person, as for the bots,
        which only compare nicks; unless the other has left the nick for a new one meanwhile.
        """
        self.count(lines)
        person, other = self.who(old), self.who(new)
        self._given_up.add(old)
        taken = new in self._said or new in self._person
        gone = ""
        if person != other:
            if not taken or new in self._given_up:
                if said := self._said[new]:
                    self._given_away[other] += said
                    self._said[new] = 0
                self._person[new] = person
            elif _stem(old) == _stem(new):  # `bob_`, who came back for his own nick
                self._folded[person] = other
                gone = person
        self._given_up.discard(new)
        return gone


def _stem(nick: str) -> str:
    return nick.lower().partition("|")[0].rstrip("_`^-0123456789") or nick
