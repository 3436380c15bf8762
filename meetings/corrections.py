"""`s/wrong/right/`, said in a chat to mend what was said before."""

from dataclasses import dataclass

from meetings.profiles import CORRECTION


@dataclass(frozen=True, slots=True)
class Correction:
    wrong: str
    right: str
    everywhere: bool  # in all that was said before, not in the nearest line alone

    @classmethod
    def read(cls, text: str) -> "Correction":
        """Read what the profile has found to be one."""
        match = CORRECTION.match(text)
        assert match is not None  # noqa: S101 see above
        return cls(match["old"], match["new"], everywhere=bool(match["all"]))

    def fits(self, said: str) -> bool:
        """Whether it can mean this line, which is no correction itself."""
        return self.wrong in said and CORRECTION.match(said) is None

    def mend(self, said: str) -> str:
        return said.replace(self.wrong, self.right, -1 if self.everywhere else 1)
