import pytest

from governance.models import Decision, ExceptionRequest
from tests.factories import make_exception, make_proposal, make_release

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("that_morning")]


def test_an_exception_is_told_as_scripts_rely_on(scene, caller):
    proposal = make_proposal(project=scene.nova, release=scene.release, title="Volumes")
    exception = scene.grant(scene.ask(proposals=[proposal]), conditions=["nova-core review"])
    told = caller().read(f"exceptions/{exception.reference}/")
    decisions = told.pop("decisions")
    assert told == {
        "ref": exception.reference,
        "title": "Volumes through the API",
        "release": "cactus",
        "freeze": scene.freeze.slug,
        "scope": "proposals",
        "project": None,
        "status": "granted",
        "requested_by": "Jun",
        "requested_by_id": scene.jun.pk,
        "requested_at": "2011-03-29T21:00:00Z",
        "expires_at": "2011-04-01T10:00:00Z",
        "expires_with": None,
        "deadline": {"words": "", "zone": "", "zone_source": "", "warnings": []},
        "proposals": [
            {
                "target": proposal.target,
                "url": proposal.url,
                "title": "Volumes",
                "state": "open",
            }
        ],
        "url": f"/exceptions/{exception.reference}/",
        "why_now": "Without it the API stays incomplete.",
        "risk_of_landing": "",
        "risk_of_not_landing": "",
        "testing": "",
        "wanted_until": None,
        "conditions": [
            {
                "id": exception.conditions.get().pk,
                "text": "nova-core review",
                "met_by": None,
                "met_at": None,
            }
        ],
    }
    assert [(one["verb"], one["by"], one["new_status"]) for one in decisions] == [
        ("request", "Jun", "requested"),
        ("grant", "Thea", "granted"),
    ]
    assert decisions[1]["rationale"] == "Self-contained."


def test_a_grant_by_api_is_a_decision_like_any_other(scene, caller):
    exception = scene.ask()
    answer = caller(scene.thea).say(
        f"exceptions/{exception.reference}/grant/",
        {
            "expires": "2011-04-01T10:00:00Z",
            "rationale": "Reviewed twice.",
            "source_url": "https://example.org/log#l-12",
            "quote": "granted until friday",
            "conditions": ["nova-core review"],
        },
    )
    assert answer.status_code == 200
    assert answer.json()["status"] == "granted"
    decision = Decision.objects.get(exception=exception, verb="grant")
    assert (decision.by, decision.at, decision.rationale) == (
        scene.thea,
        scene.now,
        "Reviewed twice.",
    )
    assert decision.quote == "granted until friday"


@pytest.mark.parametrize(
    ("said", "expires_at", "expires_with"),
    [
        ({"expires": "2011-04-01T12:00:00+02:00"}, "2011-04-01T10:00:00Z", None),
        ({"expires_at": "2011-04-01T10:00:00Z"}, "2011-04-01T10:00:00Z", None),
        ({"expires": "gamma"}, "2011-04-05T10:00:00Z", "milestone:cactus/gamma"),
        ({"expires_with": "gamma"}, "2011-04-05T10:00:00Z", "milestone:cactus/gamma"),
        ({"expires": "milestone:cactus/gamma"}, "2011-04-05T10:00:00Z", "milestone:cactus/gamma"),
        ({"expires": "until GammaFreeze"}, "2011-04-05T10:00:00Z", "milestone:cactus/gamma"),
        ({"expires": "EOD Friday Hawaii"}, "2011-04-02T10:00:00Z", None),
    ],
)
def test_a_deadline_is_an_instant_a_milestone_or_words(
    scene, caller, said, expires_at, expires_with
):
    scene.gamma.slug = "gamma"
    scene.gamma.save()
    exception = scene.ask()
    answer = (
        caller(scene.thea)
        .say(f"exceptions/{exception.reference}/grant/", said | {"rationale": "Fine."})
        .json()
    )
    assert (answer["expires_at"], answer["expires_with"]) == (expires_at, expires_with)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "rationale"),
        ({"rationale": "Fine."}, "expires"),
        ({"rationale": "", "expires": "2011-04-01T10:00:00Z"}, "rationale"),
        ({"rationale": "Fine.", "expires": "whenever"}, "expires"),
        ({"rationale": "Fine.", "expires": "4/7 17:00 UTC"}, "expires"),
        ({"rationale": "Fine.", "expires_at": "2011-04-01 10:00"}, "expires_at"),
        ({"rationale": "Fine.", "expires_at": "2011-03-01T10:00:00Z"}, "expires"),
        ({"rationale": "Fine.", "expires_with": "nothing"}, "expires_with"),
        (
            {"rationale": "Fine.", "expires": "gamma", "expires_at": "2011-04-01T10:00:00Z"},
            "expires",
        ),
        ({"rationale": "Fine.", "expires": {"a": 1}}, "expires"),
        (
            {"rationale": "Fine.", "expires": "2011-04-01T10:00:00Z", "conditions": "x"},
            "conditions",
        ),
        ({"rationale": "x\u202ey", "expires": "2011-04-01T10:00:00Z"}, "rationale"),
        ({"rationale": "x" * 30_000, "expires": "2011-04-01T10:00:00Z"}, "rationale"),
        (
            {"rationale": "Fine.", "expires": "2011-04-01T10:00:00Z", "source_url": "javascript:x"},
            "source_url",
        ),
    ],
)
def test_what_cannot_be_used_is_said_by_its_field_and_changes_nothing(scene, caller, said, field):
    exception = scene.ask()
    answer = caller(scene.thea).say(f"exceptions/{exception.reference}/grant/", said)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert all(isinstance(one, str) for one in answer.json()[field])
    exception.refresh_from_db()
    assert (exception.status, exception.decisions.count()) == ("requested", 1)


