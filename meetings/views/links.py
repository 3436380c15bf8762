"""What the lines of a meeting are about, for people to confirm, remove and add to."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.meant import LONGEST_REFERENCE, choose, choose_each, how_many
from governance.refusals import InvalidInput, Refused
from governance.rights import may_ask
from governance.signed_in import person, person_or_none
from meetings.harmless import harmless
from meetings.models import Meeting, Mention, MentionHow
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
        "mentions": _with_others(mentions[:MOST], at=timezone.now()),
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
    return HttpResponseRedirect(f"{reverse('links', args=[slug])}#link-{pk}")


@login_required
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a line is about a merge proposal."""
    meeting = get_object_or_404(Meeting, slug=slug)
    words, at = request.POST.get("proposal", "").strip()[:LONGEST_REFERENCE], timezone.now()
    try:
        proposal, others = _chosen(words, at=at)
        added = Mention.add(
            meeting=meeting,
            line=_number(request.POST.get("line", "")),
            proposal=proposal,
            by=person(request),
            at=at,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        told = f"Line {added.line} is about {added.about}."
        if others:
            told += (
                f" “{harmless(words)}” also names {how_many(others)}: if one of them is meant,"
                " remove this link and give the address."
            )
        messages.success(request, told)
    return HttpResponseRedirect(reverse("links", args=[slug]))


def _number(words: str) -> int:
    if not (words.isascii() and words.isdecimal()) or len(words) > LONGEST_NUMBER:
        raise InvalidInput(f"“{words[:20]}” is no number of a line.", field="line")
    return int(words)


def _chosen(words: str, *, at: datetime) -> tuple[MergeProposal, int]:
    """The proposal that is meant, and how many others it could be."""
    proposal, others = choose(words, at=at)
    if proposal is None:
        raise InvalidInput(
            "Nothing here is known by that. Give the address, the number or the branch of a"
            " merge proposal.",
            field="proposal",
        )
    return proposal, others


def _with_others(mentions: Iterable[Mention], *, at: datetime) -> list[tuple[Mention, str, str]]:
    """Each link with what its words name, and in words how many others they fit; three queries."""
    names = {mention.pk: _name(mention) for mention in mentions}
    words = sorted({name for name in names.values() if name})
    found = zip(words, choose_each(words, at=at), strict=True)
    others = {name: how_many(choice.others) for name, choice in found if choice.others}
    return [(one, names[one.pk], others.get(names[one.pk], "")) for one in mentions]


def _name(mention: Mention) -> str:
    """By what a line names its proposal, where others may be called so too."""
    if mention.proposal is None or mention.how not in {MentionHow.NAME, MentionHow.NUMBER}:
        return ""
    # In a meeting nobody minds capitals.
    said_in_short = mention.how == MentionHow.NAME and "/" not in mention.words
    return mention.proposal.branch_name if said_in_short else mention.words
