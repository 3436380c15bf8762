"""The questions of a search, one for each kind of record: which rows answer it, and in what order.

None where a kind cannot answer, such as the date of a person.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from governance.lifecycle import Verb
from governance.models import Decision, ExceptionRequest
from meetings.models import Item, ItemKind, LogLine, Meeting
from meetings.wording import says, words_of
from releases.models import MergeProposal, Person
from thaw.questions import Question

FEW_TITLES = 500
# Of lines and items only those that are shown are read with their meetings.
_OF_MEETING = ("meeting__slug", "meeting__title", "meeting__line_count")
LINES = LogLine.objects.select_related("meeting").only("number", "at", "nick", "text", *_OF_MEETING)
ITEMS = Item.objects.select_related("meeting").only(
    "kind", "text", "url", "nick", "at", "line", *_OF_MEETING
)


def lines(asked: Question) -> QuerySet[LogLine] | None:
    if asked.kind:
        return None
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


def items(asked: Question) -> QuerySet[Item] | None:
    """Items have the words of their lines: one index serves both."""
    if asked.kind and asked.kind not in ItemKind.values:
        return None
    listed = Item.objects.standing().filter(*_dated(asked, "at"))
    if asked.phrases:
        its = LogLine.objects.filter(meeting=OuterRef("meeting"), number=OuterRef("line"))
        wanted = says(map(words_of, asked.phrases), one_by_one=True)
        listed = listed.filter(Exists(its.filter(wanted)))
    if asked.sender:
        listed = listed.filter(nick__iexact=asked.sender)
    if asked.kind:
        listed = listed.filter(kind=asked.kind)
    return listed.filter(meeting__in=_meetings(asked)) if asked.place else listed


def decisions(asked: Question) -> QuerySet[Decision] | None:
    """By its own words and those of its exception's title."""
    if asked.kind and asked.kind not in Verb.values:
        return None
    listed = Decision.objects.select_related("exception", "by").filter(*_dated(asked, "at"))
    listed = listed.only("verb", "at", "rationale", "by__name", "exception__title")
    titled = _titled(asked)
    for phrase in asked.phrases:
        title = Q(exception__title__icontains=phrase)
        if titled is not None:
            title = Q(exception__in=titled[phrase])
        listed = listed.filter(Q(rationale__icontains=phrase) | Q(quote__icontains=phrase) | title)
    if asked.sender:
        listed = listed.filter(by__in=_people_called(asked.sender))
    if asked.kind:
        listed = listed.filter(verb=asked.kind)
    return listed.filter(_of(asked, "exception__")) if asked.place else listed


def _titled(asked: Question) -> dict[str, list[int]] | None:
    """By phrase, the few exceptions whose title has it; None where they are many.

    An index finds what has a rare word in this column or that, of one table. So the titles are
    looked up first; where the word is common, whoever walks the decisions soon meets enough.
    """
    has = {f"has_{n}": Q(title__icontains=phrase) for n, phrase in enumerate(asked.phrases)}
    if not has:
        return {}
    some = ExceptionRequest.objects.filter(reduce(or_, has.values())).order_by()
    rows = list(some.values_list("pk", *map(_truth, has.values()))[: FEW_TITLES + 1])
    if len(rows) > FEW_TITLES:
        return None
    return {
        phrase: [key for key, *found in rows if found[n]] for n, phrase in enumerate(asked.phrases)
    }


def _truth(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def exceptions(asked: Question) -> QuerySet[ExceptionRequest] | None:
    if asked.kind:
        return None
    listed = ExceptionRequest.objects.select_related("release", "requester", "expires_with").only(
        *"title status requested_at expires_at deadline_words deadline_zone".split(),
        *"deadline_reading release__name requester__name expires_with__at".split(),
    )
    listed = listed.filter(*_dated(asked, "requested_at"), *_with(asked, "title", "why_now"))
    if asked.sender:
        listed = listed.filter(requester__in=_people_called(asked.sender))
    return listed.filter(_of(asked, "")) if asked.place else listed


def proposals(asked: Question) -> QuerySet[MergeProposal] | None:
    if asked.kind or asked.before or asked.after:  # nobody knows when one was made
        return None
    listed = MergeProposal.objects.only(*"forge key title branch state".split())
    listed = listed.filter(*_with(asked, "title", "branch", "key"))
    if asked.sender:
        listed = listed.filter(author__in=_people_called(asked.sender))
    return listed.filter(_of(asked, "")) if asked.place else listed


def people(asked: Question) -> QuerySet[Person] | None:
    if asked.kind or asked.before or asked.after or asked.place or asked.sender:
        return None
    called = [
        Q(name__icontains=phrase) | Q(pk__in=_people_called(phrase)) for phrase in asked.phrases
    ]
    return Person.objects.filter(*called).only("name", "zone")


def _people_called(name: str) -> QuerySet[Person, Any]:
    """By name or by any handle, whole."""
    return Person.objects.called(name).values("pk")


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
