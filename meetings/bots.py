"""Who is a bot: what it says is neither a person's word nor a decision."""

import re
from functools import lru_cache

_KNOWN = frozenset(
    "openstack opendevmeet zodbot meetbot meetingology lightningbot corebot collabot eucabot"
    " centbot linarobot mootbot ubottu ubot5 supybot rrsagent zakim trackbot agendabot"
    " ghurlbot".split()
)
# What the bots of every fork answer, and hardly anybody else says.
_REPLY = re.compile(
    r"Meeting (?:started|ended) (?:at\b|[A-Z][a-z]{2} [A-Z][a-z]{2} )|"
    r"The chair is \S{1,64}\. Information|This meeting is logged and archived|"
    r"(?:Useful|Available) [Cc]ommands: |Commands Available: |Unknown command: #|"
    r"The meeting name has been set to '|The Meeting (?:Name|Topic) is |Meeting name set to: |"
    r"Current (?:chairs|nicks): |Warning: Nick not in channel: |"
    r"Removing item from minutes: |Removed event: |"
    r"(?:Minutes|Minutes \(text\)|Log|Raw log|Text Log): {2,12}http|"
    r"Participants should now identify themselves with '#here'|"
    r"Motion (?:carried|denied|accepted|failed|inconclusive)\b.{0,20}\d|"
    r"Begin voting on: |Valid vote options are |Vote using '#vote |Please vote on: |Voted on \""
)
# What they say as well, but people too.
_ECHO = re.compile(
    r"(?:TOPIC|PROGRESS REPORT|ACTION|AGREED|ACCEPTED|REJECTED|LINK|IDEA|INFO|HELP): |"
    r"(?:Minutes|Minutes \(text\)|Log|Raw log|Formatted log|Formatted minutes|Text Log|HTML Log|"
    r"See also): http|Meeting saved|Voting |No vote is in progress|In favor: |Opposed: |$"
)


@lru_cache(maxsize=1024)  # the same few nicks come and go
def is_bot(nick: str) -> bool:
    """Whether a nick (or the local part of a Matrix id) is that of a bot seen in the field."""
    name = nick.lower()
    if name.startswith("@"):
        name = name[1:].partition(":")[0]
    # A bot that comes back before its old self has timed out wears a tail: ubot5`, zodbot_.
    return name.rstrip("`_|^-") in _KNOWN or name.startswith("kgb-")


def is_reply(text: str) -> bool:
    """Whether a line is worded as only a bot words its answers."""
    return _REPLY.match(text) is not None


def is_echo(text: str) -> bool:
    """Whether a bot may have said this line."""
    return _ECHO.match(text) is not None or is_reply(text)
