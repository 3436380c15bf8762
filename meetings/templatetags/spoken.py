"""Where meetings spoke of a record, on that record's page."""

from typing import Any

from django import template
from django.db.models import Q

from governance.models import ExceptionRequest
from meetings.models import Mention
from releases.models import MergeProposal

register = template.Library()

MOST = 20


@register.inclusion_tag("meetings/_spoken.html")
def spoken_of(record: ExceptionRequest | MergeProposal) -> dict[str, Any]:
    """The newest lines about it, and the words by which more are found; one query.

    What is about an exception's proposals is about the exception.
    """
    mentions: Any = Mention.objects.kept()
    if isinstance(record, ExceptionRequest):
        its = [proposal.pk for proposal in record.proposals.all()]  # prefetched by the page
        mentions = mentions.filter(Q(exception=record) | Q(proposal__in=its))
        words = record.reference
    else:
        mentions = mentions.filter(proposal=record)
        words = record.branch_name or record.key
    listed = mentions.select_related("meeting").order_by("-meeting__started_at", "-line")
    found = list(listed[: MOST + 1])
    return {"mentions": found[:MOST], "more": len(found) > MOST, "words": words}
