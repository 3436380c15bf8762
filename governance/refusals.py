"""Why a verb was refused, in words fit for the person who tried it."""


class Refused(ValueError):
    """Nothing was changed; the message says why and what to do."""


class NotAllowed(Refused):
    """The person has no right to do it."""


class InvalidTransition(Refused):
    """It cannot be done from the state in which the record is."""


class InvalidInput(Refused):
    """What was given cannot be used; `field` names it."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field
