"""Search over every floor: lines, items, decisions, exceptions, proposals and people.

`/search/?q=freeze "one more day" from:ttx in:cactus kind:agreed before:2011-04 after:2011-03-15`
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.views.decorators.http import require_safe

from governance.lifecycle import Verb
from governance.models import Decision, ExceptionRequest
from meetings.harmless import harmless
from meetings.models import Item, ItemKind, LogLine, Meeting
from meetings.wording import says, words_of
from releases.listing import Choice, Filter, Filters, page_of
from releases.models import MergeProposal, Person

FEW = 8  # of each kind, where all kinds are shown
MOST_PHRASES = 8
SECONDS = 2.0  # that the database may take for one statement
EXCERPT = 240  # characters of a text, around the first word that was found
BEFORE_IT = 60  # of them

_TERM = re.compile(
    r'(?:(?P<operator>from|in|kind|before|after):)?(?:"(?P<quoted>[^"]{1,200})"|(?P<bare>\S{1,200}))',
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?")
GROUPS = {
    "lines": "Lines of meetings",
    "items": "Put on record in meetings",
    "decisions": "Decisions",
    "exceptions": "Exceptions",
    "proposals": "Proposals",
    "people": "People",
}
GROUP = Filter(
    "what",
    "Only",
    tuple(
        Choice(value, label, f"only {label[0].lower()}{label[1:]}")
        for value, label in GROUPS.items()
    ),
    is_linked=True,
)


class TooSlow(Exception):
    """The database did not answer in the time that a search may take."""


class Hit(NamedTuple):
    """Something found: how it stands or who said it, its words, and where it is."""

    status: str
    text: str
    url: str
    where: str
    at: datetime | None


class Found(NamedTuple):
    """What was found of one kind, and the address of the rest of it."""

    name: str
    title: str
    hits: list[Hit]
    more: str


@dataclass
class Question:
    """What somebody searches for; `problems` says what of it was not understood."""

    phrases: list[str] = field(default_factory=list)
    sender: str = ""
    place: str = ""
    kind: str = ""
    before: datetime | None = None
    after: datetime | None = None
    problems: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        narrows = self.sender or self.place or self.kind or self.before or self.after
        return bool(self.phrases or narrows)

    @property
    def in_words(self) -> str:
        said = [f"“{phrase}”" for phrase in self.phrases]
        parts = [" and ".join(said)] if said else []
        parts += [f"from {self.sender}"] if self.sender else []
        parts += [f"in {self.place}"] if self.place else []
        parts += [f"of the kind “{self.kind}”"] if self.kind else []
        parts += [f"since {_day(self.after)}"] if self.after else []
        parts += [f"before {_day(self.before)}"] if self.before else []
        return ", ".join(parts)


def read(text: str) -> Question:
    """A question out of what was typed; what is odd in it is said, never refused."""
    asked = Question()
    for term in _TERM.finditer(text):
        operator = (term["operator"] or "").lower()
        value = term["quoted"] or term["bare"]
        if operator in {"before", "after"}:
            at = _instant(value)
            setattr(asked, operator, at or getattr(asked, operator))
            if at is None:
                asked.problems.append(
                    f"“{value}” is no date: write {operator}:2011, {operator}:2011-04 or"
                    f" {operator}:2011-04-05."
                )
        elif operator == "kind":
            asked.kind = value.lower()
        elif operator == "from":
            asked.sender = value
        elif operator == "in":
            asked.place = value.lstrip("#")
        elif words_of(value):
            asked.phrases.append(value)
    if asked.kind and asked.kind not in {*ItemKind.values, *Verb.values}:
        known = ", ".join([*ItemKind.values, *Verb.values])
        asked.problems.append(f"“{asked.kind}” is no kind that is known here: {known}.")
        asked.kind = ""
    if len(asked.phrases) > MOST_PHRASES:
        asked.problems.append(f"Only the first {MOST_PHRASES} words are searched for.")
        del asked.phrases[MOST_PHRASES:]
    return asked


def _instant(text: str) -> datetime | None:
    """The beginning of a year, a month or a day."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        return None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


# --- The questions ------------------------------------------------------------------------------


def _lines(asked: Question) -> QuerySet[LogLine] | None:
    return None if asked.kind else _said(asked).select_related("meeting")


def _said(asked: Question) -> QuerySet[LogLine]:
    listed = LogLine.objects.filter(says(map(words_of, asked.phrases)), *_dated(asked, "at"))
    if asked.sender:
        listed = listed.filter(nick__iexact=asked.sender)
    return listed.filter(meeting__in=_meetings(asked)) if asked.place else listed


