"""What was said: meetings, their items, actions and suggestions; logs are brought in by POST."""

import tempfile
from collections import defaultdict
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import rights
from governance.api import OfException
from governance.asking import until_said
from governance.numbering import reference_of
from governance.refusals import NotAllowed
from governance.signed_in import person
from meetings import examples
from meetings.asking import AcceptBody, CloseBody, DismissBody, LogBody, LogUpload, UploadBody
from meetings.importing import ImportedLog, UnreadableLog, import_log
from meetings.json import meeting_as_json
from meetings.logs import DateHints
from meetings.logs.formats import format_named
from meetings.models import (
    Action,
    ActionState,
    Item,
    ItemKind,
    Meeting,
    Suggestion,
    SuggestionState,
)
from meetings.models.suggestions import VerdictChoice
from meetings.shapes import (
    ActionShape,
    ImportedShape,
    ItemShape,
    MeetingShape,
    SuggestionShape,
)
from releases.bodies import JSONBody
from releases.models import Person, Release
from releases.rest import InstantFilter, OneOf, Resource, TrueOrFalse
from releases.rows import Row, z
from releases.schema import answered, asked, described


class MeetingFilters(FilterSet):
    channel = CharFilter()
    after = InstantFilter("started_at", "gte", label="Begun at that instant or later.")
    before = InstantFilter("started_at", "lt", label="Begun before that instant.")


class ItemFilters(FilterSet):
    meeting = CharFilter("meeting__slug")
    channel = CharFilter("meeting__channel")
    kind = OneOf(choices=ItemKind.choices)
    nick = CharFilter(lookup_expr="iexact", label="In any case.")
    by_chair = TrueOrFalse()
    undone = TrueOrFalse()
    after = InstantFilter("at", "gte", label="At that instant or later.")
    before = InstantFilter("at", "lt", label="Before that instant.")


class ActionFilters(FilterSet):
    state = OneOf(choices=ActionState.choices)
    meeting = CharFilter("meeting__slug")
    channel = CharFilter()
    owner = CharFilter(method="owned_by", label="A person's name, or a handle of theirs.")
    due_before = InstantFilter("due_at", "lt", label="Due before that instant.")

    def owned_by(self, found: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        people = Person.objects.called(words)
        owned = Action.people.through.objects.filter(person__in=people).values("action")
        return found.filter(pk__in=owned)


class SuggestionFilters(FilterSet):
    state = OneOf(choices=SuggestionState.choices)
    verdict = OneOf(choices=VerdictChoice.choices)
    meeting = CharFilter("meeting__slug")
    target = CharFilter()
    exception = OfException()


def _imported(log: ImportedLog) -> Row:
    """As `import_meeting --json` prints it."""
    unread = [*log.left_out, *log.undated]
    return {
        "meetings": [meeting_as_json(log, meeting) for meeting in log.meetings],
        "skipped": [{"path": log.name, "line": one.line, "reason": one.reason} for one in unread],
        "errors": [],
    }


# --- Resources --------------------------------------------------------------------------------


@extend_schema_view(
    **described("meetings", MeetingShape, example=examples.MEETING),
    create=extend_schema(
        tags=["meetings"],
        request={"application/json": LogBody, "multipart/form-data": UploadBody},
        responses={200: ImportedShape, 201: ImportedShape},
        examples=[
            asked({"text": "<the log>", "name": "openstack-meeting.2011-03-29-21.00.log.txt"}),
            answered(examples.IMPORTED, codes=("201",)),
        ],
    ),
)
class Meetings(Resource):
    """Meetings, as their logs tell of them."""

    queryset = Meeting.objects.all()
    serializer_class = MeetingShape
    filterset_class = MeetingFilters
    parser_classes = [JSONBody, LogUpload]
    paged_by = "started_at"
    columns = [
        "slug", "title", "channel", "started_at", "ended_at", "chairs", "people", "line_count",
        "warnings",
    ]  # fmt: skip
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9._-]{1,120}"

    def rows(self, found: list[Row]) -> list[Row]:
        return [
            {
                "slug": row["slug"],
                "title": row["title"],
                "channel": row["channel"],
                "started_at": z(row["started_at"]),
                "ended_at": z(row["ended_at"]),
                "chairs": row["chairs"],
                "people": row["people"],
                "lines": row["line_count"],
                "warnings": row["warnings"],
                "url": f"/meetings/{row['slug']}/",
            }
            for row in found
        ]

    def create(self, request: Request) -> Response:
        """Import a log: 201 where it brought a meeting, 200 where all of it was there already."""
        by = person(request)
        if not rights.may_bring_logs(by, applied=settings.APPLY_AGREED):
            raise NotAllowed(f"{by} has no role that may bring logs: ask a release manager.")
        upload = request.content_type.startswith("multipart/")
        said = self.said(request, UploadBody if upload else LogBody)
        log = self._import(said)
        if not log.meetings:
            raise serializers.ValidationError({_field(said): _reasons(log)})
        created = any(meeting.created for meeting in log.meetings)
        return Response(
            _imported(log), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )

    def _import(self, said: dict[str, Any]) -> ImportedLog:
        with _stream(said) as stream:
            name = said["name"] or getattr(said.get("log"), "name", "")
            try:
                return import_log(
                    stream,
                    name=name,
                    at=self.at,
                    hints=DateHints(name=name, day=said.get("date"), zone=said.get("zone")),
                    format=format_named(said["format"]) if said.get("format") else None,
                    channel=said["channel"],
                    whole=said["whole"],
                )
            except UnreadableLog as error:
                raise serializers.ValidationError({_field(said): [str(error)]}) from error


