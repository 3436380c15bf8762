"""Votes, as each bot holds them. Of each voter the last vote counts."""

import re
from collections import Counter
from dataclasses import dataclass, field

_QUESTION = re.compile(r"(.{1,500})\?\s*(.*)", re.DOTALL)
_CHOICE = re.compile(r"[\w+-]+")


@dataclass(slots=True)
class Vote:
    """A vote between choices, while it is held (opendev)."""

    question: str
    index: int  # of the line that opened it
    topic: str
    choices: dict[str, str] = field(default_factory=dict)  # in lower case -> as it was offered
    ballots: dict[str, str] = field(default_factory=dict)  # by person

    def cast(self, person: str, said: str) -> None:
        """Take a vote; what is no choice is none."""
        if said.lower() in self.choices:
            self.ballots[person] = self.choices[said.lower()]

    def result(self) -> str:
        counts = Counter(self.ballots.values())
        tally = ", ".join(f"{choice}: {counts[choice]}" for choice in self.choices.values())
        return f"{self.question}? {tally}"


@dataclass(slots=True)
class Motion(Vote):
    """A motion that people say +1, -1 or +0 to (meetingology)."""

    voters: frozenset[str] = frozenset()  # nobody named: anybody
    required: int = 0  # votes in favour, for it to carry

    def cast(self, person: str, said: str) -> None:
        if not self.voters or person in self.voters:
            self.ballots[person] = "0" if said.endswith("0") else said

    def tally(self) -> tuple[int, int, int]:
        counts = Counter(self.ballots.values())
        return counts["+1"], counts["-1"], counts["0"]

    def result(self) -> str:
        in_favour, against, abstained = self.tally()
        if in_favour > against and in_favour >= self.required:
            outcome = "Motion carried"
        elif in_favour == against and not self.required:
            outcome = "Deadlock"
        else:
            outcome = "Motion denied"
        counts = f"For: {in_favour}, Against: {against}, Abstained: {abstained}"
        return f"{self.question}: {outcome} ({counts})"


@dataclass(slots=True)
class ShowOfHands(Motion):
    """A motion that people `#vote` plus or minus on (hcoop)."""

    def cast(self, person: str, said: str) -> None:
        if said[:1] in {"+", "-"}:
            self.ballots[person] = f"{said[0]}1"

    def result(self) -> str:
        in_favour, opposed, _ = self.tally()
        if in_favour > opposed:
            outcome = "accepted"
        else:
            outcome = "failed" if in_favour < opposed else "inconclusive"
        return f"{self.question}: Motion {outcome} ({in_favour} in favor, {opposed} opposed)"


def vote_on(words: str, *, index: int, topic: str) -> Vote | None:
    """The vote that `Ship it? Yes, No` opens, or None where it asks nothing."""
    match = _QUESTION.match(words)
    if match is None:
        return None
    choices = _CHOICE.findall(match[2]) or ["Yes", "No"]
    return Vote(match[1].strip(), index, topic, {choice.lower(): choice for choice in choices})
