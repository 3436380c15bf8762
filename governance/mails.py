"""What mails say: one function a mail, each with a subject and a body template.

Each mail has a text and an HTML part, says its times on the reader's clocks beside UTC, and can
be unsubscribed from in one click (RFC 8058).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from icalendar import Calendar, Event

from governance import rights
from governance.lifecycle import Status, Verb
from governance.models import Decision, ExceptionRequest, Notice
from governance.models.announcing import TO_BE_DECIDED
from governance.offsets import in_words
from governance.subjects import Link, Matter, Section
from governance.texts import visible
from releases.addressing import site_url
from releases.models import HandleKind, Person, ProposalState

LONGEST_SUBJECT = 120
UNSUBSCRIBE_SALT = "governance.unsubscribe"


def reminder(notice: Notice, matter: Matter, *, at: datetime) -> EmailMultiAlternatives:
    """Before a deadline, or at it."""
    ahead = notice.deadline_at > at
    context = {
        "matter": matter,
        "ahead": ahead,
        "happens": matter.ahead if ahead else matter.reached,
        "left": in_words((notice.deadline_at - at).total_seconds()),
        "deadline": local_time(notice.deadline_at, notice.recipient.zone),
        "links": [
            {"words": link.words, "url": site_url(link.path)}
            for link in (*matter.links, Link("Its page", matter.path))
        ],
    }
    mail = _mail("reminder", notice, context)
    if ahead:
        _attach_deadline(mail, notice, name=matter.name, title=matter.title, path=matter.path)
    return mail


def expired(notice: Notice, exception: ExceptionRequest, *, at: datetime) -> EmailMultiAlternatives:
    """To its owner and the release managers: how far it came, and the ways on that are theirs."""
    ways = [
        {"words": words, "url": site_url(f"{exception.get_absolute_url()}{verb.value}/")}
        for verb, words in ((Verb.EXTEND, "Extend it"), (Verb.DEFER, "Defer it"))
        if rights.may(notice.recipient, verb, exception, Status.EXPIRED)
    ]
    context = {
        "exception": exception,
        "outcome": outcome(exception),
        "deadline": local_time(notice.deadline_at, notice.recipient.zone),
        "ago": in_words((at - notice.deadline_at).total_seconds()),
        "proposals": list(exception.proposals.all()),
        "ways": ways,
        "decides": rights.who_may(Verb.EXTEND, exception.release),
        "url": site_url(exception.get_absolute_url()),
    }
    return _mail("expired", notice, context)


def decided(notice: Notice, decision: Decision) -> EmailMultiAlternatives:
    """To requester, authors and watchers: what was decided, by whom and why."""
    exception, zone = decision.exception, notice.recipient.zone
    until = decision.until_then.instant
    gives_time = decision.verb in {Verb.GRANT, Verb.EXTEND} and until is not None
    waits, wanted = decision.verb in TO_BE_DECIDED, exception.wanted_until
    context = {
        "decision": decision,
        "exception": exception,
        "waits": waits,
        "verb": decision.verb_in_words,
        "at": local_time(decision.at, zone),
        "wanted_until": local_time(wanted, zone) if waits and wanted else "",
        "proposals": list(exception.proposals.all()) if waits else [],
        "until": local_time(until, zone) if gives_time and until else "",
        "until_in_short": _short_time(until, zone) if gives_time and until else "",
        "conditions": [c.text for c in exception.conditions.all() if c.met_at is None]
        if gives_time
        else [],
        "source_url": _absolute(decision.source_url),
        "url": site_url(exception.get_absolute_url()),
    }
    mail = _mail("decided", notice, context)
    if gives_time and until:
        _attach_deadline(
            mail,
            notice,
            name=exception.reference,
            title=exception.title,
            path=exception.get_absolute_url(),
            at=until,
        )
    return mail


def digest(notice: Notice, sections: Sequence[Section], *, at: datetime) -> EmailMultiAlternatives:
    """To a release manager, each morning on which there is something to tell."""
    local = at.astimezone(ZoneInfo(notice.recipient.zone))
    context = {
        "day": f"{local:%A} {local.day} {local:%B}",
        "sections": [(one, _lines(one, notice.recipient.zone)) for one in sections],
        "counts": [(len(section.lines) + section.more, section.heading) for section in sections],
        "now": local_time(at, notice.recipient.zone),
    }
    return _mail("digest", notice, context)


def _lines(section: Section, zone: str) -> list[Link]:
    """What it lists, each with its instant on the reader's clocks."""
    return [
        replace(line, words=f"{line.words}: {local_time(line.at, zone)}") if line.at else line
        for line in section.lines
    ]


