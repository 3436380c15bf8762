from collections.abc import Mapping
from typing import NamedTuple, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Lower

from releases.addressing import address_of
from releases.zones import validate_zone


class PersonQuerySet(models.QuerySet["Person"]):
    def known_as(self, handle: str) -> Self:
        """Who has that handle, in any case. Mail addresses are nobody's to try out."""
        handles = Handle.objects.exclude(kind=HandleKind.EMAIL).filter(value__iexact=handle)
        return self.filter(pk__in=handles.order_by().values("person"))

    def called(self, name: str) -> Self:
        """By their whole name, or by a handle, in any case."""
        return self.filter(models.Q(name__iexact=name) | models.Q(pk__in=self.known_as(name)))


class Person(models.Model):
    """Somebody who speaks, proposes, reviews or decides; with a login or without one."""

    name = models.CharField(max_length=120)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        help_text="The login of this person, if they have one here.",
    )
    zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text="IANA name, such as Pacific/Honolulu. Times are shown in it beside UTC.",
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "people"
        indexes = [models.Index(fields=["name", "id"], name="person_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("person", self.pk)


class HandleKind(models.TextChoices):
    IRC = "irc", "IRC nick"
    LAUNCHPAD = "launchpad", "Launchpad"
    GITHUB = "github", "GitHub"
    GERRIT = "gerrit", "Gerrit"
    GITLAB = "gitlab", "GitLab"
    FORGEJO = "forgejo", "Forgejo or Gitea"
    EMAIL = "email", "Email"


class Handle(models.Model):
    """A name under which a person is known somewhere; nobody else has it there."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="handles")
    kind = models.CharField(max_length=16, choices=HandleKind)
    value = models.CharField(max_length=254)

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                "kind",
                Lower("value"),
                name="handle_belongs_to_one_person",
                violation_error_message="Somebody already has this handle.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=HandleKind.values), name="handle_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.get_kind_display()})"


class Role(models.TextChoices):
    RELEASE_MANAGER = "release-manager", "release manager"
    PROJECT_LEAD = "project-lead", "project lead"
    REVIEWER = "reviewer", "reviewer"
    CONTRIBUTOR = "contributor", "contributor"


class Followed(NamedTuple):
    """What a sign-in changed about somebody's roles."""

    given: list["Membership"]
    ended: list["Membership"]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def follow_groups(
        self, *, person: Person, roles: Mapping[tuple[str, int | None], str]
    ) -> Followed:
        """Make somebody's roles by groups these: by role and project (None: all), the group.

        What was given by hand stays as it is, also where a group gives the same.
        """
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=person.pk)  # two sign-ins at once take turns
            held: list[Membership] = list(self.filter(person=person))
            ended = [one for one in held if one.from_group and one.held_as not in roles]
            self.filter(pk__in=[one.pk for one in ended]).delete()
            stay = [one for one in held if one.from_group and one.held_as in roles]
            for one in stay:
                one.from_group = roles[one.held_as]
            Membership.objects.bulk_update(stay, ["from_group"])
            given = [
                Membership(person=person, role=role, project_id=project, from_group=group)
                for (role, project), group in roles.items()
                if (role, project) not in {one.held_as for one in held}
            ]
            Membership.objects.bulk_create(given)
        return Followed(given, ended)


class Membership(models.Model):
    """The role that a person has, in one project or (without a project) in all of them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    project = models.ForeignKey(
        "releases.Project",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        help_text="Empty: in every project.",
    )
    from_group = models.CharField(
        "given by the group",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=(
            "The group elsewhere that gives this role for as long as sign-in says so. Empty it,"
            " and the role is given by hand and stays."
        ),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["person", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "project"], name="membership_once_in_project"
            ),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(project__isnull=True),
                name="membership_once_everywhere",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.PROJECT_LEAD) | models.Q(project__isnull=False),
                name="membership_lead_has_project",
                violation_error_message="A project lead leads a project: name it.",
            ),
        ]

    def __str__(self) -> str:
        where = f" of {self.project}" if self.project else ""
        return f"{self.person}: {self.get_role_display()}{where}"

    @property
    def held_as(self) -> tuple[str, int | None]:
        """What nobody holds twice: the role, and the key of the project or None for all."""
        return self.role, self.project_id
