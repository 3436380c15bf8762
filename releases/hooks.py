"""What forges tell of their own accord: checked, and read into plain values. Pure: no Django.

    event = read(GITHUB, body)     what became of which proposal, or None where that is not told
    is_signed(GITHUB, ...)         whether the forge sent it, by a secret that both know

GitHub signs the body, GitLab sends the secret itself, and Gerrit, which signs nothing, sends
through a hook of ours (`docs/recipes/gerrit-hook`) that signs instant and body.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from releases.forges.snapshot import LONGEST_BRANCH, LONGEST_TITLE, line
from releases.references import Reference, parse_reference

GITHUB, GITLAB, GERRIT = "github", "gitlab", "gerrit"
WINDOW = timedelta(minutes=5)  # within which a message that says when it was signed is taken
LONGEST = 2 << 20  # bytes; GitHub's own events are smaller


class Unreadable(ValueError):
    """No event of that forge; the message says what is wrong with it."""


@dataclass(frozen=True)
class Event:
    """What a forge says of a proposal, as of `at`, its own instant of the change."""

    reference: Reference
    repository: str  # the beginning of the keys of its proposals
    title: str
    branch: str
    state: str  # of ProposalState
    at: datetime
    merged_at: datetime | None = None
    commit: str = ""

    @property
    def host(self) -> str:
        """Of the proposal's own address."""
        return urlsplit(self.reference.url).hostname or ""


def is_signed(
    forge: str, headers: Mapping[str, str], body: bytes, *, secret: str, at: datetime
) -> bool:
    """Whether the message was sent by who knows the secret (and, where it says when, just now)."""
    key = secret.encode()
    if forge == GITHUB:
        want = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        return _same(want, headers.get("X-Hub-Signature-256", ""))
    if forge == GITLAB:
        return _same(secret, headers.get("X-Gitlab-Token", ""))
    stamp = headers.get("X-Thaw-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < len("10000000000")):
        return False
    if abs(at - datetime.fromtimestamp(int(stamp), UTC)) > WINDOW:
        return False
    want = "v1=" + hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return any(_same(want, one) for one in headers.get("X-Thaw-Signature", "").split(",")[:4])


def _same(want: str, given: str) -> bool:
    return hmac.compare_digest(want.encode(), given.encode("utf-8", "replace"))


def host_of(forge: str, body: bytes) -> str:
    """The host that a message says it is from, by which its secret is found; or nothing."""
    said = _said(body)
    urls = {
        GITHUB: ("repository", "html_url"),
        GITLAB: ("project", "web_url"),
        GERRIT: ("change", "url"),
    }
    part, name = urls[forge]
    url = _text(_part(said, part), name)
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def read(forge: str, body: bytes) -> Event | None:
    """What the message says of a proposal; None where it is of something else.

    Raises Unreadable for what is no message of that forge.
    """
    said = _said(body)
    try:
        return {GITHUB: _github, GITLAB: _gitlab, GERRIT: _gerrit}[forge](said)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise Unreadable(f"This is no event of {forge} as we know them: {error}.") from error


def _github(said: Mapping[str, Any]) -> Event | None:
    if "pull_request" not in said:
        return None
    pull = said["pull_request"]
    state = "open"
    if pull["merged"] if "merged" in pull else pull.get("merged_at"):
        state = "merged"
    elif pull["state"] == "closed":
        state = "rejected"
    elif pull.get("draft"):
        state = "draft"
    return _event(
        pull["html_url"],
        title=pull["title"],
        branch=pull["head"]["ref"],
        state=state,
        at=_instant(pull["updated_at"]),
        merged_at=_instant(pull["merged_at"]) if pull.get("merged_at") else None,
        commit=pull["head"]["sha"],
    )


_GITLAB_STATES = {"opened": "open", "locked": "open", "closed": "rejected", "merged": "merged"}


def _gitlab(said: Mapping[str, Any]) -> Event | None:
    if said.get("object_kind") != "merge_request":
        return None
    merge = said["object_attributes"]
    state = _GITLAB_STATES[merge["state"]]
    if state == "open" and (merge.get("draft") or merge.get("work_in_progress")):
        state = "draft"
    at = _instant(merge["updated_at"])
    return _event(
        merge["url"],
        title=merge["title"],
        branch=merge["source_branch"],
        state=state,
        at=at,
        merged_at=at if state == "merged" else None,
        commit=_text(_part(merge, "last_commit"), "id"),
    )


_GERRIT_STATES = {"NEW": "open", "MERGED": "merged", "ABANDONED": "rejected"}


def _gerrit(said: Mapping[str, Any]) -> Event | None:
    if "change" not in said or "status" not in said["change"]:
        return None
    change = said["change"]
    state = _GERRIT_STATES[change["status"]]
    if state == "open" and change.get("wip"):
        state = "draft"
    at = datetime.fromtimestamp(int(said["eventCreatedOn"]), UTC)
    return _event(
        change["url"],
        title=change["subject"],
        branch=change.get("topic", ""),
        state=state,
        at=at,
        merged_at=at if state == "merged" else None,
        commit=_text(_part(said, "patchSet"), "revision"),
    )


def _event(url: str, *, title: str, branch: str, **fields: Any) -> Event:
    reference = parse_reference(url)
    if reference is None or reference.kind != "proposal":
        raise ValueError(f"“{url[:100]}” is no address of a proposal")
    repository = reference.key.rstrip("0123456789")
    title, branch = line(title, LONGEST_TITLE), line(branch, LONGEST_BRANCH)
    return Event(reference, repository, title, branch, **fields)


def _instant(words: str) -> datetime:
    """As both forges write it: `2011-03-30T10:00:00Z`, or `2011-03-30 10:00:00 UTC`."""
    at = datetime.fromisoformat(words.replace(" UTC", "+00:00"))
    if at.tzinfo is None:
        raise ValueError(f"“{words[:60]}” says no zone")
    return at.astimezone(UTC)


def _said(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("This is no JSON.") from error
    if not isinstance(said, dict):
        raise Unreadable("This is no JSON object.")
    return said


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name)
    return text if isinstance(text, str) else ""
