"""Where forges send their events: what is signed and new updates a proposal that is known here."""

from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance import statuses
from governance.models import SeenEvent
from releases import hooks
from releases.hooks import LONGEST, Event, Unreadable
from releases.host_settings import by_host
from releases.models import MergeProposal


@csrf_exempt
@require_POST
def receive(request: HttpRequest, forge: str) -> JsonResponse:
    """200 and what became of it; 401 for a wrong signature, which changes nothing.

    Nothing is read of a body before it is known to be signed with one of our secrets.
    """
    now = timezone.now()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LONGEST:
        return _answer(413, f"This is longer than the {LONGEST:,} bytes of an event.")
    body = request.body
    signers = {
        host
        for host, secret in by_host("FORGE_SECRETS").items()
        if hooks.is_signed(forge, request.headers, body, secret=secret, at=now)
    }
    if not signers:
        return _answer(401, "It is not signed with the secret of any host that is known here.")
    try:
        return _answer(*_taken(forge, body, signers, at=now))
    except Unreadable as error:
        return _answer(400, str(error))


def _taken(forge: str, body: bytes, signers: set[str], *, at: datetime) -> tuple[int, str]:
    """What became of a body that is signed for these hosts. Raises Unreadable."""
    host, event = hooks.host_of(forge, body), hooks.read(forge, body)
    if host not in signers:
        return 401, "It is not signed with the secret of the host that it names."
    if event is None:
        return 200, "It is not of a proposal, so nothing was to be done."
    if event.host != host:
        return 400, f"It is from {host} and speaks of {event.host}."
    # What is signed is the body, so that no header makes a new message of an old one.
    return 200, take(event, host=host, number=sha256(body).hexdigest(), at=at)


def _answer(status: int, words: str) -> JsonResponse:
    return JsonResponse({"detail": words}, status=status)


def take(event: Event, *, host: str, number: str, at: datetime) -> str:
    """Update the proposal; what became of it, in words.

    A repository is known by a proposal of it that somebody entered; then a new one is entered too.
    """
    with transaction.atomic():
        if not _first_time(event, host=host, number=number, at=at):
            return "It was taken before."
        proposal = MergeProposal.objects.filter(
            forge=event.reference.forge, key__iexact=event.reference.key
        ).first()
        if proposal is None:
            proposal = _entered(event)
        if proposal is None:
            return "Nothing of this repository is followed here."
        later = SeenEvent.objects.filter(host=host, target=event.reference.target, at__gt=event.at)
        if later.exists():
            return "Something later is known of it already."
        MergeProposal.objects.filter(pk=proposal.pk).update(
            title=event.title,
            branch=event.branch,
            state=event.state,
            merged_at=event.merged_at,
            synced_at=at,  # its forge has said how it stands
        )
        statuses.follow(proposal, commit=event.commit, host=host, at=at)
    return f"{event.reference.target} is {event.state}."


def _first_time(event: Event, *, host: str, number: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            SeenEvent.objects.create(
                host=host,
                key=number,
                target=event.reference.target[:1100],
                at=event.at,
                received_at=at,
            )
    except IntegrityError:
        return False
    return True


def _entered(event: Event) -> MergeProposal | None:
    """A record of a proposal new to us, in the project of the others of its repository."""
    known = MergeProposal.objects.filter(
        forge=event.reference.forge, key__istartswith=event.repository
    )
    sibling = known.order_by("-pk").first()
    if sibling is None:
        return None
    proposal = MergeProposal.objects.from_reference(event.reference)
    proposal.project_id = sibling.project_id
    proposal.save(update_fields=["project"])
    return proposal
