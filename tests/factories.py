"""Records with defaults: `make_release(name="Bexar")`. Each call makes a new one."""

from datetime import UTC, datetime
from itertools import count

from governance.lifecycle import Status
from governance.models import Budget, ExceptionRequest, Until
from releases.models import (
    Forge,
    MergeProposal,
    Milestone,
    MilestoneKind,
    Person,
    Project,
    Release,
    Role,
)

_numbers = count(1)


def utc(*parts: int) -> datetime:
    """`utc(2011, 3, 30, 10)`: an aware instant."""
    return datetime(*parts, tzinfo=UTC)


def make_person(**fields) -> Person:
    return Person.objects.create(**{"name": f"Person {next(_numbers)}"} | fields)


def make_project(**fields) -> Project:
    number = next(_numbers)
    return Project.objects.create(
        **{"slug": f"project-{number}", "name": f"Project {number}"} | fields
    )


def make_release(**fields) -> Release:
    number = next(_numbers)
    return Release.objects.create(
        **{"slug": f"release-{number}", "name": f"Release {number}"} | fields
    )


def make_milestone(**fields) -> Milestone:
    number = next(_numbers)
    defaults = {
        "slug": f"milestone-{number}",
        "name": f"Milestone {number}",
        "kind": MilestoneKind.OTHER,
        "at": utc(2011, 4, 7),
    }
    fields.setdefault("release", None)
    if fields["release"] is None:
        fields["release"] = make_release()
    return Milestone.objects.create(**defaults | fields)


def make_proposal(**fields) -> MergeProposal:
    key = str(next(_numbers) + 50_000)
    defaults = {
        "forge": Forge.LAUNCHPAD,
        "key": key,
        "url": f"https://code.launchpad.net/~somebody/nova/branch/+merge/{key}",
    }
    return MergeProposal.objects.create(**defaults | fields)


def make_member(role: Role, project: Project | None = None, **fields) -> Person:
    """A person with a role, in one project or in all of them."""
    person = make_person(**fields)
    person.memberships.create(role=role, project=project)
    return person


def make_manager(**fields) -> Person:
    """A release manager of everything."""
    return make_member(Role.RELEASE_MANAGER, **fields)


def make_freeze(**fields) -> Milestone:
    """A feature freeze, in force from 24 March 2011 on."""
    defaults = {
        "kind": MilestoneKind.FEATURE_FREEZE,
        "at": utc(2011, 3, 24),
        "blocks": ["feature"],
    }
    return make_milestone(**defaults | fields)


DEADLINE = utc(2011, 3, 30, 10)  # of exceptions, where a test names none

# How an exception comes to a status: verb and instant, by a release manager.
_WAYS: dict[Status, tuple[tuple[str, datetime], ...]] = {
    Status.REQUESTED: (),
    Status.GRANTED: (("grant", utc(2011, 3, 26)),),
    Status.DENIED: (("deny", utc(2011, 3, 26)),),
    Status.DEFERRED: (("defer", utc(2011, 3, 26)),),
    Status.WITHDRAWN: (("withdraw", utc(2011, 3, 26)),),
    Status.EXPIRED: (("grant", utc(2011, 3, 26)), ("expire", utc(2011, 3, 31))),
    Status.REVOKED: (("grant", utc(2011, 3, 26)), ("revoke", utc(2011, 3, 27))),
    Status.LANDED: (("grant", utc(2011, 3, 26)), ("land", utc(2011, 3, 27))),
    Status.REVERTED: (
        ("grant", utc(2011, 3, 26)),
        ("land", utc(2011, 3, 27)),
        ("revert", utc(2011, 3, 28)),
    ),
}


def make_exception(
    *,
    status: str = Status.REQUESTED,
    expires: datetime | Milestone | Until = DEADLINE,
    conditions: tuple[str, ...] = (),
    manager: Person | None = None,
    **asked,
) -> ExceptionRequest:
    """An exception asked for on 25 March 2011 and brought to a status by its own verbs.

    What is asked for is given as to `ExceptionRequest.objects.ask`; if neither proposals nor a
    project are named it is for one new proposal. `expires` and `conditions` go into the grant.
    """
    release = asked.pop("release", None) or getattr(asked.get("freeze"), "release", None)
    release = release or make_release()
    if "project" not in asked and "proposals" not in asked:
        asked["proposals"] = [make_proposal(release=release, project=make_project())]
    defaults = {
        "by": asked.pop("by", None) or make_member(Role.CONTRIBUTOR),
        "freeze": asked.pop("freeze", None) or make_freeze(release=release),
        "title": "Volumes in the API",
        "at": utc(2011, 3, 25),
        "why_now": "Users wait for it.",
    }
    exception = ExceptionRequest.objects.ask(release=release, **defaults | asked)
    said = {"by": manager or (make_manager() if _WAYS[Status(status)] else None)}
    said["rationale"] = "Agreed in the meeting."
    for verb, at in _WAYS[Status(status)]:
        if verb == "expire":
            exception.expire(at=max(at, exception.until.instant))
        elif verb == "grant":
            exception.grant(at=at, expires=expires, conditions=conditions, **said)
        else:
            getattr(exception, verb)(at=at, **said)
    return exception


def make_budget(**fields) -> Budget:
    return Budget.objects.create(**{"limit": 1} | fields)
