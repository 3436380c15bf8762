"""How Thaw itself stands: for everybody in numbers, notice by notice for who may change them."""

import logging
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance import outbox
from governance.models import Heartbeat, Notice, NoticeState
from governance.reminders import SWEPT
from releases.models import ForgeStatus
from thaw.health import checks

logger = logging.getLogger(__name__)

SHOWN = 50  # notices
TROUBLED = [NoticeState.UNCERTAIN, NoticeState.FAILED, NoticeState.MISSED]
MAY_SETTLE = "governance.change_notice"
WAYS = {"again": outbox.send_again, "arrived": outbox.arrived}


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Database, broker, beat and sweep; what is due but unsent, uncertain, failed, missed; and
    how old what we know of each forge can be. Without a database 503, and what can be said.
    """
    now = timezone.now()
    shown = {"now": now, "checks": checks(now)}
    try:
        return render(request, "status.html", shown | _recorded(request, at=now))
    except DatabaseError:
        logger.exception("The status cannot be read")
        request.user = AnonymousUser()  # who it is, nobody can look up either
        return render(request, "status.html", shown, status=503)


def _recorded(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    """What the database alone knows."""
    troubled = Notice.objects.filter(state__in=TROUBLED).select_related("recipient")
    may_settle = request.user.has_perm(MAY_SETTLE)
    return {
        "last_sweep": Heartbeat.last(SWEPT),
        "standing": Notice.objects.standing(at=at),
        "troubled": troubled[:SHOWN] if may_settle else [],
        "may_settle": may_settle,
        "forges": ForgeStatus.objects.all()[:SHOWN],
    }


@require_POST
@permission_required(MAY_SETTLE, raise_exception=True)
def settle(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """A person says what became of a notice: send it `again`, or it `arrived`."""
    notice = get_object_or_404(Notice, pk=pk)
    if way in WAYS:
        WAYS[way](notice, at=timezone.now())
    return redirect("status")
