"""Which roles the groups of a provider give: `release-team=release-manager,nova=reviewer:nova`."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured

from releases.models import Membership, Person, Project, Role

LONGEST = 200  # characters of a group's name
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GroupRole:
    """Who is in the group has the role, in the project with that slug or (None) in all."""

    group: str
    role: Role
    project: str | None


def parse_group_roles(told: Iterable[str]) -> tuple[GroupRole, ...]:
    """Raises ImproperlyConfigured for what gives no role: a misspelling must not read as none."""
    return tuple(_parse(one) for one in told)


def _parse(told: str) -> GroupRole:
    group, separator, given = told.rpartition("=")
    name, colon, project = given.partition(":")
    no_project = bool(colon) and not project.strip()  # must not read as every project
    if not separator or not group.strip() or no_project or len(group) > LONGEST:
        raise ImproperlyConfigured(f"OIDC_ROLES: “{told}” is not group=role or group=role:project.")
    if name not in Role.values:
        known = ", ".join(Role.values)
        raise ImproperlyConfigured(f"OIDC_ROLES: “{name}” in “{told}” is no role: {known}.")
    if name == Role.PROJECT_LEAD and not project:
        raise ImproperlyConfigured(
            f"OIDC_ROLES: a lead leads a project: “{told}:…” needs its slug."
        )
    return GroupRole(group.strip(), Role(name), project or None)


def follow(
    person: Person,
    groups: Collection[str],
    *,
    rules: Iterable[GroupRole],
    by: AbstractBaseUser,
    why: str,
) -> None:
    """Give and end somebody's roles as their groups say, and put it into the person's history.

    Nothing that a person gave by hand is touched. `by` is whose login it is, `why` what was done.
    """
    rules = [rule for rule in rules if rule.group in groups]
    slugs = {rule.project for rule in rules if rule.project}
    projects = dict(Project.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    roles: dict[tuple[str, int | None], str] = {}
    for rule in rules:
        if rule.project and rule.project not in projects:
            _log.warning("OIDC_ROLES names the project %s, which is not here.", rule.project)
        else:
            project = projects[rule.project] if rule.project else None
            roles.setdefault((rule.role, project), rule.group)
    followed = Membership.objects.follow_groups(person=person, roles=roles)
    told = [
        *(f"{_named(one)} given" for one in followed.given),
        *(f"{_named(one)} ended" for one in followed.ended),
    ]
    if told:
        LogEntry.objects.log_actions(
            by.pk, [person], CHANGE, f"{why}: {', '.join(told)}.", single_object=True
        )


def _named(one: Membership) -> str:
    where = f" of {one.project}" if one.project else ""
    return f"{one.get_role_display()}{where} (group {one.from_group})"
