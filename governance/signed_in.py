"""Who is signed in, as the person whose name goes on record."""

from django.http import HttpRequest

from governance.refusals import NotAllowed
from releases.models import Person


def person_or_none(request: HttpRequest) -> Person | None:
    """The person of this login, with their roles; None for a stranger, who costs no query."""
    if not request.user.is_authenticated:
        return None
    return Person.objects.prefetch_related("memberships").filter(user_id=request.user.pk).first()


def person(request: HttpRequest) -> Person:
    """Whose decision it is. Raises NotAllowed where the login belongs to nobody."""
    found = person_or_none(request)
    if found is None:
        raise NotAllowed(
            f"The login {request.user.get_username()} belongs to no person, and every decision has"
            " one: choose it on a person's page under People."
        )
    return found
