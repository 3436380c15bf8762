"""A release with all its records as one JSON document, and back exactly; and tables as CSV.

The document holds the rows as they are, keys included, since the ledger's hashes are over keys too.
It goes into a database that has none of it or the same; anything else is refused, and then nothing
has changed. Logins and sessions are nobody's records and stay where they are.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction

from governance.models import Budget, Claim, Condition, Decision, ExceptionRequest
from governance.refusals import Refused
from governance.rows import DECISION_COLUMNS, EXCEPTION_COLUMNS, decision_row, exception_row
from releases.models import (
    Handle,
    HandleKind,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneMove,
    Person,
    Project,
    Reclassification,
    Release,
    Review,
)
from releases.rows import Row, z

FORMAT = "thaw-release/1"
CHUNK = 2000  # rows read at once
SHOWN = 10  # contradictions that are told
Rows = dict[str, list[Row]]

# In the order in which they need one another.
MODELS: dict[str, type[models.Model]] = {
    "projects": Project,
    "people": Person,
    "handles": Handle,
    "memberships": Membership,
    "release": Release,
    "release_projects": Release.projects.through,
    "milestones": Milestone,
    "moves": MilestoneMove,
    "proposals": MergeProposal,
    "reviews": Review,
    "reclassifications": Reclassification,
    "budgets": Budget,
    "exceptions": ExceptionRequest,
    "claims": Claim,
    "conditions": Condition,
    "decisions": Decision,
}
_LEFT_OUT = {("people", "user_id"), ("memberships", "from_group")}


def _columns(name: str) -> list[str]:
    fields = MODELS[name]._meta.concrete_fields  # noqa: SLF001 Django's public way to ask
    return [
        field.attname
        for field in fields
        if not field.generated and (name, field.attname) not in _LEFT_OUT
    ]


def export_release(release: Release, *, with_mail: bool) -> Iterator[str]:
    """The document in pieces, so that few rows are held at once; `with_mail` addresses too."""
    of_release = {"release": release}
    exceptions = ExceptionRequest.objects.filter(**of_release)
    claims = Claim.objects.filter(exception__release=release)
    proposals = MergeProposal.objects.of_release(release)
    own: dict[str, models.QuerySet[Any]] = {
        "release": Release.objects.filter(pk=release.pk),
        "release_projects": Release.projects.through.objects.filter(**of_release),
        "milestones": Milestone.objects.filter(**of_release),
        "moves": MilestoneMove.objects.filter(milestone__release=release),
        "proposals": proposals,
        "reviews": Review.objects.filter(proposal__in=proposals.values("pk")),
        "reclassifications": Reclassification.objects.filter(proposal__in=proposals.values("pk")),
        "budgets": Budget.objects.filter(**of_release),
        "exceptions": exceptions,
        "claims": claims,
        "conditions": Condition.objects.filter(exception__release=release),
        "decisions": Decision.objects.filter(exception__release=release),
    }
    used: dict[type[models.Model], set[int]] = defaultdict(set)
    yield f'{{"format": {json.dumps(FORMAT)}, "release": {json.dumps(release.slug)}'
    for name, rows in own.items():
        yield from _table(name, rows, used)
    people = Person.objects.filter(pk__in=used[Person])
    handles = Handle.objects.filter(person__in=used[Person])
    if not with_mail:
        handles = handles.exclude(kind=HandleKind.EMAIL)
    yield from _table("people", people, used)
    yield from _table("handles", handles, used)
    # A role by a group is for who says so at each sign-in: elsewhere it would stay for good.
    by_hand = Membership.objects.filter(person__in=used[Person], from_group="")
    yield from _table("memberships", by_hand, used)
    yield from _table("projects", Project.objects.filter(pk__in=used[Project]), used)
    yield "}\n"


def _table(
    name: str, rows: "models.QuerySet[Any]", used: dict[type[models.Model], set[int]]
) -> Iterator[str]:
    columns = _columns(name)
    points = {
        field.attname: field.related_model
        for field in MODELS[name]._meta.concrete_fields  # noqa: SLF001 as above
        if field.related_model in {Person, Project} and field.attname in columns
    }
    yield f",\n{json.dumps(name)}: ["
    between = "\n"
    ordered = rows.order_by("pk").values(*columns)
    for row in ordered.iterator(chunk_size=CHUNK):
        for column, model in points.items():
            if row[column] is not None:
                used[model].add(row[column])
        yield between + json.dumps(row, ensure_ascii=False, default=_plain)
        between = ",\n"
    yield "]"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return z(value) or ""
    return str(value)


# --- And back ---------------------------------------------------------------------------------


def import_release(text: str) -> dict[str, int]:
    """Enter a document; how many rows of each kind were new. Raises Refused, and then none is."""
    document = _document(text)
    new: dict[str, int] = {}
    try:
        with transaction.atomic():
            for name, model in MODELS.items():
                fresh = _fresh(name, document.get(name, []))
                model._default_manager.bulk_create(fresh, batch_size=500)  # noqa: SLF001 any model's
                new[name] = len(fresh)
            _check_releases()
            connection.check_constraints(
                [model._meta.db_table for model in MODELS.values()]  # noqa: SLF001 as below
            )
            _check_ledger(document)
            _reset_numbers()
    except IntegrityError as error:
        raise Refused(
            f"Some of it contradicts what is here, so nothing was entered: {error}."
        ) from error
    return new


def _document(text: str) -> Rows:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"This is no JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Refused(f"This is no document of a release: its format is not {FORMAT}.")
    unknown = sorted(set(document) - {*MODELS, "format", "release"})
    if unknown:
        raise Refused(f"It has parts that are not known here: {', '.join(unknown)[:200]}.")
    if any(not isinstance(document.get(name, []), list) for name in MODELS):
        raise Refused("Each of its parts is to be a list of rows.")
    return document


def _fresh(name: str, rows: list[Row]) -> list[models.Model]:
    """The rows that are new, as objects. Raises Refused where one differs from what is here."""
    model, columns = MODELS[name], _columns(name)
    keys = [row.get("id") for row in rows if isinstance(row, dict)]
    if len(keys) < len(rows) or any(type(key) is not int for key in keys):
        raise Refused(f"Some of its {name} is no row with a key.")
    there = {
        row["id"]: json.loads(json.dumps(row, default=_plain))
        for row in model._default_manager.filter(pk__in=keys).values(*columns)  # noqa: SLF001 any model's
    }
    other = [row["id"] for row in rows if row["id"] in there and row != there[row["id"]]]
    if other:
        shown = ", ".join(map(str, other[:SHOWN]))
        differ = "differs" if len(other) == 1 else "differ"
        raise Refused(f"Of the {name} here already, {len(other)} {differ} (keys {shown}).")
    return [_object(name, row) for row in rows if row["id"] not in there]


def _object(name: str, row: Row) -> models.Model:
    model = MODELS[name]
    fields = {
        field.attname: field
        for field in model._meta.concrete_fields  # noqa: SLF001 Django's public way to ask
    }
    unknown = sorted(set(row) - set(_columns(name)))
    if unknown:
        raise Refused(f"Its {name} have columns that are not known here: {', '.join(unknown)}.")
    try:
        made = model(**{column: fields[column].to_python(value) for column, value in row.items()})
        made.clean_fields(exclude=[field.name for field in fields.values() if field.blank])
    except (TypeError, ValueError, ValidationError) as error:
        raise Refused(f"Row {row['id']} of its {name} cannot be used: {error}.") from error
    return made


def _check_releases() -> None:
    """What had an exception in one release may be meant for the next by now."""
    strays = MergeProposal.objects.filter(release_id__isnull=False).exclude(
        release_id__in=Release.objects.values("pk")
    )
    keys = sorted(set(strays.order_by().values_list("release_id", flat=True)))
    if keys:
        raise Refused(
            "Some of its proposals are meant for a release that is not here, whose key is"
            f" {' or '.join(map(str, keys[:SHOWN]))}. Import that one first."
        )


def _check_ledger(document: Rows) -> None:
    """The decisions must be those that were made: each is chained to the one before it."""
    keys = [row["id"] for row in document.get("exceptions", [])]
    broken = Decision.objects.filter(exception__in=keys).first_broken()
    if broken is not None:
        raise Refused(
            f"Its ledger is broken at {broken.reference}, decision {broken.sequence}:"
            f" {broken.reason}. Nothing was entered."
        )


def _reset_numbers() -> None:
    """The next row of each table comes after those that brought their keys."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(MODELS.values())):
            cursor.execute(statement)


