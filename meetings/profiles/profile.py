"""What a dialect of commands is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

LINK_SCHEMES = ("http://", "https://", "irc://", "ftp://", "ssh://", "mailto://")
SIGNS_OF_BOTS = ("Meeting ", "The chair is ")
# Every line is held against these, so there are few.
SIGNS = ("#", "http", "propos", "Propos", "PROPOS", *SIGNS_OF_BOTS, *LINK_SCHEMES[2:])
CHAIR_ONLY = frozenset(
    "topic agreed accepted rejected undo chair unchair meetingtopic".split()
    + "save lurk unlurk restrictlogs".split()
)
# No bot knows `#proposed #agreed x`, and many communities write it.
_PROPOSAL = re.compile(
    r"(?:#propos(?:ed|al)\b[:,]?\s*(?:#\w{1,40}\b[:,]?)?|propos(?:ed|al)[:,]?\s+#\w{1,40}\b[:,]?)"
    r"\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Profile:
    """One dialect. `verbs` maps each spelling to what it does; `chair_only` needs the chair.

    A line that begins with none of the `signs` holds nothing of this dialect. `loosely` is how
    long a meeting must last before anybody may end it (None: never).
    """

    name: str
    command: re.Pattern[str]
    verbs: Mapping[str, str]
    chair_only: frozenset[str] = CHAIR_ONLY
    links_alone: bool = True  # a URL that begins a line is a link item
    loosely: timedelta | None = None
    exact: bool = False  # whether upper and lower case differ
    starts: frozenset[str] = frozenset(["startmeeting"])  # as spelled; no bot ignores case here
    signs: tuple[str, ...] = SIGNS
    likely: re.Pattern[str] | None = None  # what a line with a sign must match, too
    proposal: re.Pattern[str] | None = _PROPOSAL
    ballots: re.Pattern[str] | None = None  # a plain line that is a vote while one is held
    heeds_doing: bool = False  # whether `/me #info x` is a command
    by_lines: bool = False  # whether each line of a message may be a command
    heeds_bots: frozenset[str] = frozenset()  # what a bot may say in a person's stead
    whole: bool = False  # no command begins a meeting: the log is one

    @property
    def beginning(self) -> str:
        """A pattern for how each line begins that holds something of this dialect."""
        return self.likely.pattern if self.likely else "|".join(map(re.escape, self.signs))

    def read(self, text: str) -> tuple[str, str] | None:
        """The verb and payload of a line, or None where it is no command of this dialect."""
        match = self.command.match(text)
        spelled = match[1] if match else ""
        verb = self.verbs.get(spelled if self.exact else spelled.lower())
        if match is None or verb is None:
            proposed = self.proposal.match(text) if self.proposal else None
            return ("proposed", proposed[1].strip()) if proposed else None
        if verb == "startmeeting" and spelled not in self.starts:
            return None
        return verb, (match[2] or "").strip()
