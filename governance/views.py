from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.models import ExceptionRequest

PAGE = 50  # exceptions


@require_safe
def exceptions(request: HttpRequest) -> HttpResponse:
    """Every exception, the newest first; `before` is the number of the last one shown."""
    listed = ExceptionRequest.objects.select_related(
        "release", "freeze", "requester", "expires_with"
    ).prefetch_related("proposals")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < PAGE:
        listed = listed.filter(pk__lt=int(before[:9]))
    page = list(listed[: PAGE + 1])
    now = timezone.now()
    context = {
        "now": now,
        "shown": [(exception, exception.status_at(now)) for exception in page[:PAGE]],
        "older_than": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "governance/exceptions.html", context)


@require_safe
def exception(request: HttpRequest, reference: str) -> HttpResponse:
    """One exception: how it stands, what it is for, and its ledger."""
    exception = get_object_or_404(ExceptionRequest.objects.referenced(reference).with_story())
    now = timezone.now()
    context = {"exception": exception, "now": now, "status": exception.status_at(now)}
    return render(request, "governance/exception.html", context)
