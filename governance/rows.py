"""Exceptions and decisions as scripts read them: in the API, in webhooks and in exports."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from governance.lifecycle import status_by
from governance.models import Claim
from governance.numbering import reference_of
from releases.rows import Row, z


def decision_row(row: Row) -> Row:
    milestone = row["new_expires_with__slug"]
    release = row["exception__release__slug"]
    return {
        "id": row["pk"],
        "exception": reference_of(row["exception_id"]),
        "release": release,
        "sequence": row["sequence"],
        "verb": row["verb"],
        "by": row["by__name"],
        "by_id": row["by_id"],
        "at": z(row["at"]),
        "previous_status": row["previous_status"],
        "new_status": row["new_status"],
        "expires_at": z(row["new_expires_with__at"] or row["new_expires_at"]),
        "expires_with": f"milestone:{release}/{milestone}" if milestone else None,
        "rationale": row["rationale"],
        "over_budget": row["over_budget"],
        "quote": row["quote"],
        "source_url": row["source_url"],
        "hash": row["hash"],
    }


DECISION_COLUMNS = [
    "pk", "exception_id", "exception__release__slug", "sequence", "verb", "by__name", "by_id",
    "at", "previous_status", "new_status", "new_expires_at", "new_expires_with__slug",
    "new_expires_with__at", "rationale", "over_budget", "quote", "source_url", "hash",
]  # fmt: skip
EXCEPTION_COLUMNS = [
    "pk", "title", "release__slug", "freeze__slug", "scope", "project__slug", "status",
    "requester_id", "requester__name", "requested_at", "expires_at", "expires_with__slug",
    "expires_with__at", "deadline_words", "deadline_zone", "deadline_reading",
]  # fmt: skip


def exception_row(row: Row, proposals: list[Row], *, at: datetime) -> Row:
    milestone, release = row["expires_with__slug"], row["release__slug"]
    deadline = row["expires_with__at"] or row["expires_at"]
    reading = row["deadline_reading"] or {}
    return {
        "ref": reference_of(row["pk"]),
        "title": row["title"],
        "release": release,
        "freeze": row["freeze__slug"],
        "scope": row["scope"],
        "project": row["project__slug"],
        "status": status_by(row["status"], deadline, at).value,
        "requested_by": row["requester__name"],
        "requested_by_id": row["requester_id"],
        "requested_at": z(row["requested_at"]),
        "expires_at": z(deadline),
        "expires_with": f"milestone:{release}/{milestone}" if milestone else None,
        "deadline": {
            "words": row["deadline_words"],
            "zone": row["deadline_zone"],
            "zone_source": reading.get("zone_source", ""),
            "warnings": list(reading.get("warnings", ())),
        },
        "proposals": proposals,
        "url": f"/exceptions/{reference_of(row['pk'])}/",
    }


def claims_of(exceptions: Iterable[int]) -> dict[int, list[Row]]:
    """The proposals that each of these exceptions is for, by its key; one query."""
    proposals = defaultdict(list)
    claims = Claim.objects.filter(exception__in=list(exceptions)).order_by("pk")
    for key, forge, name, url, title, state in claims.values_list(
        "exception_id",
        "proposal__forge",
        "proposal__key",
        "proposal__url",
        "proposal__title",
        "proposal__state",
    ):
        target = f"proposal:{forge}:{name}"
        proposals[key].append({"target": target, "url": url, "title": title, "state": state})
    return proposals
