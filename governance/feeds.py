"""Outlets for programs of other people: calendars, Atom feeds, and badges."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import conditional_page, require_safe
from icalendar import Alarm, Calendar, Event

from governance.gate import Code, verdict
from governance.lifecycle import Status, Verb
from governance.meant import LONGEST_REFERENCE
from governance.models import Decision, ExceptionRequest
from releases.addressing import site_url
from releases.models import Milestone, Person, Release
from releases.moments import moment

ENTRIES = 50  # of a feed
WARNED_BEFORE = timedelta(hours=24)  # by the alarm of an entry in a calendar
OVER = frozenset([Status.DENIED, Status.DEFERRED, Status.WITHDRAWN, Status.REVOKED, Status.LANDED])


# --- Calendars --------------------------------------------------------------------------------


@require_safe
@conditional_page
def release_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The milestones of a release, and the deadlines of its exceptions."""
    release = get_object_or_404(Release, slug=slug)
    events = [
        *_milestones(Milestone.objects.filter(release=release)),
        *_deadlines(ExceptionRequest.objects.filter(release=release)),
    ]
    return _calendar(f"{release}: freezes and deadlines", events)


@require_safe
@conditional_page
def person_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The deadlines of the exceptions of one person, and the freezes of their releases."""
    person = get_object_or_404(Person, pk=pk)
    theirs = ExceptionRequest.objects.filter(
        Q(requester=person) | Q(pk__in=_by_author(person).values("pk"))
    )
    freezes = Milestone.objects.filter(release__in=theirs.values("release")).exclude(blocks=[])
    return _calendar(f"{person}: deadlines", [*_milestones(freezes), *_deadlines(theirs)])


def _by_author(person: Person) -> "QuerySet[ExceptionRequest]":
    return ExceptionRequest.objects.filter(proposals__author=person)


def _milestones(milestones: "QuerySet[Milestone]") -> Iterator[Event]:
    """Each in UTC; its sequence is the number of its moves, so that a move is one of the same."""
    known = milestones.select_related("release", "project").annotate(
        moved=Count("moves"), moved_at=Max("moves__at")
    )
    for milestone in known:
        blocks = ", ".join(milestone.blocks_in_words)
        yield _event(
            f"milestone-{milestone.pk}",
            f"{milestone.name} ({milestone.release.name})",
            milestone.at,
            said=f"From then on it blocks: {blocks}." if blocks else "",
            path=milestone.release.get_absolute_url(),
            sequence=milestone.moved,
            changed_at=milestone.moved_at or milestone.at,
        )


def _deadlines(exceptions: "QuerySet[ExceptionRequest]") -> Iterator[Event]:
    """Of every exception that ever had a deadline; cancelled where it counts no longer."""
    known = (
        exceptions.filter(Q(expires_at__isnull=False) | Q(expires_with__isnull=False))
        .select_related("release", "expires_with")
        .annotate(
            decided=Count("decisions", distinct=True),
            moved=Count("expires_with__moves", distinct=True),
            changed_at=Max("decisions__at"),
        )
    )
    for exception in known:
        instant = exception.until.instant
        assert instant is not None  # noqa: S101 see the filter
        yield _event(
            f"exception-{exception.pk}",
            f"{exception.reference} ends: {exception.title}",
            instant,
            said=f"What lands in {exception.release.name} before it is fine, what lands then not.",
            path=exception.get_absolute_url(),
            sequence=exception.decided + exception.moved - 1,
            changed_at=exception.changed_at,
            is_over=exception.status in OVER,
        )


def _event(
    name: str,
    title: str,
    at: datetime,
    *,
    said: str,
    path: str,
    sequence: int,
    changed_at: datetime,
    is_over: bool = False,
) -> Event:
    event = Event()
    event.add("uid", f"{name}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", changed_at.replace(microsecond=0))
    event.add("dtstart", at.replace(microsecond=0))
    event.add("sequence", max(0, sequence))
    event.add("summary", title)
    event.add("status", "CANCELLED" if is_over else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy with a deadline
    event.add("url", site_url(path))
    if said:
        event.add("description", said)
    if not is_over:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -WARNED_BEFORE)
        event.add_component(alarm)
    return event


def _calendar(title: str, events: Iterable[Event]) -> HttpResponse:
    calendar = Calendar()
    calendar.add("prodid", "-//Thaw//Releases//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("method", "PUBLISH")
    for event in events:
        calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    patch_cache_control(response, public=True, no_cache=True)
    return response


# --- Atom -------------------------------------------------------------------------------------


@require_safe
@conditional_page
def decisions_feed(request: HttpRequest) -> HttpResponse:
    """The last decisions, the newest first."""
    decisions = Decision.objects.select_related(
        "exception", "by", "new_expires_with"
    ).prefetch_related("new_expires_with__moves")
    feed = _feed("Decisions on freeze exceptions", "/decisions/", request)
    for decision in decisions.order_by("-pk")[:ENTRIES]:
        exception = decision.exception
        until = decision.until_then.instant
        granted = decision.verb in {Verb.GRANT, Verb.EXTEND} and until is not None
        who = decision.by.name if decision.by else "time"
        feed.add_item(
            title=f"{exception.reference} {decision.verb_in_words} by {who}: {exception.title}",
            link=site_url(exception.get_absolute_url()),
            description=f"Until {moment(until)}. {decision.rationale}"  # type: ignore[arg-type] # as granted says
            if granted
            else decision.rationale,
            unique_id=site_url(f"/api/v1/decisions/{decision.pk}/"),
            author_name=who,
            pubdate=decision.at,
            updateddate=decision.at,
            categories=[decision.verb],
        )
    return _answer(feed)


@require_safe
@conditional_page
def exceptions_feed(request: HttpRequest) -> HttpResponse:
    """The exceptions that were asked for last, as they stand."""
    now = timezone.now()
    known = ExceptionRequest.objects.select_related("release", "requester", "expires_with")
    feed = _feed("Freeze exceptions", "/exceptions/", request)
    for exception in known.annotate(changed_at=Max("decisions__at"))[:ENTRIES]:
        status = exception.status_at(now)
        until = exception.until.instant
        stands = f" until {moment(until)}" if status == Status.GRANTED and until else ""
        link = site_url(exception.get_absolute_url())
        feed.add_item(
            title=f"{exception.reference} {exception.title}",
            link=link,
            description=f"{exception.release}: {status.label}{stands}. {exception.why_now}",
            unique_id=link,
            author_name=exception.requester.name,
            pubdate=exception.requested_at,
            updateddate=exception.changed_at,
            categories=[status.value],
        )
    return _answer(feed)


class _StableFeed(Atom1Feed):
    """One that changes only when an entry does, so that it can be kept."""

    def latest_post_date(self) -> datetime:
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime(2011, 1, 1, tzinfo=timezone.get_default_timezone()))


def _feed(title: str, path: str, request: HttpRequest) -> Atom1Feed:
    return _StableFeed(
        title=title,
        link=site_url(path),
        description="",
        feed_url=site_url(request.path),
        feed_guid=site_url(request.path),
    )


def _answer(feed: Atom1Feed) -> HttpResponse:
    text = feed.writeString("utf-8")
    response = HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
    patch_cache_control(response, public=True, no_cache=True)
    return response


# --- Badges -----------------------------------------------------------------------------------

_GREEN, _RED, _GREY = "#2a7d3f", "#b3261e", "#5f6b76"
_COLOURS = {Status.GRANTED: _GREEN, Status.LANDED: _GREEN, Status.REQUESTED: _GREY}
_PIXELS = 6.6  # of one character, at the badge's size


@require_safe
@conditional_page
def exception_badge(request: HttpRequest, reference: str) -> HttpResponse:
    """How an exception stands, as a picture for a README."""
    known = ExceptionRequest.objects.select_related("expires_with").with_deadline()
    exception = get_object_or_404(known.referenced(reference))
    now = timezone.now()
    status, until = exception.status_at(now), exception.until.instant
    says = f"{status.label} until {_short(until)}" if status == Status.GRANTED and until else ""
    colour = _COLOURS.get(status, _RED)
    changes_at = until if status == Status.GRANTED else None
    return _badge(
        request, exception.reference, says or status.label, colour, changes_at=changes_at, now=now
    )


@require_safe
@conditional_page
def proposal_badge(request: HttpRequest) -> HttpResponse:
    """Whether a merge proposal may land: `?ref=` takes what the gate takes."""
    now, words = timezone.now(), request.GET.get("ref", "")
    if len(words) > LONGEST_REFERENCE:
        raise Http404("This is longer than any reference.")
    found = verdict(words, at=now)
    if found.code == Code.UNKNOWN:
        raise Http404(found.reason)
    until = found.found.expires_at if found.found and found.code == Code.STANDS else None
    says = f"may land until {_short(until)}" if until else "may land"
    return _badge(
        request,
        found.release.name if found.release else "release",
        says if found.allowed else f"may not land: {found.code.value.split('_', 1)[-1]}",
        _GREEN if found.allowed else _RED,
        changes_at=found.changes_at,
        now=now,
    )


def _short(at: datetime) -> str:
    return f"{at:%-d %b %H:%M} UTC"


def _badge(
    request: HttpRequest,
    label: str,
    says: str,
    colour: str,
    *,
    changes_at: datetime | None,
    now: datetime,
) -> HttpResponse:
    left, right = (round(len(words) * _PIXELS) + 12 for words in (label, says))
    context: dict[str, Any] = {
        "label": label,
        "says": says,
        "colour": colour,
        "left": left,
        "right": right,
        "width": left + right,
        "label_at": left / 2,
        "says_at": left + right / 2,
    }
    response = render(request, "governance/badge.svg", context, content_type="image/svg+xml")
    longest = timedelta(seconds=settings.GATE_CACHE_SECONDS)
    kept = min(longest, changes_at - now) if changes_at else longest
    patch_cache_control(response, public=True, max_age=int(kept.total_seconds()))
    return response
