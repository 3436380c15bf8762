"""Who is a bot: what it says is neither a person's word nor a decision."""

_KNOWN = frozenset(
    "openstack opendevmeet zodbot meetbot meetingology lightningbot corebot collabot eucabot"
    " centbot linarobot ubottu ubot5 supybot rrsagent zakim trackbot agendabot".split()
)


def is_bot(nick: str) -> bool:
    """Whether a nick (or the local part of a Matrix id) is that of a bot seen in the field."""
    name = nick.lower()
    if name.startswith("@"):
        name = name[1:].partition(":")[0]
    # A bot that comes back before its old self has timed out wears a tail: ubot5`, zodbot_.
    return name.rstrip("`_|^-") in _KNOWN or name.startswith("kgb-")
