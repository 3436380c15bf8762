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
    return name in _KNOWN or name.startswith("kgb-")
