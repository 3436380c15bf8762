"""Telling other programs what happened: written down, then sent until it is taken.

    pending -> claimed -> sent | failed -> claimed ... -> given-up

As in the outbox of mail, each step is a conditional UPDATE of one row, and nothing is held open
while somebody else's server takes its time. A claim that ran out may have arrived: it is sent
again under the same key, by which the receiver knows it.
"""

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx
from django.core.exceptions import ValidationError
from django.db.models import F

from governance.lifecycle import Verb
from governance.models import Decision, Delivery, DeliveryState, ExceptionRequest, Webhook
from governance.models.webhooks import Happening, validate_receiver
from governance.posting import FAILURES, post
from governance.retrying import wait_after
from governance.rows import (
    DECISION_COLUMNS,
    EXCEPTION_COLUMNS,
    claims_of,
    decision_row,
    exception_row,
)
from releases.models import MilestoneMove
from releases.rows import Row, move_row, z

Clock = Callable[[], datetime]

LEASE = timedelta(seconds=60)  # far above one attempt
PATIENCE = 10.0  # seconds for one attempt, from asking to its answer
MOST_TRIES = 30  # about a day
OVERLAP = 1000  # rows looked at again: one with a lower key may be committed later
REMEMBERED = timedelta(days=7)  # how late an expiry is still told


# --- What happened ----------------------------------------------------------------------------


def plan(*, at: datetime) -> int:
    """Write down what every webhook is to be told and has not been; how much that is."""
    written = 0
    for webhook in Webhook.objects.filter(is_active=True):
        news = list(_news(webhook, at=at))
        told = set(
            Delivery.objects.filter(
                webhook=webhook, about__in=[about for _, about, _ in news]
            ).values_list("about", flat=True)
        )
        fresh = [
            Delivery(
                webhook=webhook,
                happening=happening,
                about=about,
                body=json.dumps({"event": happening.value} | body, ensure_ascii=False),
                created_at=at,
                next_try_at=at,
            )
            for happening, about, body in news
            if about not in told
        ]
        Delivery.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
        written += len(fresh)
        Webhook.objects.filter(pk=webhook.pk).update(
            seen_decision=webhook.seen_decision, seen_move=webhook.seen_move
        )
    return written


def _news(webhook: Webhook, *, at: datetime) -> Iterator[tuple[Happening, str, Row]]:
    if webhook.tells(Happening.DECISION):
        yield from _decisions(webhook, at=at)
    if webhook.tells(Happening.MOVE):
        yield from _moves(webhook)
    if webhook.tells(Happening.EXPIRY):
        yield from _expiries(webhook, at=at)


def _decisions(webhook: Webhook, *, at: datetime) -> Iterator[tuple[Happening, str, Row]]:
    """All but expiries, which are told when time decides, not when the ledger is told."""
    after = max(webhook.first_decision, webhook.seen_decision - OVERLAP)
    rows = list(Decision.objects.filter(pk__gt=after).order_by("pk").values(*DECISION_COLUMNS))
    webhook.seen_decision = max([webhook.seen_decision, *(row["pk"] for row in rows)])
    rows = [row for row in rows if row["verb"] != Verb.EXPIRE]
    exceptions = _exceptions({row["exception_id"] for row in rows}, at=at)
    for row in rows:
        body = {"decision": decision_row(row), "exception": exceptions[row["exception_id"]]}
        yield Happening.DECISION, f"decision {row['pk']}", body


def _moves(webhook: Webhook) -> Iterator[tuple[Happening, str, Row]]:
    after = max(webhook.first_move, webhook.seen_move - OVERLAP)
    moves = MilestoneMove.objects.filter(pk__gt=after).order_by("pk")
    for move in moves.select_related("milestone__release", "by"):
        webhook.seen_move = max(webhook.seen_move, move.pk)
        milestone = move.milestone
        body = {
            "milestone": {
                "target": f"milestone:{milestone.release.slug}/{milestone.slug}",
                "name": milestone.name,
                "release": milestone.release.slug,
            },
            "move": move_row(move),
        }
        yield Happening.MOVE, f"move {move.pk}", body


def _expiries(webhook: Webhook, *, at: datetime) -> Iterator[tuple[Happening, str, Row]]:
    since = max(webhook.since, at - REMEMBERED)
    over = ExceptionRequest.objects.ended(after=since, by=at)
    found = {one.pk: one.until.instant for one in over.select_related("expires_with")}
    for key, row in _exceptions(set(found), at=at).items():
        yield Happening.EXPIRY, f"expiry {key} {z(found[key])}", {"exception": row}


