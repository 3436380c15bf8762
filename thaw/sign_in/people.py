"""Which login, and which person, an account elsewhere is the first time it comes.

Later it is known by its provider's own unchanging name for it, whatever else is said of it.
"""

import re
from itertools import chain, count

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from governance.refusals import NotAllowed
from releases.models import Handle, HandleKind, Person
from thaw.sign_in.account import Account

LONGEST_USERNAME = 100
_UNUSUAL = re.compile(r"[^A-Za-z0-9.+_-]+")


@transaction.atomic
def login_for(account: Account, *, provider: str, new_people: bool) -> User:
    """A new login for the person that the account is. Raises NotAllowed with what to do.

    A login that exists is never opened: what a provider says of somebody may be wrong or old,
    and whoever holds the login joins the account to it from within.
    """
    if account.unverified:
        raise NotAllowed(
            f"{provider} has not verified the address {account.unverified}. Have it verified"
            " there, and sign in again."
        )
    person = _known(account, provider=provider)
    if person is None and not new_people:
        raise NotAllowed(
            f"Nobody here is known as {account.shown} at {provider}. Whoever runs this site enters"
            " people, with their handles, in the admin."
        )
    username = _free_username(account, person)
    user = User(username=username, email=next(iter(account.emails), ""))
    user.set_unusable_password()
    user.save()
    if person is None:
        person = Person(name=account.name or account.username or username)
    person.user = user
    person.save()
    note_handle(account, person)
    if account.emails and not person.handles.filter(kind=HandleKind.EMAIL).exists():
        person.handles.create(kind=HandleKind.EMAIL, value=account.emails[0])
    return user


def note_handle(account: Account, person: Person) -> None:
    """Enter the handle that an account proves, where nobody has it."""
    if account.handle is not None:
        kind, value = account.handle
        if not Handle.objects.filter(kind=kind, value__iexact=value).exists():
            person.handles.create(kind=kind, value=value)


def _known(account: Account, *, provider: str) -> Person | None:
    """The person without a login whom the account's handle or verified addresses name."""
    named = [account.handle] if account.handle else []
    named += [(HandleKind.EMAIL, email) for email in account.emails]
    handles = list(
        chain.from_iterable(
            Handle.objects.filter(kind=kind, value__iexact=value) for kind, value in named
        )
    )
    # Compared once more, letter by letter: a database may take other letters for the same.
    exact = {(kind, value.lower()) for kind, value in named}
    keys = {one.person_id for one in handles if (one.kind, one.value.lower()) in exact}
    if len(keys) > 1:
        raise NotAllowed(
            f"{account.shown} at {provider} fits more than one person here. Whoever runs this site"
            " can make them one."
        )
    person = Person.objects.select_for_update().filter(pk__in=keys).first()
    addressed = Q()
    for email in account.emails:
        addressed |= Q(email__iexact=email)
    if (person and person.user_id) or (addressed and User.objects.filter(addressed).exists()):
        raise NotAllowed(
            f"You have a login here already. Sign in with it, then join {account.shown} at"
            f" {provider} to it on your page."
        )
    return person


def _free_username(account: Account, person: Person | None) -> str:
    """A name for the login by which nobody else here is known already."""
    wanted = account.username or next(iter(account.emails), "").partition("@")[0]
    stem = _UNUSUAL.sub("-", wanted).strip("-.")[:LONGEST_USERNAME] or "somebody"
    others = Handle.objects.exclude(person=person) if person else Handle.objects.all()
    people = Person.objects.exclude(pk=person.pk) if person else Person.objects.all()
    for number in count(1):
        name = stem if number == 1 else f"{stem}-{number}"
        if not (
            User.objects.filter(username__iexact=name).exists()
            or others.filter(value__iexact=name).exists()
            or people.filter(name__iexact=name).exists()
        ):
            return name
    raise AssertionError("unreachable: numbers do not end")
