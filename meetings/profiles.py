"""The command dialects of the MeetBot family: who may say what, and how it is spelled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

_CLASSIC_VERBS = {
    "startmeeting": "startmeeting",
    "endmeeting": "endmeeting",
    "topic": "topic",
    "agreed": "agreed",
    "agree": "agreed",
    "accepted": "accepted",
    "accept": "accepted",
    "rejected": "rejected",
    "reject": "rejected",
    "action": "action",
    "info": "info",
    "idea": "idea",
    "help": "help",
    "halp": "help",
    "link": "link",
    "undo": "undo",
    "chair": "chair",
    "unchair": "unchair",
    "nick": "nick",
    "meetingname": "meetingname",
    "meetingtopic": "meetingtopic",
}
_CHAIR_ONLY = frozenset(
    ["topic", "agreed", "accepted", "rejected", "undo", "chair", "unchair", "meetingtopic"]
)


@dataclass(frozen=True)
class Profile:
    """One dialect. `verbs` maps each spelling to what it does; `chair_only` needs the chair.

    `loosely` is how long a meeting must last before anybody may end it (None: never).
    """

    name: str
    command: re.Pattern[str]
    verbs: Mapping[str, str]
    chair_only: frozenset[str] = _CHAIR_ONLY
    links_alone: bool = True  # a URL that begins a line is a link item
    loosely: timedelta | None = None
    exact: bool = False  # whether upper and lower case differ

    def read(self, text: str) -> tuple[str, str] | None:
        """The verb and payload of a line, or None where it is no command of this dialect."""
        match = self.command.match(text)
        if match is None:
            return None
        spelled, payload = match.groups()
        verb = self.verbs.get(spelled if self.exact else spelled.lower())
        if verb is None or (verb == "startmeeting" and spelled not in {"startmeeting", "sm"}):
            return None
        return verb, (payload or "").strip()


_HASH = re.compile(r"#(\w{1,40})[ \t]*(.*)", re.DOTALL)
# meetingology wants a blank after the word, so that "#action: x" is none.
_HASH_BLANK = re.compile(r"#(\w{1,40})(?:\s+(.*))?$", re.DOTALL)
_SIGN_BLANK = re.compile(r"[!^](\w{1,40})(?:\s+(.*))?$", re.DOTALL)

CLASSIC = Profile("classic", _HASH, _CLASSIC_VERBS)
OPENDEV = Profile(
    "opendev",
    _HASH,
    _CLASSIC_VERBS
    | {"startvote": "startvote", "vote": "cast", "showvote": "showvote", "endvote": "endvote"},
    chair_only=_CHAIR_ONLY | {"startvote", "endvote"},
    loosely=timedelta(minutes=60),
)
# Its `#reject` is missing from the bot by a slip of spelling.
FEDORA = Profile("fedora", _HASH, {k: v for k, v in _CLASSIC_VERBS.items() if k != "reject"})
MEETINGOLOGY = Profile(
    "meetingology",
    _HASH_BLANK,
    _CLASSIC_VERBS | {"subtopic": "subtopic", "progress": "subtopic"},
    chair_only=_CHAIR_ONLY | {"subtopic", "meetingname"},
)
# The Matrix bot knows power levels, which no log shows: whatever it was told, it took.
MATRIX = Profile(
    "matrix",
    _SIGN_BLANK,
    {
        "startmeeting": "startmeeting",
        "sm": "startmeeting",
        "endmeeting": "endmeeting",
        "em": "endmeeting",
        "topic": "topic",
        "t": "topic",
        "meetingname": "meetingname",
        "mn": "meetingname",
        "action": "action",
        "info": "info",
        "agreed": "agreed",
        "rejected": "rejected",
        "idea": "idea",
        "halp": "help",
        "link": "link",
    },
    chair_only=frozenset(),
    links_alone=False,
    exact=True,
    loosely=timedelta(0),
)

PROFILES = {profile.name: profile for profile in (CLASSIC, OPENDEV, FEDORA, MEETINGOLOGY, MATRIX)}


def profile_of_bot(text: str, *, nick: str, default: Profile) -> Profile:
    """The dialect that the bot's start line gives away, or else the default."""
    if "is due to finish in" in text:
        return OPENDEV
    if nick == "meetingology" or "meetingology" in text:
        return MEETINGOLOGY
    if nick == "zodbot" or "fedoraproject.org" in text:
        return FEDORA
    return default