def _meetings(asked: Question) -> QuerySet[Meeting]:
    """Those of a channel, of a title, or in which a release was spoken of."""
    spoken_of = Meeting.objects.filter(mentions__release__slug__iexact=asked.place)
    return Meeting.objects.filter(
        Q(channel__iexact=asked.place)
        | Q(title__icontains=asked.place)
        | Q(pk__in=spoken_of.order_by().values("pk"))
    ).order_by()


def _items(asked: Question) -> QuerySet[Item] | None:
    """Items have the words of their lines: one index serves both."""
    if asked.kind and asked.kind not in ItemKind.values:
        return None
    listed = Item.objects.standing().select_related("meeting").filter(*_dated(asked, "at"))
    if asked.phrases:
        its = LogLine.objects.filter(meeting=OuterRef("meeting"), number=OuterRef("line"))
        listed = listed.filter(Exists(its.filter(says(map(words_of, asked.phrases)))))
    if asked.sender:
        listed = listed.filter(nick__iexact=asked.sender)
    if asked.kind:
        listed = listed.filter(kind=asked.kind)
    return listed.filter(meeting__in=_meetings(asked)) if asked.place else listed


def _decisions(asked: Question) -> QuerySet[Decision] | None:
    if asked.kind and asked.kind not in Verb.values:
        return None
    listed = Decision.objects.select_related("exception__release", "by", "new_expires_with")
    listed = listed.filter(
        *_dated(asked, "at"), *_with(asked, "rationale", "quote", "exception__title")
    )
    if asked.sender:
        listed = listed.filter(by__in=_people_called(asked.sender))
    if asked.kind:
        listed = listed.filter(verb=asked.kind)
    return listed.filter(_of(asked, "exception__")) if asked.place else listed


def _exceptions(asked: Question) -> QuerySet[ExceptionRequest] | None:
    if asked.kind:
        return None
    listed = ExceptionRequest.objects.select_related("release", "requester", "expires_with")
    listed = listed.filter(*_dated(asked, "requested_at"), *_with(asked, "title", "why_now"))
    if asked.sender:
        listed = listed.filter(requester__in=_people_called(asked.sender))
    return listed.filter(_of(asked, "")) if asked.place else listed


def _proposals(asked: Question) -> QuerySet[MergeProposal] | None:
    if asked.kind or asked.before or asked.after:  # nobody knows when one was made
        return None
    listed = MergeProposal.objects.select_related("author", "release", "project")
    listed = listed.filter(*_with(asked, "title", "branch", "key"))
    if asked.sender:
        listed = listed.filter(author__in=_people_called(asked.sender))
    return listed.filter(_of(asked, "")) if asked.place else listed


def _people(asked: Question) -> QuerySet[Person] | None:
    if asked.kind or asked.before or asked.after or asked.place or asked.sender:
        return None
    called = [
        Q(name__icontains=phrase) | Q(pk__in=_people_called(phrase)) for phrase in asked.phrases
    ]
    return Person.objects.filter(*called)


def _people_called(name: str) -> QuerySet[Person, Any]:
    """By name or by any handle, whole."""
    return Person.objects.filter(Q(name__iexact=name) | Q(handles__value__iexact=name)).values("pk")


def _dated(asked: Question, column: str) -> list[Q]:
    since = [Q(**{f"{column}__gte": asked.after})] if asked.after else []
    return since + ([Q(**{f"{column}__lt": asked.before})] if asked.before else [])


def _with(asked: Question, *columns: str) -> list[Q]:
    """Each phrase stands in one of the columns."""
    found = []
    for phrase in asked.phrases:
        either = Q()
        for column in columns:
            either |= Q(**{f"{column}__icontains": phrase})
        found.append(either)
    return found


def _of(asked: Question, record: str) -> Q:
    """Of a release or of a project."""
    names = ("release__slug", "release__name", "project__slug")
    either = Q()
    for name in names:
        either |= Q(**{f"{record}{name}__iexact": asked.place})
    return either


# --- What is shown of what was found ------------------------------------------------------------


def _line_hit(line: LogLine, asked: Question, now: datetime) -> Hit:
    text = _marked(line.text, asked.phrases)
    where = f"line {line.number} of {harmless(line.meeting.title)}"
    return Hit(harmless(line.nick), text, line.meeting.url_of_line(line.number), where, line.at)


def _item_hit(item: Item, asked: Question, now: datetime) -> Hit:
    text = _marked(item.text or item.url, asked.phrases)
    where = f"{harmless(item.nick)}, in {harmless(item.meeting.title)}"
    return Hit(item.get_kind_display(), text, item.get_absolute_url(), where, item.at)


