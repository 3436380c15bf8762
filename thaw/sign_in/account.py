"""An account elsewhere, as far as its provider is believed; the words in it are anybody's."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_NAME = 120
LONGEST_EMAIL = 254
MOST_EMAILS = 20


@dataclass(frozen=True)
class Account:
    """What one sign-in said, cleaned. `emails` are verified by the provider, in lower case."""

    name: str
    username: str
    emails: tuple[str, ...]
    unverified: str  # an address that the provider told and does not vouch for
    groups: tuple[str, ...]  # of those that give a role, the ones that somebody is in
    handle: tuple[str, str] | None  # kind and value, where the provider is itself a forge

    def as_data(self) -> dict[str, Any]:
        """As it is kept beside the account: the last that was said."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        handle = data["handle"]
        return cls(
            name=data["name"],
            username=data["username"],
            emails=tuple(data["emails"]),
            unverified=data["unverified"],
            groups=tuple(data["groups"]),
            handle=(handle[0], handle[1]) if handle else None,
        )

    @property
    def shown(self) -> str:
        """By what somebody knows it again."""
        return self.username or next(iter(self.emails), "") or self.name or "an account"


def account_of(
    *,
    name: Any,
    username: Any,
    emails: Iterable[Any] = (),
    unverified: Any = "",
    groups: Iterable[str] = (),
    handle: tuple[str, str] | None = None,
) -> Account:
    """An account of what a provider said, with what is no name, address or group left out."""
    verified = [email for one in emails if (email := _email(one))]
    other = _email(unverified)
    return Account(
        name=_line(name, LONGEST_NAME),
        username=_line(username, LONGEST_NAME),
        emails=tuple(dict.fromkeys(verified))[:MOST_EMAILS],
        unverified="" if other in verified else other,
        groups=tuple(groups),
        handle=handle,
    )


def _line(told: Any, longest: int) -> str:
    """A short text that shows what it is, or nothing."""
    text = told.strip() if isinstance(told, str) else ""
    return text if text.isprintable() and len(text) <= longest else ""


def _email(told: Any) -> str:
    """An address in lower case, or nothing.

    In plain letters alone: databases fold some others into them, and a dotless i would pass for i.
    """
    text = _line(told, LONGEST_EMAIL)
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text.lower() if text.isascii() else ""
