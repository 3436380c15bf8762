"""The questions of a search, one for each kind of record: which rows answer it, and in what order.

None where a kind cannot answer, such as the date of a person.
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField

from governance.lifecycle import Verb
from governance.models import Decision, ExceptionRequest
from meetings.models import Item, ItemKind, LogLine, Meeting
from meetings.wording import says
from releases.listing import first_rows
from releases.models import Handle, HandleKind, MergeProposal, Person
from releases.prepared import Prepared, prepared
from thaw.matching import IsOneOf, Like, as_keys
from thaw.questions import Phrase, Question

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
    listed = LogLine.objects.filter(says(_words(asked)), *_dated(asked, "at"))
    if asked.sender:
        listed = listed.filter(nick__iexact=asked.sender)
    return listed.filter(meeting__in=_meetings(asked)) if asked.place else listed


def _words(asked: Question) -> list[str]:
    return [phrase.words for phrase in asked.phrases]


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
        wanted = says(_words(asked), letters=[phrase.letters for phrase in asked.phrases])
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
    for number, phrase in enumerate(asked.phrases):
        title = Q(Like("exception__title", phrase.part))
        if asked.titled is not None:
            title = Q(IsOneOf("exception_id", asked.titled[number]))
        said = Q(Like("rationale", phrase.part)) | Q(Like("quote", phrase.part))
        listed = listed.filter(said | title)
    if asked.sender:
        listed = listed.filter(by__in=_people_called(asked.sender))
    if asked.kind:
        listed = listed.filter(verb=asked.kind)
    return listed.filter(_of(asked, "exception__")) if asked.place else listed


def titles(asked: Question) -> Callable[[], list[str] | None]:
    """Ask for the few exceptions whose title has a phrase, as keys for each; None where many have.

    An index finds what has a rare word in this column or that, of one table. So the titles are
    looked up before the decisions; where the word is common, whoever walks those soon meets enough.
    """
    phrases = range(len(asked.phrases))
    if not phrases:
        return lambda: None
    found = _titled(len(phrases)).later(**{f"part{n}": asked.phrases[n].part for n in phrases})

    def read() -> list[str] | None:
        rows = found()
        if len(rows) > FEW_TITLES:
            return None
        return [as_keys(key for key, *has in rows if has[n]) for n in phrases]

    return read


@cache
def _titled(phrases: int) -> Prepared[..., Any]:
    """The key of each exception whose title has a phrase, and whether it has the first, ..."""

    @prepared(**{f"part{n}": TextField() for n in range(phrases)})
    def titled(**parts: Any) -> QuerySet[ExceptionRequest, Any]:
        has = [Like("title", part) for part in parts.values()]
        some = ExceptionRequest.objects.filter(reduce(or_, map(Q, has))).order_by()
        return some.values_list("pk", *has)[: FEW_TITLES + 1]

    return titled


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
    listed = MergeProposal.objects.only(*"forge key title branch state asked_at synced_at".split())
    listed = listed.filter(*_with(asked, "title", "branch", "key"))
    if asked.sender:
        listed = listed.filter(author__in=_people_called(asked.sender))
    return listed.filter(_of(asked, "")) if asked.place else listed


def people(asked: Question) -> QuerySet[Person] | None:
    if asked.kind or asked.before or asked.after or asked.place or asked.sender:
        return None
    handles = Handle.objects.exclude(kind=HandleKind.EMAIL).order_by()
    called = [
        Q(Like("name", phrase.part))
        | Q(pk__in=handles.filter(Like("value", phrase.whole)).values("person"))
        for phrase in asked.phrases
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
            either |= Q(Like(column, phrase.part))
        found.append(either)
    return found


def _of(asked: Question, record: str) -> Q:
    """Of a release or of a project."""
    names = ("release__slug", "release__name", "project__slug")
    either = Q()
    for name in names:
        either |= Q(**{f"{record}{name}__iexact": asked.place})
    return either


class Kind(NamedTuple):
    """How one kind is asked and ordered, and what is read of what is shown."""

    asked: Callable[[Question], QuerySet[Any] | None]
    order: str
    told: QuerySet[Any] | None = None


KINDS = {
    "lines": Kind(lines, "-at", LINES),
    "items": Kind(items, "-at", ITEMS),
    "decisions": Kind(decisions, "-at"),
    "exceptions": Kind(exceptions, "-requested_at"),
    "proposals": Kind(proposals, "-pk"),
    "people": Kind(people, "-pk"),
}


def newest(kind: str, asked: Question, *, size: int) -> Callable[[], list[Any]]:
    """Ask for the first rows of a kind that have the words, and one more if there is one.

    For a question of words alone, which is composed once for each number of them.
    """
    given = {
        f"{name}{n}": value
        for n, phrase in enumerate(asked.phrases)
        for name, value in phrase._asdict().items()
    }
    titled = asked.titled if kind == "decisions" else None
    given |= {f"titled{n}": keys for n, keys in enumerate(titled or [])}
    rows = composed(kind, len(asked.phrases), size, are_titled=titled is not None)
    return rows.later(**given)


@cache
def composed(kind: str, phrases: int, size: int, *, are_titled: bool) -> Prepared[..., Any]:
    names = [f"{name}{n}" for n in range(phrases) for name in Phrase._fields]
    titled = [f"titled{n}" for n in range(phrases if are_titled else 0)]

    @prepared(**dict.fromkeys([*names, *titled], TextField()))
    def rows(**places: Any) -> QuerySet[Any, Any]:
        asked = Question(
            phrases=[
                Phrase(*(places[f"{name}{n}"] for name in Phrase._fields)) for n in range(phrases)
            ],
            titled=[places[name] for name in titled] if are_titled else None,
        )
        of_kind = KINDS[kind]
        listed = of_kind.asked(asked)
        assert listed is not None  # noqa: S101 every kind answers words
        return first_rows(listed, order=of_kind.order, size=size, told=of_kind.told)

    return rows
