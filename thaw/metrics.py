"""What Prometheus may know: counts of this host's web processes, and how the records stand.

What workers do is read from the records, which tell it of all hosts; so workers serve nothing.
"""

import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from governance.models import Delivery, Heartbeat, Notice
from governance.models.webhooks import WAITING
from governance.pruning import PRUNED
from governance.reminders import SWEPT
from meetings.models import Source
from releases.models import ForgeStatus
from thaw.visitors import address

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # where gunicorn's workers count together
JOBS = ["beat", SWEPT, PRUNED]


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """In Prometheus' own text; 403 for whoever has no token and asks from elsewhere."""
    if not _may_read(request):
        words = "For the token METRICS_TOKEN, or the networks METRICS_NETWORKS, alone.\n"
        return HttpResponse(words, status=403, content_type="text/plain")
    records = CollectorRegistry()
    records.register(Records(at=timezone.now()))
    text = generate_latest(_counted_here()) + generate_latest(records)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN.encode()
    if token and scheme.lower() == "bearer" and hmac.compare_digest(secret.encode(), token):
        return True
    try:
        asks_from = ip_address(address(request))
    except ValueError:  # a socket has no address, and a proxy may send anything
        return False
    return any(asks_from in network for network in settings.METRICS_NETWORKS)


def _counted_here() -> CollectorRegistry:
    if SHARED not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call] # theirs
    return together


class Records(Collector):
    """What stands in the database at an instant, in a few queries that use indexes."""

    def __init__(self, *, at: datetime) -> None:
        self._at = at

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*self._jobs(), *self._notices(), *self._webhooks(), *self._forges()]
            found += self._imports()
            answers = 1
        except DatabaseError:
            found, answers = [], 0
        yield GaugeMetricFamily("thaw_database_up", "Whether the database answers.", value=answers)
        yield from found

    def _jobs(self) -> Iterator[Metric]:
        ran = GaugeMetricFamily(
            "thaw_last_run_timestamp_seconds",
            "When a recurring job last ran to its end.",
            labels=["job"],
        )
        jobs = Heartbeat.objects.filter(job__in=JOBS)
        for job, at in jobs.values_list("job", "at"):
            ran.add_metric([job], at.timestamp())
        yield ran

    def _notices(self) -> Iterator[Metric]:
        standing = Notice.objects.standing(at=self._at)
        notices = GaugeMetricFamily(
            "thaw_notices", "Notices that were not sent, by how they stand.", labels=["state"]
        )
        notices.add_metric(["due"], standing.unsent)
        notices.add_metric(["failed"], standing.failed)
        notices.add_metric(["uncertain"], standing.uncertain)
        yield notices
        first = Notice.objects.due(self._at).aggregate(at=Min("next_try_at"))["at"]
        yield GaugeMetricFamily(
            "thaw_oldest_due_notice_seconds",
            "For how long the first of the notices that are due has waited.",
            value=(self._at - first).total_seconds() if first else 0,
        )

    def _webhooks(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "thaw_waiting_webhook_deliveries",
            "Messages to webhooks that were not taken yet.",
            value=Delivery.objects.filter(state__in=WAITING).count(),
        )

    def _forges(self) -> Iterator[Metric]:
        failures = GaugeMetricFamily(
            "thaw_forge_failures", "Rounds that failed since a host last answered.", labels=["host"]
        )
        for host, count in ForgeStatus.objects.values_list("host", "failures"):
            failures.add_metric([host], count)
        yield failures

    def _imports(self) -> Iterator[Metric]:
        logs = Source.objects.aggregate(count=Count("pk"), last=Max("imported_at"))
        yield CounterMetricFamily("thaw_imported_logs", "Logs imported.", value=logs["count"])
        if logs["last"]:
            yield GaugeMetricFamily(
                "thaw_last_import_timestamp_seconds",
                "When a log was last imported.",
                value=logs["last"].timestamp(),
            )
