"""Who may do what by API: the whole of roles, verbs and statuses, held against the one table."""

import pytest
from django.db import transaction

from governance import rights
from governance.lifecycle import TRANSITIONS, Status, Verb
from governance.models import Decision, ExceptionRequest
from releases.models import Release, Role
from tests.factories import make_exception, make_member, make_proposal
from thaw.api import RESOURCES, router
from thaw.models import Scope

pytestmark = pytest.mark.once

VERBS = [verb for verb in Verb if verb not in {Verb.REQUEST, Verb.EXPIRE}]
WHO = ["nobody", "contributor", "requester", "lead", "manager"]
SAID = {"rationale": "Agreed in the meeting."}


def expected(person, verb, exception, status):
    """401, 403, 409 or 200: read from the two tables."""
    if person is None:
        return 401
    if not any(rights.may(person, verb, exception, one) for one in TRANSITIONS[verb]):
        return 403
    return 200 if status in TRANSITIONS[verb] else 409


@pytest.mark.parametrize("status", list(Status))
def test_a_verb_does_what_the_tables_say_for_everybody(scene, caller, status):
    people = {
        "nobody": None,
        "contributor": make_member(Role.CONTRIBUTOR),
        "requester": scene.jun,
        "lead": scene.vera,
        "manager": scene.thea,
    }
    callers = {who: caller(people[who]) for who in WHO}
    exception = made(scene, status)
    record = ExceptionRequest.objects.filter(pk=exception.pk)
    before, seen = record.values().get(), []
    for who, leads_decide in [*((who, False) for who in WHO), ("lead", True)]:
        Release.objects.update(leads_decide=leads_decide)
        for verb in VERBS:
            said = SAID | ({"expires": "2099-01-01T00:00:00Z"} if verb in WITH_DEADLINE else {})
            want = expected(people[who], verb, record.get(), status)
            with transaction.atomic():  # taken back, so that each finds the same
                answer = callers[who].say(f"exceptions/{exception.reference}/{verb.value}/", said)
                assert answer.status_code == want, (who, verb, status, answer.content)
                if want == 200:
                    last = Decision.objects.filter(exception=exception).latest("sequence")
                    assert (last.verb, last.by) == (verb, people[who])
                else:
                    assert list(answer.json()) == ["detail"]
                    assert record.values().get() == before
                transaction.set_rollback(True)
            seen.append(want)
    assert seen.count(401) == len(VERBS)
    assert set(seen) >= {401, 403, 409}


WITH_DEADLINE = {Verb.GRANT, Verb.EXTEND}


def made(scene, status):
    """A new exception of that status; no other holds its proposal."""
    expires = scene.until.replace(year=2098) if status != Status.EXPIRED else scene.until
    return make_exception(
        status=status,
        freeze=scene.freeze,
        by=scene.jun,
        manager=scene.thea,
        expires=expires,
        proposals=[nova_proposal(scene)],
    )


def nova_proposal(scene):
    return make_proposal(project=scene.nova, release=scene.release)


def test_a_token_that_reads_changes_nothing(scene, caller):
    exception = made(scene, Status.REQUESTED)
    reader = caller(scene.thea, scope=Scope.READ)
    assert reader.read(f"exceptions/{exception.reference}/")["status"] == "requested"
    answer = reader.say(f"exceptions/{exception.reference}/deny/", SAID)
    assert answer.status_code == 403
    assert answer.json() == {"detail": "This token may only read: make one that may write."}
    exception.refresh_from_db()
    assert exception.status == "requested"


def test_every_verb_and_no_other_has_an_address():
    routed = {
        name.removeprefix("api-exceptions-")
        for name in (pattern.name for pattern in router.urls)
        if name.startswith("api-exceptions-")
    }
    assert routed == {verb.value for verb in VERBS} | {"list", "detail"}


READS = {"GET", "HEAD", "OPTIONS", "TRACE"}
CHANGES = {
    "exceptions": {"create", *(verb.name.lower() for verb in VERBS)},
    "meetings": {"create"},
    "actions": {"close"},
    "suggestions": {"accept", "dismiss"},
}


@pytest.mark.parametrize("name", list(RESOURCES))
def test_nothing_is_changed_but_by_what_is_named_here(name):
    changing = set()
    for route in router.get_routes(RESOURCES[name]):
        for method, action in router.get_method_map(RESOURCES[name], route.mapping).items():
            if method.upper() not in READS:
                changing.add(action)
    assert changing == CHANGES.get(name, set())


def test_who_is_not_signed_in_changes_nothing_anywhere(scene, caller, schema):
    exception = made(scene, Status.REQUESTED)
    for path, operations in schema["paths"].items():
        if "post" not in operations or path.endswith("/gate/"):
            continue
        url = path.replace("{ref}", exception.reference).replace("{id}", "1")
        answer = caller().ask(
            "http://testserver" + url, "post", data={}, content_type="application/json"
        )
        assert (answer.status_code, "/me/tokens/" in answer.json()["detail"]) == (401, True), path