# --- CSV --------------------------------------------------------------------------------------

# With these, spreadsheets take a text for a formula: some of them also where they are written wide.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(header: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """Lines with every cell quoted, and none that a spreadsheet would run."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless_cell(cell) for cell in row])


def harmless_cell(value: Any) -> str:
    text = "" if value is None else str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \n").startswith(_DANGEROUS) else text


def exceptions_as_csv(*, at: datetime) -> Iterator[str]:
    header = (
        "ref title release freeze scope project status requested_by requested_at expires_at"
        " expires_with deadline url"
    ).split()
    rows = ExceptionRequest.objects.order_by("pk").values(*EXCEPTION_COLUMNS)
    told = (exception_row(row, [], at=at) for row in rows.iterator(chunk_size=CHUNK))
    flat = (row | {"deadline": row["deadline"]["words"]} for row in told)
    return as_csv(header, ([row[name] for name in header] for row in flat))


def decisions_as_csv() -> Iterator[str]:
    header = (
        "id exception release sequence verb by at previous_status new_status expires_at"
        " expires_with rationale over_budget quote source_url"
    ).split()
    rows = Decision.objects.order_by("pk").values(*DECISION_COLUMNS)
    told = (decision_row(row) for row in rows.iterator(chunk_size=CHUNK))
    return as_csv(header, ([row[name] for name in header] for row in told))
