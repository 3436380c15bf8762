"""The page of a meeting: its log, and beside each line what came of it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    IntegerField,
    QuerySet,
    prefetch_related_objects,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from governance.signed_in import person_or_none
from meetings.exporting import sections
from meetings.models import (
    Item,
    ItemKind,
    LineKind,
    Meeting,
    Mention,
    MentionHow,
    MentionState,
    Suggestion,
    SuggestionState,
)
from meetings.models.transcript import Line
from meetings.templatetags.transcript import told
from releases.prepared import prepared

MOST_VOICES = 100  # of a log that is shown by windows
LONGEST_NUMBER = 10  # digits of a line's number


class Suggested(NamedTuple):
    """A suggestion, and whether the reader may decide it."""

    suggestion: Suggestion
    mine: bool


class Marks(NamedTuple):
    """What was put on record by a line, what it is about and what it may decide."""

    items: list[Item]
    about: list[Mention]  # records that it is about, by more than their address in it
    suggested: list[Suggested]


class Shown(NamedTuple):
    """A line of the log as it is shown, but for the end of its element; and its marks."""

    html: SafeString
    marks: Marks | None


class Range(NamedTuple):
    """Lines that an address selects, the first and the last; both 0 for none."""

    first: int
    last: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Range":
        first, last = _number(request, "from"), _number(request, "to")
        first, last = first or last, last or first
        return cls(min(first, last), max(first, last))

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """The log with its minutes beside it; of a very long one a window, and what belongs to it."""
    found = _meeting(slug=slug)
    if not found:
        raise Http404
    meeting, chosen = found[0], Range.of(request)
    window = meeting.window(around=_number(request, "line") or chosen.first)
    within = {"meeting": meeting.pk, "first": window.first, "last": window.last}
    topic = _topic_before(meeting=meeting.pk, line=window.first) if window.earlier else []
    items, about = [*topic, *_items(**within)], _about(**within)
    suggested = _suggested(request, _suggestions(**within))
    records: list[Any] = [*items, *about, *(one.suggestion for one in suggested)]
    for one in records:
        one.meeting = meeting
    context = {
        "meeting": meeting,
        "window": window,
        "shown": list(_shown(window.lines, items, about, suggested, chosen)),
        "chosen": chosen,
        "sections": sections(items),
        "suggested": suggested,
        "voices": meeting.people_by_lines[: None if window.is_whole else MOST_VOICES],
    }
    return render(request, "meetings/meeting.html", context)


def _shown(
    lines: list[Line],
    items: list[Item],
    about: list[Mention],
    suggested: list[Suggested],
    chosen: Range,
) -> Iterator[Shown]:
    marks: dict[int, Marks] = defaultdict(lambda: Marks([], [], []))
    for item in items:
        marks[item.line].items.append(item)
    for mention in about:
        marks[mention.line].about.append(mention)
    for one in suggested:
        marks[one.suggestion.line].suggested.append(one)
    shows = {number for one in suggested for number in one.suggestion.lines}
    before = None
    for line in lines:
        its = marks.get(line.number)
        classes = {
            "marked": its is not None and bool(its.items),
            "shows": line.number in shows,
            "on": _goes_on(before, line),
            "chosen": chosen.holds(line.number),
        }
        names = " ".join([line.kind, *(name for name, holds in classes.items() if holds)])
        yield Shown(told(line, classes=names), its)
        before = line


def _goes_on(before: Line | None, line: Line) -> bool:
    """Whether the line before is of the same speaker."""
    talks = line.kind == LineKind.SPEECH and before is not None and before.kind == line.kind
    return talks and before is not None and before.nick == line.nick


def _number(request: HttpRequest, name: str) -> int:
    """A number of a line out of the address; 0 for junk."""
    wanted = request.GET.get(name, "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < LONGEST_NUMBER else 0


def _suggested(request: HttpRequest, suggestions: list[Suggestion]) -> list[Suggested]:
    """What the lines may have decided, in their order."""
    me, now = person_or_none(request), timezone.now()
    if me is not None:  # whose rights depend on the projects that an exception is for
        prefetch_related_objects(suggestions, "exception__proposals")
    return [
        Suggested(one, _waits(one) and one.may_be_decided_by(me, at=now)) for one in suggestions
    ]


def _waits(one: Suggestion) -> bool:
    return one.state == SuggestionState.OPEN and not one.is_already_so


# --- The questions; `first` and `last` are numbers of lines -------------------------------------


@prepared(slug=CharField())
def _meeting(*, slug: str) -> QuerySet[Meeting]:
    return Meeting.objects.filter(slug=slug).select_related("source")


@prepared(meeting=BigIntegerField(), first=IntegerField(), last=IntegerField())
def _items(*, meeting: int, first: int, last: int) -> QuerySet[Item]:
    within = Item.objects.filter(meeting=meeting, line__gte=first, line__lte=last)
    return within.order_by("line", "pk")


@prepared(meeting=BigIntegerField(), line=IntegerField())
def _topic_before(*, meeting: int, line: int) -> QuerySet[Item]:
    """What a window that begins there goes on talking about."""
    topics = Item.objects.standing().filter(kind=ItemKind.TOPIC, meeting=meeting, line__lt=line)
    return topics.order_by("-line", "-pk")[:1]


@prepared(meeting=BigIntegerField(), first=IntegerField(), last=IntegerField())
def _suggestions(*, meeting: int, first: int, last: int) -> QuerySet[Suggestion]:
    within = Suggestion.objects.filter(meeting=meeting, line__gte=first, line__lte=last)
    return within.with_records().order_by("line", "pk")


@prepared(meeting=BigIntegerField(), first=IntegerField(), last=IntegerField())
def _about(*, meeting: int, first: int, last: int) -> QuerySet[Mention]:
    """What each line is about, beside what an address in it says for itself."""
    related = "proposal exception milestone release".split()
    within = Mention.objects.filter(meeting=meeting, line__gte=first, line__lte=last)
    kept = within.exclude(how=MentionHow.URL).exclude(state=MentionState.REMOVED)
    return kept.select_related(*related).order_by("meeting", "line", "pk")
