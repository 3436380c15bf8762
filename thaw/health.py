"""Whether this process, and what it leans on, is well: for supervisors and load balancers."""

from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.log import log_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from governance.models import Heartbeat, Notice
from governance.reminders import SWEPT
from releases.plurals import number_of

CLOCKS_APART = timedelta(seconds=10)
_is_migrated = False  # as far as this process knows


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers, and asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and beat, each in words; 200 when all are well, else 503."""
    now = timezone.now()
    found = checks(now)
    if found["database"] == "ok":
        found["database"] = _migrated()
    ready = all(words == "ok" for words in found.values())
    answer = {"ready": ready, "checks": found, "reminders": _reminders(now)}
    response = JsonResponse(answer, status=200 if ready else 503)
    if not ready:  # Django's own line would not say why
        unwell = "; ".join(f"{part} {words}" for part, words in found.items() if words != "ok")
        log_response("Not ready: %s", unwell, response=response, request=request)
    return response


def checks(at: datetime) -> dict[str, str]:
    """Each part in words, `ok` where it is well."""
    found = {"database": _database(), "broker": _broker()}
    if found["database"] == "ok":
        found["beat"] = _beat(at)
    return found


def _reminders(at: datetime) -> dict[str, object] | None:
    """When was swept last, and how many notices are due but unsent, failed or uncertain."""
    try:
        last = Heartbeat.last(SWEPT)
        standing = Notice.objects.standing(at=at)
    except DatabaseError:
        return None
    return {
        "last_sweep": f"{last.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if last else None,
        "due_unsent": standing.unsent,
        "failed": standing.failed,
        "uncertain": standing.uncertain,
    }


def _database() -> str:
    """Its clock too, where it is a machine of its own: what may land is a question of the hour."""
    asks_time = connection.vendor == "postgresql"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()" if asks_time else "SELECT 1")
            ((told,),) = cursor.fetchall()
    except DatabaseError as error:
        return f"does not answer ({type(error).__name__})"
    apart = abs(told - timezone.now()) if asks_time else timedelta()
    if apart > CLOCKS_APART:
        return f"has a clock {apart.total_seconds():.0f} seconds from ours: are both set by NTP?"
    return "ok"


def _migrated() -> str:
    """Asked until it is: this process' own migrations are never more than there were."""
    global _is_migrated  # noqa: PLW0603 what a process has found out
    if not _is_migrated:
        try:
            executor = MigrationExecutor(connection)
            lacking = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except DatabaseError as error:
            return f"does not answer ({type(error).__name__})"
        if lacking:
            return f"lacks {number_of(lacking, 'migration')} of this version: run manage.py migrate"
        _is_migrated = True
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
        return (
            f"has not beaten yet, and does so every {settings.HEARTBEAT_SECONDS} seconds: are"
            " worker and beat running?"
        )
    if at - last > timedelta(seconds=3 * settings.HEARTBEAT_SECONDS):
        return f"last beat {last:%Y-%m-%d %H:%M:%S} UTC: are worker and beat running?"
    return "ok"
