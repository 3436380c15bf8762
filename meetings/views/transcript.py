from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from meetings.models import Item, ItemKind, LogLine, Meeting

PAGE = 50  # meetings
LONGEST_NUMBER = 10  # digits of a line's number


class Shown(NamedTuple):
    """A line of the log and what was put on record by it."""

    line: LogLine
    items: list[Item]


class Section(NamedTuple):
    """A topic of the minutes and what was put on record under it."""

    topic: Item | None
    items: list[Item]


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """Every meeting, the newest first; `before` is the key of the last one shown."""
    counts = {"items__undone": False, "items__counted": True}
    listed = Meeting.objects.annotate(
        agreed=Count("items", Q(items__kind=ItemKind.AGREED, **counts)),
        actions=Count("items", Q(items__kind=ItemKind.ACTION, **counts)),
    ).order_by("-started_at", "-pk")  # grouping forgets the model's own order
    before = Meeting.objects.filter(slug=request.GET.get("before", "").replace("\0", "")).first()
    if before is not None:
        listed = listed.filter(
            Q(started_at__lt=before.started_at) | Q(started_at=before.started_at, pk__lt=before.pk)
        )
    page = list(listed[: PAGE + 1])
    context = {"meetings": page[:PAGE], "more": len(page) > PAGE}
    return render(request, "meetings/meetings.html", context)


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """The log, a window of it where it is very long, with its minutes beside it."""
    meeting = get_object_or_404(Meeting.objects.select_related("source"), slug=slug)
    items = list(meeting.items.order_by("line", "pk"))
    by_line = defaultdict(list)
    for item in items:
        by_line[item.line].append(item)
    wanted = request.GET.get("line", "")
    lines, later = meeting.window(
        around=int(wanted) if wanted.isdecimal() and len(wanted) < LONGEST_NUMBER else 0
    )
    context = {
        "meeting": meeting,
        "shown": [Shown(line, by_line[line.number]) for line in lines],
        "later": later,
        "sections": sections(items),
    }
    return render(request, "meetings/meeting.html", context)


@require_safe
def minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """The minutes alone, to read or to print."""
    meeting = get_object_or_404(Meeting.objects.select_related("source"), slug=slug)
    items = list(meeting.items.order_by("line", "pk"))
    actions = [
        item for item in items if item.kind == ItemKind.ACTION and item.counted and not item.undone
    ]
    context = {"meeting": meeting, "sections": sections(items), "actions": actions}
    return render(request, "meetings/minutes.html", context)


def sections(items: list[Item]) -> list[Section]:
    """Items in the order of their lines, under the topics in force."""
    found = [Section(None, [])]
    for item in items:
        if item.kind == ItemKind.TOPIC and item.counted and not item.undone:
            found.append(Section(item, []))
        else:
            found[-1].items.append(item)
    return found if found[0].items else found[1:]
