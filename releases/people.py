"""Who is meant by a name on a command line."""

from releases.models import Person


class WhoIsMeant(ValueError):
    """A name that fits nobody, or several; the message says so."""


def person_named(words: str) -> Person:
    """By handle, login or full name, in that order. Raises WhoIsMeant."""
    for lookup in ("handles__value__iexact", "user__username", "name__iexact"):
        found = list(Person.objects.filter(**{lookup: words}).distinct()[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise WhoIsMeant(f"“{words}” fits more than one person: give a handle that is unique.")
    raise WhoIsMeant(f"Nobody here is known as “{words}”: give a handle, a login or a full name.")
