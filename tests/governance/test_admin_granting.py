"""Granting from the form in the admin: until when, on which conditions, within which budget."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.models import Condition, Decision, ExceptionRequest
from tests.factories import make_milestone, make_release, utc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)
SOURCE = "https://example.org/log#l-80"
FRIDAY = {"deadline": "2011-04-01T00:00", "zone": "Pacific/Honolulu"}
ONE_OF_TWO = "Give a time or choose a milestone: one of the two."


@pytest.fixture
def manager(scene, sign_in):
    return sign_in(scene.thea)


def form_of(exception, verb):
    name = "admin:governance_exceptionrequest_decide"
    return reverse(name, args=[exception.pk, verb])


def decide(client, exception, verb, **said):
    return client.post(form_of(exception, verb), {"rationale": "We say so."} | said, follow=True)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def errors(answer):
    """What the form says beside each field; "__all__" is above the form."""
    assert answer.status_code == 200
    assert answer.redirect_chain == []
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def stored():
    """Every exception, decision and condition, as the database has them."""
    return [list(table.objects.values()) for table in (ExceptionRequest, Decision, Condition)]


def test_a_grant_with_a_time_and_a_zone(scene, manager):
    exception = scene.ask()
    said = {"rationale": "A week.", "source_url": SOURCE, "quote": "until Thursday night, Hawaii"}
    answer = decide(manager, exception, "grant", **FRIDAY, **said)
    assert answer.redirect_chain == [
        (reverse("admin:governance_exceptionrequest_change", args=[exception.pk]), 302)
    ]
    assert told(answer) == [f"{exception.reference}: granted until 2011-04-01 10:00 UTC."]
    exception.refresh_from_db()
    assert (exception.status, exception.expires_at, exception.expires_with) == (
        "granted",
        utc(2011, 4, 1, 10),
        None,
    )
    assert (exception.deadline_words, exception.deadline_zone) == (
        "2011-04-01 00:00",
        "Pacific/Honolulu",
    )
    decision = exception.decisions.get(verb="grant")
    assert (decision.by, decision.at, decision.rationale, decision.source_url, decision.quote) == (
        scene.thea,
        scene.now,
        *said.values(),
    )


@pytest.mark.parametrize(
    ("deadline", "zone", "instant"),
    [
        ("2011-04-01T10:00", "UTC", utc(2011, 4, 1, 10)),
        ("2011-04-01 10:00", "Europe/Paris", utc(2011, 4, 1, 8)),
        ("2011-04-01T10:00:30", "Asia/Kolkata", utc(2011, 4, 1, 4, 30, 30)),
        ("2011-04-01T10:00", "", utc(2011, 4, 1, 20)),
        (" 2011-04-01T10:00 ", " UTC ", utc(2011, 4, 1, 10)),
    ],
)
def test_a_time_is_read_on_the_clocks_of_its_zone(deadline, zone, instant, scene, manager):
    exception = scene.ask()
    decide(manager, exception, "grant", deadline=deadline, zone=zone)
    exception.refresh_from_db()
    assert exception.expires_at == instant


def test_a_grant_bound_to_a_milestone_moves_with_it(scene, manager):
    exception = scene.ask()
    answer = decide(
        manager, exception, "grant", milestone=scene.gamma.pk, zone="Pacific/Honolulu", deadline=""
    )
    assert told(answer) == [
        f"{exception.reference}: granted until 2011-04-05 10:00 UTC, with GammaFreeze."
    ]
    scene.gamma.move(to=utc(2011, 4, 7, 10), by=scene.thea, at=scene.now, why="more bugs")
    exception = ExceptionRequest.objects.get()
    assert (exception.expires_at, exception.expires_with) == (None, scene.gamma)
    assert exception.until.instant == utc(2011, 4, 7, 10)


def test_a_grant_without_a_time_or_a_milestone_or_with_both_is_refused(scene, manager):
    exception = scene.ask()
    before = stored()
    both = FRIDAY | {"milestone": scene.gamma.pk}
    for said in ({}, {"deadline": "", "milestone": "", "zone": "UTC"}, both):
        assert errors(decide(manager, exception, "grant", **said)) == {"deadline": [ONE_OF_TWO]}
    assert stored() == before


@pytest.mark.parametrize(
    ("deadline", "zone", "words"),
    [
        (
            "2012-03-11T02:30",
            "America/New_York",
            (
                "There is no 02:30 on 11 March 2012 in America/New_York: the clocks are put"
                " forward. Did you mean 01:30 or 03:30?"
            ),
        ),
        (
            "2011-10-30T02:30",
            "Europe/Paris",
            (
                "02:30 on 30 October 2011 comes twice in Europe/Paris: the clocks are put back."
                " Give it in UTC: 00:30 or 01:30."
            ),
        ),
    ],
    ids=["gap", "fold"],
)
def test_a_time_that_is_none_or_two_is_refused_in_words(deadline, zone, words, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline=deadline, zone=zone)
    assert errors(answer) == {"deadline": [words]}
    assert stored() == before


def test_a_day_that_never_was_is_refused_with_the_days_beside_it(scene, manager):
    exception = scene.ask()
    answer = decide(manager, exception, "grant", deadline="2011-12-30T12:00", zone="Pacific/Apia")
    (words,) = errors(answer)["deadline"]
    assert [day in words for day in ("29 December", "31 December")] == [True, True]


@pytest.mark.parametrize(
    "deadline",
    [
        "Friday",
        "tomorrow EOD",
        "2011-04-31T10:00",
        "2011-04-01T25:00",
        "2011-04-01T10:00Z",
        "2011-04-01T10:00+02:00",
        "99999-01-01T00:00",
        "2011-04-01",
        "2011-W13-5",
    ],
)
def test_what_is_no_date_and_time_is_refused(deadline, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline=deadline, zone="UTC")
    assert errors(answer) == {
        "deadline": ["Write the time as YYYY-MM-DD HH:MM, on the clocks of the zone beside it."]
    }
    assert deadline in answer.content.decode()
    assert stored() == before


@pytest.mark.parametrize(
    ("deadline", "zone"),
    [("9999-12-31T23:59", "Pacific/Honolulu"), ("0001-01-01T00:00", "Asia/Seoul")],
)
def test_a_time_beyond_the_calendar_is_refused(deadline, zone, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline=deadline, zone=zone)
    assert list(errors(answer)) == ["deadline"]
    assert stored() == before


@pytest.mark.parametrize("zone", ["HST10", "Hawaii time", "../etc/passwd", "Mars/Olympus", "é"])
def test_what_is_no_zone_is_refused_by_name(zone, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline="2011-04-01T00:00", zone=zone)
    assert errors(answer) == {
        "zone": [f"“{zone}” is not a time zone. Use an IANA name such as Europe/Paris or UTC."]
    }
    assert stored() == before


@pytest.mark.parametrize(("away", "is_granted"), [(1, True), (0, False), (-1, False)])
def test_a_deadline_is_after_now(away, is_granted, scene, manager):
    exception = scene.ask()
    until = scene.now + timedelta(seconds=away)
    answer = decide(manager, exception, "grant", deadline=f"{until:%Y-%m-%dT%H:%M:%S}", zone="UTC")
    if not is_granted:
        assert errors(answer) == {"deadline": [f"{until:%Y-%m-%d %H:%M} UTC is past already."]}
    exception.refresh_from_db()
    assert exception.status == ("granted" if is_granted else "requested")


def test_a_milestone_that_passed_or_is_of_another_release_is_no_choice(scene, manager):
    exception = scene.ask()
    before = stored()
    elsewhere = make_milestone(release=make_release(), at=scene.gamma.at)
    for milestone in (scene.freeze, elsewhere):
        answer = decide(manager, exception, "grant", milestone=milestone.pk)
        assert errors(answer) == {
            "milestone": ["Select a valid choice. That choice is not one of the available choices."]
        }
    assert stored() == before


def test_conditions_are_given_one_a_line(scene, manager):
    exception = scene.ask()
    decide(
        manager, exception, "grant", **FRIDAY, conditions=" nova-core review \r\n\r\nrelease note\n"
    )
    assert list(exception.conditions.values_list("text", "met_at")) == [
        ("nova-core review", None),
        ("release note", None),
    ]


def test_a_condition_too_long_is_refused_and_none_is_kept(scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", **FRIDAY, conditions=f"review\n{'x' * 501}")
    assert errors(answer) == {
        "conditions": [
            "This is 501 characters long; 500 fit. Say the reason here and link to the rest."
        ]
    }
    assert stored() == before


def test_what_goes_beyond_the_budget_needs_its_reason(scene, manager):
    scene.release.budgets.create(project=scene.nova, limit=1)
    scene.grant()
    exception = scene.ask()
    before = stored()
    assert errors(decide(manager, exception, "grant", **FRIDAY)) == {
        "over_budget": [
            "Nova has 1 exceptions standing and a budget of 1. Say why this one goes beyond it."
        ]
    }
    assert stored() == before
    decide(manager, exception, "grant", **FRIDAY, over_budget="It is a security fix.")
    decision = exception.decisions.get(verb="grant")
    assert decision.over_budget == "It is a security fix."
