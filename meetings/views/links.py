"""What the lines of a meeting are about, for people to confirm, remove and add to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.meant import LONGEST_REFERENCE, find_proposal
from governance.refusals import InvalidInput, Refused
from governance.rights import may_ask
from governance.signed_in import person, person_or_none
from meetings.models import Meeting, Mention
from releases.models import MergeProposal

MOST = 2000  # links of one meeting on a page
LONGEST_NUMBER = 9  # digits of a line's number


@require_safe
def links(request: HttpRequest, slug: str) -> HttpResponse:
    """Every link of a meeting, with how it was found and what somebody said of it."""
    meeting = get_object_or_404(Meeting, slug=slug)
    mentions = meeting.mentions.select_related(
        "by", "proposal", "exception", "milestone__release", "release"
    ).order_by("line", "pk")
    context = {
        "meeting": meeting,
        "mentions": mentions[:MOST],
        "may_judge": may_ask(person_or_none(request)),
    }
    return render(request, "meetings/links.html", context)


@login_required
@require_POST
def judge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Confirm a link, or remove it; a later import leaves it so."""
    mention = get_object_or_404(Mention, pk=pk, meeting__slug=slug)
    try:
        right = request.POST.get("right") == "yes"
        mention.judge(right=right, by=person(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("links", args=[slug]))


@login_required
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a line is about a merge proposal."""
    meeting = get_object_or_404(Meeting, slug=slug)
    try:
        Mention.add(
            meeting=meeting,
            line=_number(request.POST.get("line", "")),
            proposal=_proposal(request.POST.get("proposal", "")),
            by=person(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("links", args=[slug]))


def _number(words: str) -> int:
    if not (words.isascii() and words.isdecimal()) or len(words) > LONGEST_NUMBER:
        raise InvalidInput(f"“{words[:20]}” is no number of a line.", field="line")
    return int(words)


def _proposal(words: str) -> MergeProposal:
    found = find_proposal(words[:LONGEST_REFERENCE], at=timezone.now())
    if found is None:
        raise InvalidInput(
            "Nothing here is known by that. Give the address, the number or the branch of a"
            " merge proposal.",
            field="proposal",
        )
    return found
