"""A release in its feature freeze, who works on it, and how they are signed in."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from governance.models import ExceptionRequest
from releases.models import Milestone, Person, Project, Release
from tests.factories import (
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)

APPS = ["releases", "governance", "meetings"]


@dataclass(frozen=True)
class Scene:
    """Cactus on a Wednesday morning: frozen for features since six days, GammaFreeze in six."""

    release: Release
    freeze: Milestone
    gamma: Milestone
    nova: Project
    swift: Project
    thea: Person  # release manager
    vera: Person  # leads nova
    ondine: Person  # reviewer
    jun: Person  # contributor

    now = utc(2011, 3, 30, 9)
    asked_at = utc(2011, 3, 29, 21)
    until = utc(2011, 4, 1, 10)

    def ask(self, **fields) -> ExceptionRequest:
        fields.setdefault("proposals", None)
        if fields["proposals"] is None:
            fields["proposals"] = [make_proposal(project=self.nova, release=self.release)]
        defaults = {
            "release": self.release,
            "freeze": self.freeze,
            "title": "Volumes through the API",
            "by": self.jun,
            "at": self.asked_at,
            "why_now": "Without it the API stays incomplete.",
        }
        return ExceptionRequest.objects.ask(**defaults | fields)

    def grant(self, exception=None, **fields) -> ExceptionRequest:
        """One that stands, until Friday unless it is said."""
        exception = exception or self.ask()
        defaults = {
            "by": self.thea,
            "at": self.now,
            "expires": self.until,
            "rationale": "Self-contained.",
        }
        exception.grant(**defaults | fields)
        return exception

    def decide(self, exception, verb, **fields) -> ExceptionRequest:
        said = {"by": self.thea, "at": self.now, "rationale": f"We {verb} it."} | fields
        getattr(exception, verb)(**said)
        return exception


@pytest.fixture
def scene(db) -> Scene:
    release = make_release(name="Cactus", slug="cactus", zone="Pacific/Honolulu")
    nova, swift = make_project(slug="nova", name="Nova"), make_project(slug="swift", name="Swift")
    people = {name: make_person(name=name.capitalize()) for name in "thea vera ondine jun".split()}
    roles = {"thea": "release-manager", "ondine": "reviewer", "jun": "contributor"}
    for name, role in roles.items():
        people[name].memberships.create(role=role)
    people["vera"].memberships.create(role="project-lead", project=nova)
    freeze = make_milestone(
        release=release,
        name="FeatureFreeze",
        kind="feature-freeze",
        at=utc(2011, 3, 24, 10),
        blocks=["feature"],
    )
    gamma = make_milestone(
        release=release, name="GammaFreeze", kind="hard-freeze", at=utc(2011, 4, 5, 10)
    )
    return Scene(release=release, freeze=freeze, gamma=gamma, nova=nova, swift=swift, **people)


@pytest.fixture
def sign_in(django_user_model):
    """`sign_in(person)`: a client of staff with every right of the admin, as that person or none.

    `rights` narrows them to those permissions.
    """

    def sign_in(person=None, *, rights=None, **fields) -> Client:
        name = person.name.lower() if person else "nobody"
        user = django_user_model.objects.create_user(name, **{"is_staff": True} | fields)
        granted = Permission.objects.filter(content_type__app_label__in=APPS)
        user.user_permissions.set(
            granted if rights is None else granted.filter(codename__in=rights)
        )
        if person:
            person.user = user
            person.save()
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def that_morning(time_machine, scene):
    """The clock stands at the scene's now: admin and pages read it."""
    time_machine.move_to(scene.now, tick=False)


@pytest.fixture
def shipped(scene):
    """Cactus as the release being made."""
    return make_milestone(
        release=scene.release, name="Cactus", kind="release", at=utc(2011, 4, 14), slug="cactus"
    )