# --- What mails have in common ------------------------------------------------------------------


def local_time(at: datetime, zone: str) -> str:
    """`Tue 31 March 2026 00:00 HST in Pacific/Honolulu (10:00 UTC)`: the reader's clocks first."""
    utc, local = at.astimezone(UTC), at.astimezone(ZoneInfo(zone))
    if zone == "UTC":
        return f"{_day(utc)} {utc:%H:%M} UTC"
    other = f"{utc:%H:%M}" if utc.date() == local.date() else f"{_day(utc)} {utc:%H:%M}"
    return f"{_day(local)} {local:%H:%M %Z} in {zone} ({other} UTC)"


def _short_time(at: datetime, zone: str) -> str:
    """`Tue 31 March 00:00 HST (10:00 UTC)`, for a subject."""
    utc, local = at.astimezone(UTC), at.astimezone(ZoneInfo(zone))
    said = f"{local:%a} {local.day} {local:%B %H:%M %Z}"
    other = f"{utc:%H:%M}" if utc.date() == local.date() else f"{utc:%a %H:%M}"
    return said if zone == "UTC" else f"{said} ({other} UTC)"


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%B} {at.year}"


def _absolute(url: str) -> str:
    return site_url(url) if url.startswith("/") else url


def outcome(exception: ExceptionRequest) -> str:
    """How far its proposals came, as far as that is known; nothing where it names none."""
    proposals = list(exception.proposals.all())
    states = {proposal.state for proposal in proposals if not proposal.why_unknown}
    if states - {ProposalState.MERGED, ProposalState.APPROVED}:
        return "not approved"
    if any(proposal.why_unknown for proposal in proposals):
        return "nobody here knows how far it came"
    if ProposalState.APPROVED in states:
        return "approved but not merged"
    return "landed" if states else ""


def address_of(person: Person) -> str:
    """Where mail reaches a person: their address among their handles, else their login's."""
    handles = person.handles.filter(kind=HandleKind.EMAIL).order_by("pk")
    known = list(handles.values_list("value", flat=True))
    if not known and person.user is not None:
        known = [person.user.email]
    for address in known:
        try:
            validate_email(address)
        except ValidationError:
            continue
        return address
    return ""


def message_id(notice: Notice) -> str:
    """The same for each try, so that a second copy can be told to be one."""
    return f"<{notice.key}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def unsubscribe_token(notice: Notice) -> str:
    return signing.dumps([notice.recipient_id, notice.kind], salt=UNSUBSCRIBE_SALT)


def read_token(token: str) -> tuple[int, str]:
    """Person and kind. Raises BadSignature for what we did not sign."""
    person, kind = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    return person, kind


def _mail(name: str, notice: Notice, context: dict[str, Any]) -> EmailMultiAlternatives:
    unsubscribe = site_url(reverse("unsubscribe", args=[unsubscribe_token(notice)]))
    context |= {
        "person": notice.recipient,
        "site": settings.SITE_URL,
        "unsubscribe_url": unsubscribe,
        "preferences_url": site_url(reverse("me")),
        "kind": notice.get_kind_display().lower(),
    }
    folder = f"governance/mail/{name}"
    mail = EmailMultiAlternatives(
        subject=_subject(render_to_string(f"{folder}.subject.txt", context)),
        body=render_to_string(f"{folder}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address_of(notice.recipient)],
        headers={
            "Message-ID": message_id(notice),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(render_to_string(f"{folder}.html", context), "text/html")
    return mail


def _subject(text: str) -> str:
    line = " ".join(visible(" ".join(text.split())).split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 3].rstrip()}..."


def _attach_deadline(
    mail: EmailMultiAlternatives,
    notice: Notice,
    *,
    name: str,
    title: str,
    path: str,
    at: datetime | None = None,
) -> None:
    """The deadline as an event: one of a later mail takes the place of an earlier one."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    subject = path.strip("/").replace("/", "-")
    at = (at or notice.deadline_at).astimezone(UTC)
    event = Event()
    event.add("uid", f"{subject}-{name}@{host}".replace(" ", "-"))
    event.add("dtstamp", notice.due_at.astimezone(UTC))
    event.add("sequence", max(int(notice.due_at.timestamp()) - 1_000_000_000, 0))
    event.add("dtstart", at)
    event.add("summary", visible(f"{name}: {title}"))
    event.add("url", site_url(path))
    calendar = Calendar()
    calendar.add("prodid", "-//Thaw//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    mail.attach("deadline.ics", calendar.to_ical().decode(), "text/calendar")
