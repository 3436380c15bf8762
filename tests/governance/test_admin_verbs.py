"""Each verb from its form in the admin: done, or refused in words with nothing stored."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.lifecycle import TRANSITIONS, Verb
from governance.models import Condition, Decision, ExceptionRequest
from tests.factories import make_person, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)
SOURCE = "https://example.org/log#l-80"
FRIDAY = {"deadline": "2011-04-01 00:00 Pacific/Honolulu"}


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
    scene.release.budgets.create(project=scene.nova, limit=1)
    said = ["rationale", "source_url", "quote"]
    until = ["deadline"]
    asked = {
        verb.value: list(manager.get(form_of(exception, verb)).context["form"].fields)
        for verb in TRANSITIONS
        if verb != Verb.EXPIRE
    }
    assert asked == {
        "grant": [*until, "conditions", "rationale", "over_budget", "source_url", "quote"],
        "extend": [*until, "rationale", "over_budget", "source_url", "quote"],
    } | dict.fromkeys(
        ["deny", "defer", "refuse-extension", "revoke", "withdraw", "land", "revert", "reopen"],
        said,
    )


def test_a_release_without_budgets_asks_for_no_reason_to_go_beyond_one(scene, manager):
    form = manager.get(form_of(scene.ask(), Verb.GRANT)).context["form"]
    assert list(form.fields) == ["deadline", "conditions", "rationale", "source_url", "quote"]


def test_the_form_shows_the_reading_for_its_release_as_it_is_typed(scene, manager):
    html = manager.get(form_of(scene.ask(), "grant")).content.decode()
    assert 'hx-get="/deadline/?release=cactus"' in html
    assert 'id="deadline-reading"' in html


@pytest.mark.parametrize("verb", ["expire", "request", "delete", "GRANT", "refuse_extension"])
def test_there_is_no_form_for_what_is_no_verb(verb, scene, manager):
    exception = scene.grant()
    before = stored()
    for ask in (manager.get, manager.post):
        assert ask(form_of(exception, verb)).status_code == 404
    assert stored() == before


def test_there_is_no_form_for_an_exception_that_is_not_there(manager):
    assert manager.get("/admin/governance/exceptionrequest/9/decide/grant/").status_code == 404


# --- The other verbs ------------------------------------------------------------------------------


def test_an_extension_moves_the_deadline_out(scene, manager):
    exception = scene.grant()
    answer = decide(manager, exception, "extend", deadline="2011-04-02 00:00 UTC")
    assert told(answer) == [f"{exception.reference}: extended until 2011-04-02 00:00 UTC."]
    exception.refresh_from_db()
    assert (exception.status, exception.expires_at) == ("granted", utc(2011, 4, 2))


def test_an_extension_is_later_than_the_deadline(scene, manager):
    exception = scene.grant()
    before = stored()
    answer = decide(manager, exception, "extend", deadline="2011-04-01 10:00 UTC")
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
    decide(manager, exception, "extend", deadline="2011-04-02 00:00 UTC")
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
    until = {"deadline": "2011-04-09 00:00 UTC"}
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
        ("vera", "Vera may not deny {}: ask a release manager."),
        ("ondine", "Ondine may not deny {}: ask a release manager."),
        ("jun", "Jun may not deny {}: ask a release manager."),
        ("guest", "Guest may not deny {}: ask a release manager."),
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
    query = {"rationale": "x", "deadline": "2011-04-09 00:00 UTC"}
    assert manager.get(url, query).status_code == 200
    assert stored() == before
