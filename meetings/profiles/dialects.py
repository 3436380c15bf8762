"""The command dialects of the MeetBot family: who may say what, and how it is spelled."""

import re
from datetime import timedelta

from meetings.profiles.profile import CHAIR_ONLY, SIGNS, SIGNS_OF_BOTS, Profile

_CLASSIC_VERBS = {
    verb: verb
    for verb in (
        "startmeeting endmeeting topic agreed accepted rejected action info idea help link undo"
        " chair unchair nick meetingname meetingtopic save lurk unlurk restrictlogs commands"
    ).split()
} | {"agree": "agreed", "accept": "accepted", "reject": "rejected", "halp": "help"}

_HASH = re.compile(r"#(\w{1,40})[ \t]*(.*)", re.DOTALL)
# meetingology wants a blank after the word, so that "#action: x" is none, and knows the
# brackets of MootBot, its ancestor.
_HASH_OR_BRACKETS = re.compile(
    r"(?:#(?=\w{1,40}(?:\s|$))|\[(?=\w{1,40}\]))(\w{1,40})\]?(?:\s*$|\s+(.*))", re.DOTALL
)
_BLANKS_HASH = re.compile(r"\s{0,100}#([a-zA-Z_]{1,40})(?:\s+(.*))?$", re.DOTALL)
_SIGN_BLANK = re.compile(r"[!^](\w{1,40})(?:\s+(.*))?$", re.DOTALL)
_PROPOSAL_IN_MATRIX = re.compile(
    r"(?:[!^]propos(?:ed|al)\b[:,]?\s*(?:[!^]\w{1,40}\b[:,]?)?"
    r"|propos(?:ed|al)[:,]?\s+[!^]\w{1,40}\b[:,]?)\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)

CLASSIC = Profile("classic", _HASH, _CLASSIC_VERBS)
OPENDEV = Profile(
    "opendev",
    _HASH,
    _CLASSIC_VERBS
    | {"startvote": "startvote", "vote": "cast", "showvote": "showvote", "endvote": "endvote"},
    chair_only=CHAIR_ONLY | {"startvote", "endvote"},
    loosely=timedelta(minutes=60),
)
# Its `#reject` is missing from the bot by a slip of spelling.
FEDORA = Profile("fedora", _HASH, {k: v for k, v in _CLASSIC_VERBS.items() if k != "reject"})
MEETINGOLOGY = Profile(
    "meetingology",
    _HASH_OR_BRACKETS,
    _CLASSIC_VERBS
    | {
        "subtopic": "subtopic",
        "progress": "subtopic",
        "vote": "startmotion",
        "voters": "voters",
        "votesrequired": "votesrequired",
        "endvote": "endvote",
        "done": "done",
        "replay": "replay",
    },
    chair_only=CHAIR_ONLY
    | {"subtopic", "meetingname", "startmotion", "voters", "votesrequired", "endvote"},
    signs=("#", "[", "+1", "-1", "+0", "-0", *SIGNS[1:]),
    ballots=re.compile(r"([+-][01])(?![\w.])"),
)
# Its log calls a motion what others call a vote; its chairs say what became of one.
HCOOP = Profile(
    "hcoop",
    _BLANKS_HASH,
    {
        verb: verb
        for verb in (
            "startmeeting endmeeting topic action info idea help link undo chair unchair nick here"
            " meetingname save commands accepted inconclusive"
        ).split()
    }
    | {"failed": "rejected", "motion": "motion", "vote": "cast", "close": "close"},
    chair_only=frozenset(
        "topic accepted rejected inconclusive undo chair unchair meetingname save motion"
        " close".split()
    ),
    starts=frozenset(["startmeeting", "STARTMEETING", "StartMeeting", "Startmeeting"]),
    signs=(" ", "\t", *SIGNS),
    heeds_doing=True,
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
    starts=frozenset(["startmeeting", "sm"]),
    signs=("!", "^", "propos", "Propos", "PROPOS", *SIGNS_OF_BOTS),
    proposal=_PROPOSAL_IN_MATRIX,
    loosely=timedelta(0),
    by_lines=True,
)


def profile_of_bot(text: str, *, nick: str, default: Profile) -> Profile:
    """The dialect that a bot's first lines give away, or else the default."""
    if "is due to finish in" in text or "#startvote" in text:
        return OPENDEV
    if "meetingology" in f"{nick} {text}" or nick.lower() == "mootbot" or "[TOPIC]" in text:
        return MEETINGOLOGY
    if nick == "zodbot" or "fedoraproject.org" in text:
        return FEDORA
    if "#motion" in text:
        return HCOOP
    return default
