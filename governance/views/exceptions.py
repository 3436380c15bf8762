"""Every exception, and one: how it stands, what it is for, and its ledger as a story."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import condition, require_safe

from governance import rights
from governance.lifecycle import Status, Verb
from governance.models import Claim, ExceptionRequest
from governance.models.announcing import is_theirs
from governance.signed_in import person_or_none
from governance.story import Story
from releases.listing import LONGEST_KEY, Choice, Filter, Filters, choices, page_of
from releases.models import MergeProposal, Person, Project, Release

DAY = timedelta(days=1)
STANDING = ("standing", "expiring")
STATUSES = (
    Choice("standing", "standing", "that stand"),
    Choice("expiring", "ending within a day", "that end within a day"),
    Choice(Status.REQUESTED, "waiting for a decision", "that wait for a decision"),
    Choice(Status.EXPIRED, "expired", "that expired"),
    Choice(Status.DENIED, "denied", "that were denied"),
    Choice(Status.DEFERRED, "deferred", "that were deferred"),
    Choice(Status.LANDED, "landed", "that landed"),
    Choice(Status.REVERTED, "reverted", "that were reverted"),
    Choice(Status.REVOKED, "revoked", "that were revoked"),
    Choice(Status.WITHDRAWN, "withdrawn", "that were withdrawn"),
)


@require_safe
def exceptions(request: HttpRequest) -> HttpResponse:
    """What the address asks for: the newest first, or the first to end where they stand."""
    now = timezone.now()
    filters = Filters.of(
        request.GET,
        [
            Filter("status", "How it stands", STATUSES),
            Filter("release", "Release", releases()),
            Filter("project", "Project", projects()),
            asked_by(request),
        ],
    )
    known = ExceptionRequest.objects.with_deadline()
    order = "deadline" if filters.value("status") in STANDING else "-pk"
    told = known.select_related("release", "freeze", "requester", "expires_with")
    page = page_of(
        _filtered(known, filters, now),
        request.GET,
        filters,
        order=order,
        told=told.prefetch_related("proposals"),
    )
    context = {
        "now": now,
        "filters": filters,
        "page": page,
        "shown": [(exception, exception.status_at(now)) for exception in page.rows],
    }
    return render(request, "governance/exceptions.html", context)


@require_safe
def exception(request: HttpRequest, reference: str) -> HttpResponse:
    """One exception, with a button for each verb that this reader may use."""
    story = Story.of(reference)
    if story is None:
        raise Http404
    exception, now = story.exception, timezone.now()
    status, person = exception.status_at(now), person_or_none(request)
    if person is not None:  # whose rights depend on the projects that it is for
        prefetch_related_objects([exception], "proposals")
    context = {
        "story": story,
        "exception": exception,
        "now": now,
        "status": status,
        "verbs": rights.verbs(person, exception, status),
        "may_confirm": rights.may_confirm(person, exception),
        "moved_from": _moved_from(story) if status == Status.GRANTED else None,
        "decides": rights.who_may(Verb.GRANT, exception.release),
        "is_theirs": person is not None and is_theirs(person, exception),
        "is_watched": person is not None and exception.watches.filter(person=person).exists(),
    }
    return render(request, "governance/exception.html", context)


def _moved_from(story: Story) -> datetime | None:
    """The deadline as it was last decided on, where its milestone has moved since."""
    given = [one for one in story.decisions if one.verb in {Verb.GRANT, Verb.EXTEND}]
    if story.exception.expires_with is None or not given:
        return None
    known: datetime = given[-1].known_until  # type: ignore[attr-defined] # annotated
    return None if known == story.exception.until.instant else known


def _as_it_stands(request: HttpRequest, reference: str) -> str | None:
    """Changes when the ledger grows, when its milestone moves, and when its time is up."""
    found = ExceptionRequest.objects.referenced(reference).with_deadline().first()
    if found is None:
        return None
    return f'"{found.ledger_length}-{found.deadline}-{found.status_at(timezone.now())}"'  # type: ignore[attr-defined] # annotated


@require_safe
@condition(etag_func=_as_it_stands)
def standing(request: HttpRequest, reference: str) -> HttpResponse:
    """The sentence that says how it stands, for a page that stays open."""
    found = ExceptionRequest.objects.referenced(reference).select_related("expires_with")
    exception = get_object_or_404(found)
    now = timezone.now()
    context = {"exception": exception, "now": now, "status": exception.status_at(now)}
    answer = render(request, "governance/_sentence.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer


def releases() -> tuple[Choice, ...]:
    return choices(Release.objects.values_list("slug", "name"), "of {}")


def projects() -> tuple[Choice, ...]:
    return choices(Project.objects.values_list("slug", "name"), "for {}")


def asked_by(request: HttpRequest, words: str = "asked by {}") -> Filter:
    """A filter by somebody, who is named by a link and not chosen from a list of everybody."""
    key = request.GET.get("by", "")
    known = Person.objects.none()
    if key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY:
        known = Person.objects.filter(pk=int(key))
    named = ((str(pk), name) for pk, name in known.values_list("pk", "name"))
    return Filter("by", "Person", choices(named, words), is_linked=True)


def _filtered(
    listed: QuerySet[ExceptionRequest], filters: Filters, now: datetime
) -> QuerySet[ExceptionRequest]:
    status = filters.value("status")
    lapsed = Q(status=Status.GRANTED, deadline__lte=now)
    ahead = Q(status=Status.GRANTED, deadline__gt=now)
    questions = {
        "": Q(),
        "standing": ahead,
        "expiring": ahead & Q(deadline__lte=now + DAY),
        Status.EXPIRED: Q(status=Status.EXPIRED) | lapsed,
    }
    listed = listed.filter(questions.get(status, Q(status=status)))
    if filters.value("release"):
        listed = listed.filter(release__slug=filters.value("release"))
    if filters.value("by"):
        listed = listed.filter(requester=int(filters.value("by")))
    if filters.value("project"):
        claims = Claim.objects.filter(proposal__project__slug=filters.value("project"))
        of_it = Q(project__slug=filters.value("project")) | Q(pk__in=claims.values("exception"))
        listed = listed.filter(of_it)
    if filters.words:
        listed = listed.filter(_named(filters.words))
    return listed


def _named(words: str) -> Q:
    """By its name, one of its proposals as the gate takes it, or words of its title."""
    named = ExceptionRequest.objects.referenced(words).values("pk")
    proposals = MergeProposal.objects.called(words).order_by()
    claims = Claim.objects.filter(proposal__in=proposals).values("exception")
    return Q(pk__in=named) | Q(pk__in=claims) | Q(title__icontains=words)
