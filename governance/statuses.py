"""What the gate says, as a status of a proposal's newest commit on its own forge.

Nothing is queued: each round compares what the gate says now with what the forge took last, so that
a decision, a move and the clock are all seen, and a round that was missed is made up for.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.db.models import F

from governance.gate import Verdict
from governance.gate_many import MOST, verdicts
from governance.models import CommitStatus
from governance.posting import FAILURES, post
from governance.retrying import wait_after
from releases.addressing import site_url
from releases.host_settings import base_urls, by_host
from releases.models import Forge, MergeProposal

CONTEXT = "thaw/freeze"
PATIENCE = 10.0  # seconds for one answer
LEASE = timedelta(seconds=60)
LONGEST = 140  # characters of a description; GitHub takes no more
SHORTEST_COMMIT, LONGEST_COMMIT = 7, 64

Clock = Callable[[], datetime]


def follow(proposal: MergeProposal, *, commit: str, host: str, at: datetime) -> None:
    """From now on, show the gate's answer on this commit; where no token may, do nothing."""
    is_commit = SHORTEST_COMMIT <= len(commit) <= LONGEST_COMMIT and commit.isalnum()
    if not is_commit or proposal.forge not in _WAYS or host not in by_host("STATUS_TOKENS"):
        return
    status, is_new = CommitStatus.objects.get_or_create(
        proposal=proposal, defaults={"commit": commit, "next_try_at": at}
    )
    if not is_new and status.commit != commit:
        CommitStatus.objects.filter(pk=status.pk).update(
            commit=commit, said="", attempts=0, next_try_at=at
        )


def report(*, clock: Clock) -> Counter[str]:
    """Tell the forges where the gate's answer is another than they were told; how each ended."""
    ended = Counter[str]()
    resting: set[str] = set()
    tokens = by_host("STATUS_TOKENS")
    if not tokens:
        return ended
    due = CommitStatus.objects.open().filter(next_try_at__lte=clock()).order_by("pk")
    statuses = list(due.select_related("proposal"))
    for first in range(0, len(statuses), MOST):
        some, at = statuses[first : first + MOST], clock()
        answers = verdicts([status.proposal.url for status in some], at=at)
        for status, answer in zip(some, answers, strict=True):
            host = urlsplit(status.proposal.url).hostname or ""
            if said(answer) == status.said or host not in tokens or host in resting:
                continue
            if _claimed(status, at=clock()):
                ended[_tell(status, answer, host=host, token=tokens[host], clock=clock)] += 1
                if status.detail:
                    resting.add(host)
    return ended


def said(answer: Verdict) -> str:
    """What is told of an answer, in which only what matters changes."""
    return f"{'success' if answer.allowed else 'failure'} {answer.reason}"[:LONGEST]


def _claimed(status: CommitStatus, *, at: datetime) -> bool:
    mine = CommitStatus.objects.filter(pk=status.pk, next_try_at=status.next_try_at)
    return bool(mine.update(next_try_at=at + LEASE))


def _tell(status: CommitStatus, answer: Verdict, *, host: str, token: str, clock: Clock) -> str:
    url, headers, body = _WAYS[Forge(status.proposal.forge)](status, answer, host, token)
    status.detail = ""
    try:
        code = asyncio.run(post(url, json.dumps(body).encode(), headers, seconds=PATIENCE))
        if not httpx.codes.is_success(code):
            status.detail = f"It was answered with {code}."
    except TimeoutError:
        status.detail = f"There was no answer within {PATIENCE:g} seconds."
    except FAILURES as error:
        status.detail = f"It cannot be reached: {type(error).__name__}."
    # Another commit may have come meanwhile, which was told nothing yet.
    same = CommitStatus.objects.filter(pk=status.pk, commit=status.commit)
    if status.detail:
        wait = wait_after(status.attempts + 1)
        same.update(attempts=F("attempts") + 1, next_try_at=clock() + wait, detail=status.detail)
        return "status failed"
    same.update(said=said(answer), attempts=0, next_try_at=clock(), detail="")
    return "status sent"


Request = tuple[str, dict[str, str], dict[str, Any]]


def _github(status: CommitStatus, answer: Verdict, host: str, token: str) -> Request:
    usual = "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"
    repository = status.proposal.key.rpartition("#")[0].removeprefix(f"{host}/")
    body = {
        "state": "success" if answer.allowed else "failure",
        "context": CONTEXT,
        "description": answer.reason[:LONGEST],
        "target_url": _page(answer),
    }
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    return f"{_base(host, usual)}/repos/{quote(repository)}/statuses/{status.commit}", headers, body


def _gitlab(status: CommitStatus, answer: Verdict, host: str, token: str) -> Request:
    project = status.proposal.key.rpartition("!")[0].removeprefix(f"{host}/")
    body = {
        "state": "success" if answer.allowed else "failed",
        "name": CONTEXT,
        "description": answer.reason[:LONGEST],
        "target_url": _page(answer),
    }
    base = _base(host, f"https://{host}/api/v4")
    url = f"{base}/projects/{quote(project, safe='')}/statuses/{status.commit}"
    return url, {"PRIVATE-TOKEN": token}, body


_WAYS = {Forge.GITHUB: _github, Forge.GITLAB: _gitlab}


def _page(answer: Verdict) -> str:
    path = answer.found.exception.get_absolute_url() if answer.found else "/exceptions/"
    return site_url(path)


def _base(host: str, usual: str) -> str:
    return base_urls("STATUS_BASE_URLS").get(host, usual)
