"""Decisions, proposals and people: what is on record of each."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.gate import Code, Verdict, verdict_on
from governance.lifecycle import Verb
from governance.models import Condition, Decision
from governance.views.check import of_verdict
from governance.views.exceptions import asked_by, releases
from releases.listing import LONGEST_KEY, Choice, Filter, Filters, page_of
from releases.models import MergeProposal, Person
from releases.models.proposals import LONGEST_KEY as LONGEST_PROPOSAL

OF_A_PERSON = 20  # of each kind of record
VERBS = tuple(Choice(verb.value, str(verb.label), f"“{verb.label}”") for verb in Verb)


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """The ledger of everything, the newest first."""
    filters = Filters.of(
        request.GET,
        [
            Filter("verb", "Decision", VERBS),
            Filter("release", "Release", releases()),
            asked_by(request, "by {}"),
        ],
    )
    listed = Decision.objects.select_related("exception__release", "by", "new_expires_with")
    if filters.value("verb"):
        listed = listed.filter(verb=filters.value("verb"))
    if filters.value("release"):
        listed = listed.filter(exception__release__slug=filters.value("release"))
    if filters.value("by"):
        listed = listed.filter(by=int(filters.value("by")))
    if filters.words:
        listed = listed.filter(rationale__icontains=filters.words)
    page = page_of(listed, request.GET, filters, order="-at")
    return render(request, "governance/decisions.html", {"page": page, "filters": filters})


@require_safe
def proposal(request: HttpRequest, name: str) -> HttpResponse:
    """One proposal: whether it may land, its reviews, and every exception that was for it."""
    now = timezone.now()
    found = _proposal(name, now)
    if name != found.public_name:
        return HttpResponseRedirect(found.get_absolute_url())
    exceptions = found.exceptions.select_related("freeze", "release", "requester", "expires_with")
    verdict = verdict_on(found, at=now)
    context = {
        "proposal": found,
        "answer": of_verdict(verdict, now, asked=found.url),
        "unmet": _unmet(verdict),
        "now": now,
        "exceptions": [(one, one.status_at(now)) for one in exceptions],
    }
    return render(request, "governance/proposal.html", context)


def _unmet(verdict: Verdict) -> list[Condition]:
    """What nobody has confirmed of the exception that it lands by; no query where there is none."""
    found = verdict.found
    if found is None or verdict.code != Code.STANDS or not found.unmet:
        return []
    return list(found.exception.conditions.filter(met_at__isnull=True).order_by("pk"))


def _proposal(name: str, now: datetime) -> MergeProposal:
    """By forge and key, `launchpad:61001`; by the key alone where no other has it; or by ours."""
    known = MergeProposal.objects.as_known(now).select_related("author", "project", "release")
    known = known.prefetch_related("reviews__reviewer", "reclassifications__by")
    forge, _, key = name.partition(":")
    if "\0" in name or len(name) > LONGEST_PROPOSAL + len(forge) + 1:
        raise Http404("That is no name of a merge proposal.")
    if key and (found := known.filter(forge=forge, key__iexact=key).first()):
        return found
    by_key = list(known.filter(key=name)[:2])
    if len(by_key) == 1:
        return by_key[0]
    is_ours = name.isascii() and name.isdigit() and len(name) <= LONGEST_KEY
    return get_object_or_404(known, pk=int(name) if is_ours else 0)


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody: their roles and names, and what they proposed, asked for and decided."""
    people = Person.objects.prefetch_related("memberships__project", "handles")
    found = get_object_or_404(people, pk=pk) if len(str(pk)) <= LONGEST_KEY else None
    if found is None:
        raise Http404("Nobody has that number.")
    now = timezone.now()
    asked = found.exceptions.select_related("release", "expires_with")[:OF_A_PERSON]
    context = {
        "person": found,
        "now": now,
        "asked": [(one, one.status_at(now)) for one in asked],
        "decided": _decided(found)[:OF_A_PERSON],
        "proposals": found.proposals.select_related("project", "release")[:OF_A_PERSON],
    }
    return render(request, "governance/person.html", context)


def _decided(person: Person) -> QuerySet[Decision]:
    others = person.decisions.exclude(verb=Verb.REQUEST)
    return others.select_related("exception", "by", "new_expires_with")