SHOWN = 20  # meetings without a day, in a refusal


def _field(said: dict[str, Any]) -> str:
    return "log" if "log" in said else "text"


def _reasons(log: ImportedLog) -> list[str]:
    """Why no meeting came of it."""
    if log.undated:
        return [f"Line {one.line}: {one.reason}" for one in log.undated[:SHOWN]]
    read_as = f"No meeting in it: nobody says #startmeeting. (Read as {log.format.title}.)"
    return [f"{read_as} If the whole log is one, send whole as true."]


def _stream(said: dict[str, Any]) -> IO[bytes]:
    upload: UploadedFile | None = said.get("log")
    if upload is not None:
        return upload  # a seekable binary file
    stream = tempfile.SpooledTemporaryFile(max_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 its caller closes it
    stream.write(said["text"].encode("utf-8", "surrogatepass"))
    return stream  # binary, as it is opened by default


@extend_schema_view(**described("items", ItemShape, example=examples.ITEM))
class Items(Resource):
    """What meetings put on record."""

    queryset = Item.objects.all()
    serializer_class = ItemShape
    filterset_class = ItemFilters
    paged_by = "at"
    columns = [
        "meeting__slug", "line", "at", "nick", "kind", "text", "topic", "url", "by_chair",
        "counted", "undone", "assignees",
    ]  # fmt: skip

    def rows(self, found: list[Row]) -> list[Row]:
        return [
            {
                "id": row["pk"],
                "meeting": row["meeting__slug"],
                "line": row["line"],
                "at": z(row["at"]),
                "nick": row["nick"],
                "kind": row["kind"],
                "text": row["text"],
                "topic": row["topic"],
                "url": row["url"],
                "by_chair": row["by_chair"],
                "counted": row["counted"],
                "undone": row["undone"],
                "assignees": row["assignees"],
                "page": _page(row),
            }
            for row in found
        ]


def _page(row: Row) -> str:
    return f"/meetings/{row['meeting__slug']}/?line={row['line']}#l-{row['line']}"


@extend_schema_view(**described("actions", ActionShape, example=examples.ACTION))
class Actions(Resource):
    """Who took on what."""

    queryset = Action.objects.all()
    serializer_class = ActionShape
    filterset_class = ActionFilters
    paged_by = "given_at"
    columns = [
        "meeting__slug", "channel", "line", "text", "owners", "given_at", "due_at", "due_words",
        "state", "closed_by__name", "closed_at", "closing_note",
    ]  # fmt: skip

    def rows(self, found: list[Row]) -> list[Row]:
        people = defaultdict(list)
        through = Action.people.through.objects.filter(action__in=[row["pk"] for row in found])
        for key, name in through.order_by("person__name").values_list("action_id", "person__name"):
            people[key].append(name)
        return [
            {
                "id": row["pk"],
                "meeting": row["meeting__slug"],
                "channel": row["channel"],
                "line": row["line"],
                "text": row["text"],
                "owners": row["owners"],
                "people": people[row["pk"]],
                "given_at": z(row["given_at"]),
                "due_at": z(row["due_at"]),
                "due_words": row["due_words"],
                "state": row["state"],
                "closed_by": row["closed_by__name"],
                "closed_at": z(row["closed_at"]),
                "closing_note": row["closing_note"],
                "page": _page(row),
            }
            for row in found
        ]

    @extend_schema(
        tags=["actions"],
        request=CloseBody,
        responses=ActionShape,
        examples=[
            asked({"state": "dropped", "note": "The list has them already."}),
            answered(examples.ACTION),
        ],
    )
    @action(methods=["post"], detail=True)
    def close(self, request: Request, pk: str) -> Response:
        """Call it done or dropped: its owners may, and whoever manages releases."""
        by = person(request)
        found = self.record(Action.objects.prefetch_related("people"), pk)
        said = self.said(request, CloseBody)
        found.close(state=ActionState(said["state"]), by=by, at=self.at, note=said["note"])
        return Response(self.one(pk))


@extend_schema_view(**described("suggestions", SuggestionShape, example=examples.SUGGESTION))
class Suggestions(Resource):
    """What meetings may have decided: a person accepts it or dismisses it."""

    queryset = Suggestion.objects.told()
    serializer_class = SuggestionShape
    filterset_class = SuggestionFilters
    columns = [
        "meeting__slug", "verdict", "target", "line", "lines", "words", "explicit",
        "deadline_words", "expires_at", "deadline_zone", "zone_source", "deadline_missing",
        "warnings", "bound_to", "moved_to", "conditions", "exception_id", "release__slug", "state",
        "is_already_so", "decided_by__name", "decided_at", "why",
    ]  # fmt: skip

    def rows(self, found: list[Row]) -> list[Row]:
        return [
            {
                "id": row["pk"],
                "meeting": row["meeting__slug"],
                "verdict": row["verdict"],
                "target": row["target"],
                "line": row["line"],
                "lines": row["lines"],
                "words": row["words"],
                "explicit": row["explicit"],
                "deadline": _deadline(row),
                "bound_to": row["bound_to"] or None,
                "moved_to": z(row["moved_to"]),
                "conditions": row["conditions"],
                "exception": row["exception_id"] and reference_of(row["exception_id"]),
                "state": row["state"],
                "already_so": row["is_already_so"],
                "decided_by": row["decided_by__name"],
                "decided_at": z(row["decided_at"]),
                "why": row["why"],
                "page": _page(row),
            }
            for row in found
        ]

    @extend_schema(
        tags=["suggestions"],
        request=AcceptBody,
        responses=SuggestionShape,
        examples=[
            asked({"expires": "2011-03-30T10:00:00Z"}),
            answered(examples.SUGGESTION),
        ],
    )
    @action(methods=["post"], detail=True)
    def accept(self, request: Request, pk: str) -> Response:
        """Do what it suggests, in the name of who is signed in, with its line as the source."""
        found, by = self.record(Suggestion.objects.with_records(), pk), person(request)
        said = self.said(request, AcceptBody)
        if "expires" in said:
            said["expires"] = self._until(said["expires"], found)
        found.accept(by=by, at=self.at, **said)
        return Response(self.one(pk))

    @extend_schema(
        tags=["suggestions"],
        request=DismissBody,
        responses=SuggestionShape,
        examples=[asked({"why": "It was a question."}), answered(examples.SUGGESTION)],
    )
    @action(methods=["post"], detail=True)
    def dismiss(self, request: Request, pk: str) -> Response:
        """Put on record that the meeting did not decide so."""
        found, by = self.record(Suggestion.objects.with_records(), pk), person(request)
        found.dismiss(by=by, at=self.at, **self.said(request, DismissBody))
        return Response(self.one(pk))

    def _until(self, words: str, found: Suggestion) -> Any:
        release = found.exception.release if found.exception else found.release
        release = release or Release.objects.current(self.at)
        if release is None:
            raise serializers.ValidationError({"expires": ["No release is known here yet."]})
        try:
            return until_said(words, release=release, at=self.at)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"expires": error.detail}) from error


def _deadline(row: Row) -> Row | None:
    if not row["deadline_words"]:
        return None
    return {
        "words": row["deadline_words"],
        "expires_at": z(row["expires_at"]),
        "zone": row["deadline_zone"] or None,
        "zone_source": row["zone_source"] or "none",
        "missing": row["deadline_missing"],
        "warnings": row["warnings"],
    }