def _decision_hit(decision: Decision, asked: Question, now: datetime) -> Hit:
    said = f"{decision.exception}: {decision.rationale}"
    where = f"by {decision.by}" if decision.by else "by time"
    url = decision.exception.get_absolute_url()
    words = str(decision.verb_in_words)
    return Hit(words[:1].upper() + words[1:], _marked(said, asked.phrases), url, where, decision.at)


def _exception_hit(exception: ExceptionRequest, asked: Question, now: datetime) -> Hit:
    status = exception.status_at(now).label
    text = _marked(str(exception), asked.phrases)
    where = f"{exception.release.name}, asked by {exception.requester}"
    return Hit(
        str(status).capitalize(), text, exception.get_absolute_url(), where, exception.requested_at
    )


def _proposal_hit(proposal: MergeProposal, asked: Question, now: datetime) -> Hit:
    state = str(proposal.get_state_display()).capitalize()
    where = f"{proposal.get_forge_display()} {proposal.key}, {proposal.branch}".rstrip(", ")
    return Hit(
        state, _marked(str(proposal), asked.phrases), proposal.get_absolute_url(), where, None
    )


def _person_hit(person: Person, asked: Question, now: datetime) -> Hit:
    text = _marked(person.name, asked.phrases)
    return Hit("Person", text, person.get_absolute_url(), person.zone, None)


def _marked(text: str, phrases: list[str]) -> str:
    """An excerpt about what was found, each find in `<mark>`."""
    text = harmless(text)
    wanted = "|".join(_found_again(phrase) for phrase in phrases)
    finds = re.compile(f"({wanted})", re.IGNORECASE) if wanted else None
    first = finds.search(text) if finds else None
    begin = max(0, first.start() - BEFORE_IT) if first and len(text) > EXCERPT else 0
    cut = text[begin : begin + EXCERPT]
    pieces = finds.split(cut) if finds else [cut]
    marked = format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", piece) if index % 2 else conditional_escape(piece),)
            for index, piece in enumerate(pieces)
        ),
    )
    ends = ("…" if begin else "", marked, "…" if begin + EXCERPT < len(text) else "")
    return format_html("{}{}{}", *ends)


def _found_again(phrase: str) -> str:
    """The words of a phrase, whatever little stands between them."""
    return r"[\W_]{1,20}".join(re.escape(word) for word in words_of(phrase))


ASKED: dict[str, tuple[Callable[[Question], Any], Callable[..., Hit], str]] = {
    "lines": (_lines, _line_hit, "-at"),
    "items": (_items, _item_hit, "-at"),
    "decisions": (_decisions, _decision_hit, "-at"),
    "exceptions": (_exceptions, _exception_hit, "-requested_at"),
    "proposals": (_proposals, _proposal_hit, "-pk"),
    "people": (_people, _person_hit, "-pk"),
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found of each kind, the newest first; `what` shows one kind, page by page."""
    filters = Filters.of(request.GET, [GROUP])
    asked = read(filters.words)
    only = filters.value("what")
    found: list[Found] = []
    if asked:
        try:
            with _no_longer_than(SECONDS):
                for name in [only] if only else ASKED:
                    if group := _found(name, asked, filters, request):
                        found.append(group)  # noqa: PERF401 it stays if the next takes too long
        except TooSlow:
            asked.problems.append(
                f"Not everything was searched: it takes longer than {SECONDS:g} seconds. Add a"
                " rarer word, or say from:, in:, after: or before:."
            )
    context = {"filters": filters, "asked": asked, "found": found, "groups": GROUPS, "only": only}
    return render(request, "search.html", context)


def _found(name: str, asked: Question, filters: Filters, request: HttpRequest) -> Found | None:
    queryset, show, order = ASKED[name]
    listed = queryset(asked)
    if listed is None:
        return None
    now = timezone.now()
    only = bool(filters.value("what"))
    page = page_of(listed, request.GET, filters, order=order, **({} if only else {"size": FEW}))
    hits = [show(row, asked, now) for row in page.rows]
    more = page.next if only or not page.next else filters.following("what", name)
    return Found(name, GROUPS[name], hits, more) if hits or only else None


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Let no statement within take longer. Raises TooSlow."""
    try:
        if connection.vendor == "sqlite":
            with _interrupted_after(seconds):
                yield
        else:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    limit = str(timedelta(seconds=seconds) // timedelta(milliseconds=1))
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
                yield
    except OperationalError as error:
        words = str(error)
        if "interrupted" in words or "statement timeout" in words:
            raise TooSlow from error
        raise


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    database = connection.connection
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > end, 20_000)
    try:
        yield
    finally:
        database.set_progress_handler(None, 0)
