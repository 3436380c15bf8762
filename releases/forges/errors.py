"""What can go wrong when a forge is asked; each message is a sentence for a person."""

from datetime import datetime


class ForgeError(Exception):
    """The forge was not asked, or gave no answer that can be used."""


class Refused(ForgeError):
    """The address is none that may be asked."""


class NotSupported(ForgeError):
    """There is no reader for this forge yet."""


class Gone(ForgeError):
    """The forge does not know the proposal, or does not show it to us."""


class Unreadable(ForgeError):
    """It answered with something else than its documents say."""


class Unreachable(ForgeError):
    """It does not answer, answers too slowly, or says that it is ill."""


class RateLimited(ForgeError):
    """It asks not to be asked before `until`."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until
