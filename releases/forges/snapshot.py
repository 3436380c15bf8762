"""What a forge says of a proposal at the moment it is asked, in words that are the same for all."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_TITLE, LONGEST_BRANCH, LONGEST_COMMENT, LONGEST_NAME = 255, 1000, 5000, 120


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody as the forge knows them."""

    handle: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReviewSnapshot:
    """One reviewer's word; `key` is the same whenever the forge is asked again."""

    key: str
    reviewer: Account
    verdict: str  # a value of ReviewVerdict
    at: datetime
    comment: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProposalSnapshot:
    """A proposal; instants are in UTC, None where the forge does not say.

    `approved_at` is since when it has been approved without an objection: what is approved then and
    merged later waited for a gate. A branch on another repository is named as the forge does.
    """

    title: str
    author: Account | None
    source_branch: str
    target_branch: str
    state: str  # a value of ProposalState
    reviews: tuple[ReviewSnapshot, ...]
    approved_at: datetime | None
    merged_at: datetime | None
    updated_at: datetime | None


APPROVE, NEEDS_FIXING, DISAPPROVE = "approve", "needs-fixing", "disapprove"
OBJECTIONS = frozenset([NEEDS_FIXING, DISAPPROVE, "resubmit", "needs-information"])


def latest(reviews: Iterable[ReviewSnapshot]) -> tuple[ReviewSnapshot, ...]:
    """Each reviewer's last word."""
    last = {review.reviewer.handle: review for review in sorted(reviews, key=lambda r: r.at)}
    return tuple(sorted(last.values(), key=lambda review: review.at))


def approved_since(reviews: Iterable[ReviewSnapshot]) -> datetime | None:
    """Since when somebody approves and nobody objects; None where that is not so."""
    stances: dict[str, str] = {}
    since: datetime | None = None
    for review in sorted(reviews, key=lambda review: review.at):
        stances[review.reviewer.handle] = review.verdict
        approved = APPROVE in stances.values() and OBJECTIONS.isdisjoint(stances.values())
        since = (since or review.at) if approved else None
    return since


def line(text: object, longest: int) -> str:
    """Text of a forge as one plain line, cut where it is longer than we keep."""
    words = str(text or "")
    plain = " ".join(
        "".join(
            c if unicodedata.category(c)[0] != "C" else " " for c in words[: 4 * longest]
        ).split()
    )
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def paragraph(text: object) -> str:
    """The same for several lines."""
    lines = str(text or "")[: 2 * LONGEST_COMMENT].splitlines()
    plain = "\n".join(line(one, LONGEST_COMMENT) for one in lines).strip()
    return plain if len(plain) <= LONGEST_COMMENT else plain[: LONGEST_COMMENT - 1] + "…"


def instant(text: object) -> datetime | None:
    """ISO 8601 or Gerrit's `2014-05-05 07:15:44.639000000`, in UTC where no zone is said."""
    if not text:
        return None
    words = str(text)
    head, dot, rest = words.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    at = datetime.fromisoformat(head + dot + rest[:digits][:6] + rest[digits:] if dot else words)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def certain(text: object) -> datetime:
    """An instant that must be there. Raises ValueError."""
    at = instant(text)
    if at is None:
        raise ValueError("a time is missing")
    return at
