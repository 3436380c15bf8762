"""Each verb from its form in the admin: done, or refused in words with nothing stored."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.lifecycle import TRANSITIONS, Verb
from governance.models import Condition, Decision, ExceptionRequest
from tests.factories import make_milestone, make_person, make_release, utc

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


# --- The forms ------------------------------------------------------------------------------------


def test_each_form_asks_what_its_verb_needs(scene, manager):
    exception = scene.ask()
    said = ["rationale", "source_url", "quote"]
    until = ["deadline", "zone", "milestone"]
    asked = {
        verb.value: list(manager.get(form_of(exception, verb)).context["form"].fields)
        for verb in TRANSITIONS
        if verb != Verb.EXPIRE
    }
    assert asked == {
        "grant": [*until, "conditions", "rationale", "over_budget", "source_url", "quote"],
        "extend": [*until, *said],
    } | dict.fromkeys(
        ["deny", "defer", "refuse-extension", "revoke", "withdraw", "land", "revert", "reopen"],
        said,
    )


def test_the_form_offers_the_zone_of_the_release_and_the_milestones_ahead(scene, manager):
    make_milestone(release=make_release(), at=scene.gamma.at)
    form = manager.get(form_of(scene.ask(), "grant")).context["form"]
    assert form["zone"].value() == "Pacific/Honolulu"
    assert list(form.fields["milestone"].queryset) == [scene.gamma]


@pytest.mark.parametrize("verb", ["expire", "request", "delete", "GRANT", "refuse_extension"])
def test_there_is_no_form_for_what_is_no_verb(verb, scene, manager):
    exception = scene.grant()
    before = stored()
    for ask in (manager.get, manager.post):
        assert ask(form_of(exception, verb)).status_code == 404
    assert stored() == before


def test_there_is_no_form_for_an_exception_that_is_not_there(manager):
    assert manager.get("/admin/governance/exceptionrequest/9/decide/grant/").status_code == 404


# --- Granting -------------------------------------------------------------------------------------


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


# --- The other verbs ------------------------------------------------------------------------------


def test_an_extension_moves_the_deadline_out(scene, manager):
    exception = scene.grant()
    answer = decide(manager, exception, "extend", deadline="2011-04-02T00:00", zone="UTC")
    assert told(answer) == [f"{exception.reference}: extended until 2011-04-02 00:00 UTC."]
    exception.refresh_from_db()
    assert (exception.status, exception.expires_at) == ("granted", utc(2011, 4, 2))


def test_an_extension_is_later_than_the_deadline(scene, manager):
    exception = scene.grant()
    before = stored()
    answer = decide(manager, exception, "extend", deadline="2011-04-01T10:00", zone="UTC")
    assert errors(answer) == {
        "deadline": [
            (
                "2011-04-01 10:00 UTC is no later than the present deadline, 2011-04-01 10:00 UTC."
                " To end it sooner, revoke it."
            )
        ]
    }
    assert stored() == before


def test_an_extension_brings_back_what_has_lapsed_and_the_ledger_says_both(scene, manager):
    exception = scene.grant(at=scene.asked_at + HOUR, expires=scene.now - HOUR)
    decide(manager, exception, "extend", deadline="2011-04-02T00:00", zone="UTC")
    assert list(exception.decisions.order_by("sequence").values_list("verb", "at")) == [
        ("request", scene.asked_at),
        ("grant", scene.asked_at + HOUR),
        ("expire", scene.now - HOUR),
        ("extend", scene.now),
    ]
    exception.refresh_from_db()
    assert exception.stands(scene.now)


STEPS = {
    "deny": ([], "denied", "denied"),
    "defer": ([], "deferred", "deferred"),
    "withdraw": ([], "withdrawn", "withdrawn"),
    "refuse-extension": (["grant"], "granted", "extension refused"),
    "revoke": (["grant"], "revoked", "revoked"),
    "land": (["grant"], "landed", "landed"),
    "revert": (["grant", "land"], "reverted", "reverted"),
    "reopen": (["deny"], "requested", "reopened"),
}


def after(scene, verbs):
    exception = scene.ask()
    for verb in verbs:
        if verb == "grant":
            scene.grant(exception)
        else:
            scene.decide(exception, verb)
    return exception


@pytest.mark.parametrize("verb", STEPS)
def test_a_verb_that_asks_only_why(verb, scene, manager):
    verbs, status, words = STEPS[verb]
    exception = after(scene, verbs)
    said = {"rationale": "Because.", "source_url": "/meetings/m/#l-9", "quote": "so be it"}
    answer = decide(manager, exception, verb, **said)
    assert told(answer) == [f"{exception.reference}: {words}."]
    exception.refresh_from_db()
    last = exception.decisions.order_by("sequence").last()
    assert (exception.status, last.verb, last.by, last.at) == (
        status,
        verb,
        scene.thea,
        scene.now,
    )
    assert (last.rationale, last.source_url, last.quote) == tuple(said.values())


@pytest.mark.parametrize("verb", [verb.value for verb in TRANSITIONS if verb != Verb.EXPIRE])
def test_no_verb_goes_without_a_reason(verb, scene, manager):
    verbs, *_ = STEPS.get(verb, (["grant"] if verb == "extend" else [], "", ""))
    exception = after(scene, verbs)
    before = stored()
    until = {"deadline": "2011-04-09T00:00", "zone": "UTC"}
    for rationale in ("", " \r\n "):
        answer = decide(manager, exception, verb, **until, rationale=rationale)
        assert errors(answer) == {"rationale": ["This field is required."]}
    assert stored() == before


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "/\\evil.example",
        "mailto:a@b",
    ],
)
def test_a_source_that_is_no_address_of_a_page_is_refused(url, scene, manager):
    exception = scene.ask()
    before = stored()
    assert errors(decide(manager, exception, "deny", source_url=url)) == {
        "source_url": [
            "Give the source as an address that begins with https:// (or a path on this site)."
        ]
    }
    assert stored() == before


@pytest.mark.parametrize("field", ["rationale", "quote"])
def test_an_invisible_character_is_refused(field, scene, manager):
    exception = scene.ask()
    before = stored()
    answer = decide(manager, exception, "deny", **{field: "no\u202eon"})
    assert errors(answer) == {
        field: [
            (
                "Character 3 is an invisible control character (U+202E), which can make words read"
                " differently. Remove it."
            )
        ]
    }
    assert stored() == before


# --- Refused --------------------------------------------------------------------------------------


def test_what_somebody_decided_meanwhile_is_not_decided_again(scene, manager):
    exception = scene.ask()
    manager.get(form_of(exception, "grant"))
    scene.decide(exception, "deny")
    before = stored()
    assert errors(decide(manager, exception, "grant", **FRIDAY)) == {
        "__all__": [
            (
                f"{exception.reference} is denied; “grant” is for one that is undecided. Somebody"
                " may have decided meanwhile: reload it."
            )
        ]
    }
    assert stored() == before


def test_what_lapsed_while_the_form_was_open_does_not_land(scene, manager, time_machine):
    exception = scene.grant(expires=scene.now + HOUR)
    manager.get(form_of(exception, "land"))
    time_machine.move_to(scene.now + HOUR, tick=False)
    assert errors(decide(manager, exception, "land")) == {
        "__all__": [
            (
                f"{exception.reference} is expired; “land” is for one that is granted. Somebody"
                " may have decided meanwhile: reload it."
            )
        ]
    }
    assert not ExceptionRequest.objects.get().stands(scene.now + HOUR)


def test_the_form_says_how_it_stands_by_the_clock(scene, manager):
    exception = scene.grant(at=scene.asked_at + HOUR, expires=scene.now - HOUR)
    html = manager.get(form_of(exception, "extend")).content.decode()
    assert f"{exception}</a>: expired" in html


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("vera", "Vera may not deny {}: ask a release manager or a project lead."),
        ("ondine", "Ondine may not deny {}: ask a release manager or a project lead."),
        ("jun", "Jun may not deny {}: ask a release manager or a project lead."),
        ("guest", "Guest may not deny {}: ask a release manager or a project lead."),
        (
            "nobody",
            (
                "The login nobody belongs to no person, and every decision has one: choose it on a"
                " person's page under People."
            ),
        ),
    ],
)
def test_who_has_no_right_to_it_is_told_whom_to_ask(who, words, scene, sign_in):
    people = {"guest": lambda: make_person(name="Guest"), "nobody": lambda: None}
    person = people[who]() if who in people else getattr(scene, who)
    exception = scene.ask()
    before = stored()
    answer = decide(sign_in(person, is_superuser=person is None), exception, "deny")
    assert errors(answer) == {"__all__": [words.format(exception.reference)]}
    assert stored() == before


def test_a_lead_decides_where_the_release_says_so(scene, sign_in):
    scene.release.leads_decide = True
    scene.release.save()
    exception = scene.ask()
    decide(sign_in(scene.vera), exception, "deny")
    assert exception.decisions.get(verb="deny").by == scene.vera


def test_who_asked_withdraws_it(scene, sign_in):
    exception = scene.ask()
    decide(sign_in(scene.jun), exception, "withdraw", rationale="It can wait.")
    exception.refresh_from_db()
    assert exception.status == "withdrawn"


@pytest.mark.parametrize("verb", [verb.value for verb in TRANSITIONS if verb != Verb.EXPIRE])
def test_looking_at_a_form_decides_nothing(verb, scene, manager):
    exception = scene.grant()
    before = stored()
    url = form_of(exception, verb)
    query = {"rationale": "x", "deadline": "2011-04-09T00:00", "zone": "UTC"}
    assert manager.get(url, query).status_code == 200
    assert stored() == before