def _exceptions(keys: set[int], *, at: datetime) -> dict[int, Row]:
    claims = claims_of(keys)
    rows = ExceptionRequest.objects.filter(pk__in=keys).values(*EXCEPTION_COLUMNS)
    return {row["pk"]: exception_row(row, claims[row["pk"]], at=at) for row in rows}


# --- Sending ----------------------------------------------------------------------------------


def deliver(*, clock: Clock, until: datetime | None = None) -> Counter[str]:
    """Send what is due, one by one, until nothing is or `until` has come; how each ended.

    A receiver that does not take one is left alone for the rest of the round.
    """
    recover(at=clock())
    owner, ended, resting = token_hex(16), Counter[str](), set[int]()
    with asyncio.Runner() as runner:
        while until is None or clock() < until:
            delivery = claim(at=clock(), owner=owner, resting=resting)
            if delivery is None:
                break
            code, detail = _attempt(runner, delivery, at=clock())
            taken = code is not None and httpx.codes.is_success(code)
            if not taken:
                resting.add(delivery.webhook_id)
            ended[_settle(delivery, code, detail, taken=taken, at=clock())] += 1
    return ended


def claim(*, at: datetime, owner: str, resting: set[int]) -> Delivery | None:
    """Take one that is due; nobody else has it until its lease runs out."""
    due = Delivery.objects.due(at).exclude(webhook__in=resting).order_by("next_try_at", "pk")
    while (pk := due.values_list("pk", flat=True).first()) is not None:
        mine = Delivery.objects.filter(
            pk=pk, state__in=[DeliveryState.PENDING, DeliveryState.FAILED]
        )
        if mine.update(state=DeliveryState.CLAIMED, owner=owner, lease_until=at + LEASE):
            return Delivery.objects.select_related("webhook").get(pk=pk)
    return None


def recover(*, at: datetime) -> None:
    """Take up what somebody left who died; it may have arrived, and its key tells that."""
    Delivery.objects.filter(state=DeliveryState.CLAIMED, lease_until__lte=at).update(
        state=DeliveryState.FAILED,
        owner="",
        lease_until=None,
        attempts=F("attempts") + 1,
        next_try_at=at,
        detail="Whoever was sending it died.",
    )


def _attempt(runner: asyncio.Runner, delivery: Delivery, *, at: datetime) -> tuple[int | None, str]:
    """The status of the answer, or None and why there was none."""
    try:
        validate_receiver(delivery.webhook.url)
        return runner.run(_post(delivery, at)), ""
    except ValidationError as error:
        return None, str(error.messages[0])
    except TimeoutError:
        return None, f"There was no answer within {PATIENCE:g} seconds."
    except FAILURES as error:
        return None, f"It cannot be reached: {type(error).__name__}."


async def _post(delivery: Delivery, at: datetime) -> int:
    body = delivery.body.encode()
    headers = {
        "X-Thaw-Event": delivery.happening,
        "X-Thaw-Delivery": str(delivery.key),
        **signed(body, secrets=delivery.webhook.secrets(at), at=at),
    }
    return await post(delivery.webhook.url, body, headers, seconds=PATIENCE)


def signed(body: bytes, *, secrets: list[str], at: datetime) -> dict[str, str]:
    """The headers that prove a message: over its instant too, so that it cannot be kept for later.

    A receiver refuses what is signed with none of its secrets, or more than five minutes ago.
    """
    stamp = str(int(at.timestamp()))
    signatures = [
        hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        for secret in secrets
    ]
    return {
        "X-Thaw-Timestamp": stamp,
        "X-Thaw-Signature": ",".join(f"v1={one}" for one in signatures),
    }


def _settle(
    delivery: Delivery, code: int | None, detail: str, *, taken: bool, at: datetime
) -> DeliveryState:
    """Record how it ended, if the claim is still ours."""
    attempts = delivery.attempts + 1
    fields: dict[str, Any] = {"attempts": attempts, "status_code": code, "detail": detail[:300]}
    if taken:
        state = DeliveryState.SENT
        fields["sent_at"] = at
    else:
        state = DeliveryState.GIVEN_UP if attempts >= MOST_TRIES else DeliveryState.FAILED
        fields["next_try_at"] = at + wait_after(attempts)
        fields["detail"] = fields["detail"] or f"It was answered with {code}."
    held = Delivery.objects.filter(pk=delivery.pk, owner=delivery.owner)
    held.filter(state=DeliveryState.CLAIMED).update(
        state=state, owner="", lease_until=None, **fields
    )
    return state
