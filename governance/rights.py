"""Who may do what: one table of role, verb and status that admin, pages and API all read.

What is not in it is not allowed.
"""

from typing import TYPE_CHECKING

from governance.lifecycle import TRANSITIONS, WITH_CONDITIONS, Status, Verb, possible
from releases.models import Membership, Person, Release, Role

if TYPE_CHECKING:
    from governance.models import ExceptionRequest

REQUESTER = "requester"  # not a role one is given: who asked for this exception

_EVERYTHING: dict[Verb, frozenset[Status]] = {
    verb: frozenset(steps) for verb, steps in TRANSITIONS.items() if verb != Verb.EXPIRE
}

# role -> verb -> the statuses in which it may be used
MAY: dict[str, dict[Verb, frozenset[Status]]] = {
    Role.RELEASE_MANAGER: _EVERYTHING,
    Role.PROJECT_LEAD: _EVERYTHING,  # of their own projects, where the release allows it
    REQUESTER: {Verb.WITHDRAW: frozenset([Status.REQUESTED, Status.GRANTED])},
}
MAY_ASK = frozenset([Role.RELEASE_MANAGER, Role.PROJECT_LEAD, Role.REVIEWER, Role.CONTRIBUTOR])
MAY_CONFIRM_CONDITIONS = frozenset([Role.RELEASE_MANAGER, Role.PROJECT_LEAD, Role.REVIEWER])

# Who may move milestones, say as what a proposal counts, and record a policy.
MAY_STEER = frozenset([Role.RELEASE_MANAGER])


def roles(person: Person, exception: "ExceptionRequest") -> set[str]:
    """The roles that a person has towards an exception."""
    concerned = exception.concerned_project_ids()
    held: set[str] = {REQUESTER} if exception.requester_id == person.pk else set()
    led = set()
    for membership in _memberships(person):
        if membership.role == Role.PROJECT_LEAD:
            led.add(membership.project_id)
        elif membership.project_id is None or concerned == {membership.project_id}:
            held.add(membership.role)
    if concerned and concerned <= led:
        held.add(Role.PROJECT_LEAD)
    return held


def _deciding(person: Person, exception: "ExceptionRequest") -> set[str]:
    """The roles that count in decisions: a lead's only where the release lets leads decide."""
    held = roles(person, exception)
    return held if exception.release.leads_decide else held - {Role.PROJECT_LEAD}


def may(person: Person | None, verb: Verb, exception: "ExceptionRequest", status: str) -> bool:
    """Whether this person may use this verb on the exception while it has that status."""
    if person is None:
        return False
    return any(status in MAY.get(role, {}).get(verb, ()) for role in _deciding(person, exception))


def verbs(person: Person | None, exception: "ExceptionRequest", status: str) -> list[Verb]:
    """What this person may do with an exception of that status: the buttons to show."""
    if person is None:
        return []
    held = _deciding(person, exception)
    return [
        verb
        for verb in possible(status)
        if any(status in MAY.get(role, {}).get(verb, ()) for role in held)
    ]


def who_may(verb: Verb, release: Release) -> str:
    """`a release manager or a project lead`: whom to ask for it in this release."""
    return " or ".join(
        f"a {Role(role).label}"
        for role in MAY
        if role in Role and verb in MAY[role]
        if role != Role.PROJECT_LEAD or release.leads_decide
    )


def may_ask(person: Person | None) -> bool:
    """Whether this person may ask for an exception."""
    return person is not None and any(m.role in MAY_ASK for m in _memberships(person))


def may_confirm(person: Person | None, exception: "ExceptionRequest") -> bool:
    """Whether this person may say, as it stands, that a condition is met."""
    if person is None or exception.status not in WITH_CONDITIONS:
        return False
    return bool(roles(person, exception) & MAY_CONFIRM_CONDITIONS)


def may_steer(person: Person | None, project_id: int | None = None) -> bool:
    """Whether this person manages releases: everywhere, or for that project."""
    return person is not None and any(
        membership.role in MAY_STEER and membership.project_id in {None, project_id}
        for membership in _memberships(person)
    )


def may_bring_logs(person: Person | None, *, applied: bool) -> bool:
    """Whether this person may bring the log of a meeting.

    A log is evidence, and anybody with a role may bring some; where what chairs agreed in it is
    `applied` at once, whoever brings a log could decide with it, and has to manage releases.
    """
    return may_steer(person) if applied else may_ask(person)


def _memberships(person: Person) -> list[Membership]:
    return list(person.memberships.all())
