"""Where meetings spoke of a record, on that record's page."""

from typing import Any

from django import template
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery

from governance.models import ExceptionRequest
from meetings.models import LogLine, Mention, MentionState
from releases.models import MergeProposal
from releases.prepared import prepared

register = template.Library()

MOST = 20


@register.inclusion_tag("meetings/_spoken.html")
def spoken_of(record: ExceptionRequest | MergeProposal) -> dict[str, Any]:
    """The newest lines about it, and the words by which more are found; one query."""
    if isinstance(record, ExceptionRequest):
        found, words = _about_exception(exception=record.pk), record.reference
    else:
        found, words = _about_proposal(proposal=record.pk), record.branch_name or record.key
    return {"mentions": found[:MOST], "more": len(found) > MOST, "words": words}


@prepared(exception=BigIntegerField())
def _about_exception(*, exception: int) -> QuerySet[Mention]:
    """What is about an exception's proposals is about the exception."""
    its_own = Mention.objects.filter(exception=exception).order_by().values("pk")
    of_proposals = Mention.objects.filter(proposal__claims__exception=exception).order_by()
    either = its_own.union(of_proposals.values("pk"))  # each by its index
    return _newest(Mention.objects.filter(pk__in=either))


@prepared(proposal=BigIntegerField())
def _about_proposal(*, proposal: int) -> QuerySet[Mention]:
    return _newest(Mention.objects.filter(proposal=proposal))


def _newest(mentions: QuerySet[Mention]) -> QuerySet[Mention]:
    of_meeting = [f"meeting__{name}" for name in "slug title started_at line_count".split()]
    listed = mentions.exclude(state=MentionState.REMOVED).select_related("meeting")
    listed = listed.only("line", "how", *of_meeting)
    line = LogLine.objects.filter(meeting=OuterRef("meeting"), number=OuterRef("line")).order_by()
    listed = listed.annotate(
        nick=Subquery(line.values("nick")[:1]), text=Subquery(line.values("text")[:1])
    )
    return listed.order_by("-meeting__started_at", "-line")[: MOST + 1]
