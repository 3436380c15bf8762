from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.deadlines.days import YEARS
from meetings.agenda import make_agenda
from meetings.models import Meeting
from meetings.views.channels import channels
from releases.rows import instant


@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """What the next meeting of a channel has to talk about, and as lines to paste into it."""
    held = channels()
    wanted = request.GET.get("channel", "")
    channel = wanted if wanted in held else (_latest(held) or "")
    made = make_agenda(now=timezone.now(), channel=channel, at=_instant(request.GET.get("at", "")))
    context = {
        "agenda": made,
        "channels": held,
        "paste": "\n".join(made.paste_lines()),
        "actions": [(action, made.age_of(action)) for action in made.actions],
        "now": timezone.now(),
    }
    return render(request, "meetings/agenda.html", context)


def _latest(channels: list[str]) -> str | None:
    """The channel that met last: whoever opens the page most likely prepares its next meeting."""
    held = Meeting.objects.filter(channel__in=channels).order_by("-started_at")
    return held.values_list("channel", flat=True).first()


def _instant(words: str) -> datetime | None:
    try:
        at = instant(words)
    except ValueError:
        return None
    return at if at.year in YEARS else None
