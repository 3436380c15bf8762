"""Whether this process, and what it leans on, is well: for supervisors and load balancers."""

from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from governance.models import Heartbeat


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers, and asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and beat, each in words; 200 when all are well, else 503."""
    checks = {"database": _database(), "broker": _broker()}
    if checks["database"] == "ok":
        checks["beat"] = _beat(timezone.now())
    ready = all(words == "ok" for words in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def _broker() -> str:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def _beat(at: datetime) -> str:
    """Beat, broker and a worker together leave a heartbeat; a third in a row missing is news."""
    try:
        last = Heartbeat.last("beat")
    except DatabaseError:
        return "cannot be read: is the database migrated?"
    if last is None:
        return "has not beaten yet: are worker and beat running?"
    if at - last > timedelta(seconds=3 * settings.HEARTBEAT_SECONDS):
        return f"last beat {last:%Y-%m-%d %H:%M:%S} UTC: are worker and beat running?"
    return "ok"
