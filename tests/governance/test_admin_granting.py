"""Granting from the form in the admin: until when, on which conditions, within which budget."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.models import Condition, Decision, ExceptionRequest, Until
from tests.factories import make_milestone, make_release, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)
SOURCE = "https://example.org/log#l-80"
FRIDAY = {"deadline": "2011-04-01 00:00 Pacific/Honolulu"}
CONFIRM = " If it is meant as read, confirm it below."


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
        "2011-04-01 00:00 Pacific/Honolulu",
        "Pacific/Honolulu",
    )
    decision = exception.decisions.get(verb="grant")
    assert (decision.by, decision.at, decision.rationale, decision.source_url, decision.quote) == (
        scene.thea,
        scene.now,
        *said.values(),
    )


@pytest.mark.parametrize(
    ("words", "instant", "zone", "source"),
    [
        ("2011-04-01T10:00:30", utc(2011, 4, 1, 20, 0, 30), "Pacific/Honolulu", "release"),
        (" 2011-04-01 10:00 UTC ", utc(2011, 4, 1, 10), "UTC", "words"),
        ("2011-04-01 10:00 Europe/Paris", utc(2011, 4, 1, 8), "Europe/Paris", "words"),
        ("2011-04-01T10:00:00Z", utc(2011, 4, 1, 10), "UTC", "words"),
        ("EOD Friday", utc(2011, 4, 2, 10), "Pacific/Honolulu", "release"),
        ("EOD Friday AoE", utc(2011, 4, 2, 12), "AoE", "words"),
        ("18:00 on 1 April, UTC-7", utc(2011, 4, 2, 1), "UTC-07:00", "words"),
        ("in 48 hours", utc(2011, 4, 1, 9), "", ""),
    ],
)
def test_a_deadline_is_given_in_words_and_kept_with_them(
    words, instant, zone, source, scene, manager
):
    exception = scene.ask()
    decide(manager, exception, "grant", deadline=words)
    exception.refresh_from_db()
    kept = Until(at=instant, words=words.strip(), zone=zone, zone_source=source)
    assert (exception.until, exception.decisions.get(verb="grant").until) == (kept, kept)
    assert Decision.objects.first_broken() is None


def test_a_grant_until_a_milestone_moves_with_it(scene, manager):
    exception = scene.ask()
    answer = decide(manager, exception, "grant", deadline="until gamma freeze")
    assert told(answer) == [
        f"{exception.reference}: granted until 2011-04-05 10:00 UTC, with GammaFreeze."
    ]
    scene.gamma.move(to=utc(2011, 4, 7, 10), by=scene.thea, at=scene.now, why="more bugs")
    exception = ExceptionRequest.objects.get()
    assert (exception.expires_at, exception.expires_with) == (None, scene.gamma)
    assert exception.until.instant == utc(2011, 4, 7, 10)


def test_what_is_doubtful_is_shown_and_stored_only_when_that_very_instant_is_confirmed(
    scene, manager
):
    exception = scene.ask()
    before = stored()
    warning = (
        "PST is UTC-08:00, but then the clocks of America/Los_Angeles show UTC-07:00: by them it is"
        " 2011-04-02 07:00 UTC."
    )
    for confirmed in ({}, {"deadline_confirmed": "on"}, {"deadline_confirmed": "2011-04-02"}):
        answer = decide(manager, exception, "grant", deadline="EOD Friday PST", **confirmed)
        assert errors(answer) == {"deadline": [warning + CONFIRM]}
        html = answer.content.decode()
        assert 'name="deadline_confirmed" value="2011-04-02T08:00:00Z"' in html
        assert "It is meant as Saturday 2 April 2011 08:00 UTC" in html
    assert stored() == before
    yes = {"deadline_confirmed": "2011-04-02T08:00:00Z"}
    assert list(errors(decide(manager, exception, "grant", deadline="EOD Monday PST", **yes))) == [
        "deadline"
    ]
    assert stored() == before
    decide(manager, exception, "grant", deadline="EOD Friday PST", **yes)
    exception.refresh_from_db()
    assert exception.until == Until(
        at=utc(2011, 4, 2, 8),
        words="EOD Friday PST",
        zone="UTC-08:00",
        zone_source="words",
        warnings=(warning,),
    )


def test_how_a_deadline_was_read_is_signed_with_the_decision(scene, manager):
    exception = scene.ask()
    decide(manager, exception, "grant", deadline="EOD Friday")
    decision = exception.decisions.get(verb="grant")
    decision.deadline_reading = {"zone_source": "words", "warnings": []}
    assert decision.computed_hash() != decision.hash


def test_words_beside_the_deadline_are_told_to_be_unread(scene, manager):
    exception = scene.ask()
    answer = decide(manager, exception, "grant", deadline="EOD Friday if Bob agrees")
    assert errors(answer) == {"deadline": [f"“if Bob agrees” was not read.{CONFIRM}"]}


def test_a_grant_without_a_deadline_is_refused(scene, manager):
    exception = scene.ask()
    before = stored()
    for said in ({}, {"deadline": " "}, {"milestone": scene.gamma.pk, "zone": "UTC"}):
        assert errors(decide(manager, exception, "grant", **said)) == {
            "deadline": ["Say until when."]
        }
    assert stored() == before


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (
            "2012-03-11 02:30 America/New_York",
            (
                "There is no 02:30 on 11 March 2012 in America/New_York: the clocks are put"
                " forward. Did you mean 01:30 or 03:30?"
            ),
        ),
        (
            "2011-10-30 02:30 Europe/Paris",
            (
                "02:30 on 30 October 2011 comes twice in Europe/Paris: the clocks are put back."
                " Give it in UTC: 00:30 or 01:30."
            ),
        ),
    ],
    ids=["gap", "fold"],
)
def test_a_time_that_is_none_or_two_is_refused_in_words(deadline, words, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline=deadline)
    (said,) = errors(answer)["deadline"]
    assert said.startswith(words)
    assert stored() == before


def test_a_day_that_never_was_is_refused_with_the_days_beside_it(scene, manager):
    exception = scene.ask()
    answer = decide(manager, exception, "grant", deadline="2011-12-30 12:00 Pacific/Apia")
    (words,) = errors(answer)["deadline"]
    assert [day in words for day in ("29 December", "31 December")] == [True, True]


REFUSED = {
    "whenever": "These words name no time by which something is due.",
    "in a few hours": "These words name no time by which something is due.",
    "until beta-2": "“beta-2” is no milestone of this release.",
    "by next meeting": "When the next meeting is, is not known here.",
    "2011-04-31 10:00": "There is no day 2011-04-31.",
    "9999-12-31 23:59": "The year 9999 is beyond the calendar of any release.",
    "0001-01-01 00:00": "The year 0001 is beyond the calendar of any release.",
    "Friday 7 April": (
        "7 April 2011 is a Thursday, not a Friday. Did you mean Friday 8 April 2011? It could be"
        " 8 April 09:59 to 9 April 2011 10:00 UTC."
    ),
    "EOD CST": (
        "“CST” is the time of several places: America/Chicago, Asia/Shanghai, America/Havana. Name"
        " one of them. It could be 30 March 15:59 to 31 March 2011 05:00 UTC."
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_one_instant_is_refused_in_words(words, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "grant", deadline=words)
    assert errors(answer) == {"deadline": [REFUSED[words]]}
    assert words in answer.content.decode()
    assert stored() == before


@pytest.mark.parametrize(("away", "is_granted"), [(1, True), (0, False), (-1, False)])
def test_a_deadline_is_after_now(away, is_granted, scene, manager):
    exception = scene.ask()
    until = scene.now + timedelta(seconds=away)
    answer = decide(manager, exception, "grant", deadline=f"{until:%Y-%m-%dT%H:%M:%S}Z")
    if not is_granted:
        assert errors(answer) == {"deadline": [f"{until:%Y-%m-%d %H:%M} UTC is past already."]}
    exception.refresh_from_db()
    assert exception.status == ("granted" if is_granted else "requested")


def test_a_milestone_that_passed_or_is_of_another_release_is_no_deadline(scene, manager):
    exception = scene.ask()
    before = stored()
    make_milestone(release=make_release(), name="OtherFreeze", at=scene.gamma.at)
    said = {
        "until FeatureFreeze": "2011-03-24 10:00 UTC, with FeatureFreeze is past already.",
        "until OtherFreeze": "“OtherFreeze” is no milestone of this release.",
    }
    for words, refusal in said.items():
        answer = decide(manager, exception, "grant", deadline=words)
        assert errors(answer) == {"deadline": [refusal]}
    assert stored() == before


PREVIEWS = [
    ({"words": "EOD Friday", "release": "cactus"}, 'Until <time datetime="2011-04-02T10:00:00Z"'),
    ({"deadline": "until GammaFreeze", "release": "cactus"}, "it moves with the milestone"),
    (
        {"words": "by EOD", "at": "2011-03-29T21:22:20Z"},
        "29 March 21:59 to 30 March 2011 12:00 UTC",
    ),
    ({"words": "EOD Friday PST", "release": "cactus"}, "Read as <time"),
    ({"words": "<b>", "release": "\x00", "at": "0001-01-01T00:00:00+14:00"}, "no time by which"),
    ({"wanted_until": "EOD", "release": "9" * 400, "at": "tomorrow"}, "No zone was said."),
]


@pytest.mark.parametrize(("asked", "shown"), PREVIEWS)
def test_the_reading_is_shown_before_anything_is_saved(asked, shown, scene, client):
    answer = client.get("/deadline/", asked)
    assert answer.status_code == 200
    assert shown in answer.content.decode()


def test_nothing_typed_shows_nothing_and_nothing_is_posted(scene, client):
    assert client.get("/deadline/").content.strip() == b""
    assert client.post("/deadline/", {"words": "EOD"}).status_code == 405


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
            "Nova has 1 exception standing and a budget of 1. Say why this one goes beyond it."
        ]
    }
    assert stored() == before
    decide(manager, exception, "grant", **FRIDAY, over_budget="It is a security fix.")
    decision = exception.decisions.get(verb="grant")
    assert decision.over_budget == "It is a security fix."
