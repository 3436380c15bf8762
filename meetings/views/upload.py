"""A log comes in through the browser: checked, or imported."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.refusals import NotAllowed
from governance.rights import may_ask
from governance.signed_in import person, person_or_none
from meetings.forms import LogForm
from meetings.importing import ImportedLog, UnreadableLog
from meetings.json import lint_as_json


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Ask for a log, say what would be read of it, or import it."""
    form = LogForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "asker": person_or_none(request)}
    if request.method == "POST":
        try:
            by = person(request)
            if not may_ask(by):
                raise NotAllowed(f"{by} has no role here: logs come from those who take part.")  # noqa: TRY301 a refusal like the others
            if form.is_valid():
                log = form.read(at=timezone.now(), dry_run="check" in request.POST)
                if "check" not in request.POST and log.meetings:
                    return _imported(request, log)
                context |= {"log": log, "lint": lint_as_json(log.name, log)}
        except (UnreadableLog, NotAllowed) as refusal:
            form.add_error("log" if isinstance(refusal, UnreadableLog) else None, str(refusal))
    return render(request, "meetings/upload.html", context)


def _imported(request: HttpRequest, log: ImportedLog) -> HttpResponse:
    for meeting in log.meetings:
        said = "Imported" if meeting.created else "Already there, unchanged"
        found = len(meeting.about.suggested)
        what = f"; it may have decided {found} thing{'' if found == 1 else 's'}" if found else ""
        messages.success(request, f"{said}: {meeting.title}, {meeting.lines} lines{what}.")
    for unread in log.undated:
        messages.error(request, f"The meeting that begins in line {unread.line}: {unread.reason}")
    return HttpResponseRedirect(f"/meetings/{log.meetings[0].slug}/")