READ_ONLY = {field.name: "1" for field in ExceptionRequest._meta.get_fields()} | {  # noqa: SLF001 Django's public way to ask
    "ref": "FFE-9",
    "decisions": [],
    "requested_by": "Thea",
    "deadline": {},
    "by": 1,
    "at": "now",
}


def test_nothing_but_what_a_verb_asks_for_can_be_given(scene, caller):
    exception = scene.ask()
    before = ExceptionRequest.objects.filter(pk=exception.pk).values().get()
    thea = caller(scene.thea)
    for name, value in READ_ONLY.items():
        answer = thea.say(
            f"exceptions/{exception.reference}/deny/", {"rationale": "No.", name: value}
        )
        assert (answer.status_code, list(answer.json())) == (400, [name])
    assert ExceptionRequest.objects.filter(pk=exception.pk).values().get() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_record_is_changed_by_verbs_alone(scene, caller, method):
    exception = scene.ask()
    thea = caller(scene.thea)
    answer = getattr(thea, method)(
        f"/api/v1/exceptions/{exception.reference}/",
        {"status": "granted"},
        content_type="application/json",
    )
    assert answer.status_code == 405
    exception.refresh_from_db()
    assert exception.status == "requested"


@pytest.mark.parametrize(
    "verb", ["exceptions/FFE-999/deny", "suggestions/999/accept", "actions/9/close"]
)
def test_a_verb_of_what_is_not_there_is_told_so_in_plain_words(scene, caller, verb):
    answer = caller(scene.thea).say(f"{verb}/", {})
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such record."})


def test_time_decides_what_a_list_calls_granted(scene, caller, time_machine):
    exception = scene.grant()
    denied = scene.decide(scene.ask(), "deny")
    nobody = caller()

    def refs(**query):
        return [one["ref"] for one in nobody.read("exceptions/", **query)["results"]]

    assert refs(status="granted") == [exception.reference]
    assert refs(status="denied") == [denied.reference]
    assert refs(status="expired") == []
    time_machine.move_to(scene.until)
    assert refs(status="granted") == []
    assert refs(status="expired") == [exception.reference]
    assert nobody.read(f"exceptions/{exception.reference}/")["status"] == "expired"


def test_a_list_is_narrowed_by_release_project_proposal_and_deadline(scene, caller):
    proposal = make_proposal(project=scene.swift, release=scene.release, branch="~jun/swift/logs")
    found = scene.grant(scene.ask(proposals=[proposal]))
    make_exception(release=make_release(), status="granted")
    for query in (
        {"release": "cactus"},
        {"project": "swift"},
        {"proposal": proposal.url},
        {"proposal": proposal.target},
        {"proposal": "logs"},
        {"requested_by": scene.jun.pk},
        {"expires_after": "2011-04-01T10:00:00Z", "expires_before": "2011-04-01T10:00:01Z"},
    ):
        results = caller().read("exceptions/", **query)["results"]
        assert [one["ref"] for one in results] == [found.reference], query


def test_an_exception_is_asked_for_with_addresses_new_to_us(scene, caller, settings):
    said = {
        "release": "cactus",
        "freeze": scene.freeze.slug,
        "title": "Volumes",
        "why_now": "Users wait for it.",
        "proposals": ["https://github.com/openstack/nova/pull/12"],
        "wanted_until": "until GammaFreeze",
    }
    answer = caller(scene.jun).say("exceptions/", said)
    assert answer.status_code == 201
    asked = ExceptionRequest.objects.get()
    assert answer["Location"] == f"{settings.SITE_URL}/api/v1/exceptions/{asked.reference}/"
    assert (asked.requester, asked.requested_at) == (scene.jun, scene.now)
    assert [one.target for one in asked.proposals.all()] == ["proposal:github:openstack/nova#12"]
    assert asked.wanted_until == scene.gamma.at
    twice = caller(scene.jun).say("exceptions/", said)
    assert twice.status_code == 409
    assert asked.reference in twice.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"release": "bexar"}, "release"),
        ({"freeze": "nothing"}, "freeze"),
        ({"title": ""}, "title"),
        ({"proposals": ["no address"]}, "proposals"),
        ({"proposals": []}, "proposals"),
        ({"project": "nothing"}, "project"),
        ({"wanted_until": "some day"}, "wanted_until"),
        ({"status": "granted"}, "status"),
    ],
)
def test_a_request_that_lacks_something_keeps_nothing(scene, caller, changed, field):
    said = {
        "release": "cactus",
        "freeze": scene.freeze.slug,
        "title": "Volumes",
        "why_now": "Users wait for it.",
        "proposals": ["https://github.com/openstack/nova/pull/12"],
    }
    answer = caller(scene.jun).say("exceptions/", said | changed)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not ExceptionRequest.objects.exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
        (b"1" * 5000, "a number of 5,000 digits is in it"),
        (b'"\xff"', "it is not written in UTF-8"),
        (b'"\\ud800"', "half a character is in it"),
        (b"NaN", "NaN is no number"),
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
    ids=["lists", "objects", "digits", "bytes", "half a character", "NaN", "an end"],
)
def test_a_body_that_cannot_be_read_is_refused_in_words_about_the_body(body, why, scene, caller):
    answer = caller(scene.thea).generic(
        "POST", "/api/v1/exceptions/", body, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json() == {"detail": f"The body cannot be read as JSON: {why}."}
