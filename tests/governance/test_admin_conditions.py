"""Confirming the conditions of an exception in the admin, each by name."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.models import Condition
from tests.factories import make_proposal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)


def page_of(exception):
    return reverse("admin:governance_exceptionrequest_change", args=[exception.pk])


def confirm_url(exception, condition):
    name = "admin:governance_exceptionrequest_confirm"
    return reverse(name, args=[exception.pk, condition.pk])


def test_a_condition_is_confirmed_by_name_and_at_an_instant(scene, sign_in):
    exception = scene.grant(conditions=["nova-core review"])
    condition = exception.conditions.get()
    answer = sign_in(scene.ondine).post(confirm_url(exception, condition), follow=True)
    assert answer.redirect_chain == [(page_of(exception), 302)]
    assert [str(message) for message in answer.context["messages"]] == [
        "“nova-core review” is confirmed."
    ]
    assert list(Condition.objects.values_list("met_by__name", "met_at")) == [("Ondine", scene.now)]


def test_a_condition_is_confirmed_once(scene, sign_in, time_machine):
    exception = scene.grant(conditions=["nova-core review"])
    condition = exception.conditions.get()
    condition.confirm(by=scene.ondine, at=scene.now)
    time_machine.move_to(scene.now + HOUR, tick=False)
    answer = sign_in(scene.thea).post(confirm_url(exception, condition), follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Ondine has confirmed this already."
    ]
    assert list(Condition.objects.values_list("met_by__name", "met_at")) == [("Ondine", scene.now)]


@pytest.mark.parametrize("who", ["jun", "nobody"])
def test_a_condition_is_not_confirmed_by_who_may_not(who, scene, sign_in):
    """Vera leads nova, and this is about swift."""
    asked = scene.ask(proposals=[make_proposal(project=scene.swift)])
    exception = scene.grant(asked, conditions=["swift-core review"])
    client = sign_in() if who == "nobody" else sign_in(getattr(scene, who))
    answer = client.post(confirm_url(exception, exception.conditions.get()), follow=True)
    (message,) = (str(message) for message in answer.context["messages"])
    words = {
        "jun": f"Jun may not confirm conditions of {exception.reference}.",
        "vera": f"Vera may not confirm conditions of {exception.reference}.",
        "nobody": "The login nobody belongs to no person, and every decision has one: choose it on"
        " a person's page under People.",
    }
    assert (message, Condition.objects.get().met_at) == (words[who], None)


def test_a_condition_is_not_confirmed_by_looking_nor_through_another_exception(scene, sign_in):
    exception, other = scene.grant(conditions=["nova-core review"]), scene.grant()
    condition, reviewer = exception.conditions.get(), sign_in(scene.ondine)
    assert reviewer.get(confirm_url(exception, condition)).status_code == 302
    assert reviewer.post(confirm_url(other, condition)).status_code == 404
    assert Condition.objects.get().met_at is None
