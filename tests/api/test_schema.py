"""The OpenAPI document: complete, true to its examples, and held by whatever a stranger sends."""

import json
from collections import Counter

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import make_exception, make_manager, make_member
from thaw.api import RESOURCES
from thaw.models import Token
from thaw.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@pytest.mark.parametrize("address", ["/api/", "/api/v1/"])
def test_the_root_leads_to_what_there_is(address, client):
    assert client.get(address)["Location"] == "/api/v1/docs/"


def test_a_verb_is_described_as_people_would_say_it(schema):
    described = {
        path.split("/")[-2]: operation["description"].partition(";")[0]
        for path, method, operation in operations(schema)
        if "/exceptions/{ref}/" in path and method == "post"
    }
    assert described["extend"] == "Extend it"
    assert described["refuse-extension"] == "Refuse extension"


def test_every_operation_says_what_it_does_with_an_example(schema):
    assert schema["openapi"].startswith("3.")
    for path, method, operation in operations(schema):
        assert operation.get("description"), (path, method)
        good = [code for code in operation["responses"] if code in {"200", "201"}]
        shown = [
            code
            for code in good
            if operation["responses"][code]["content"]["application/json"].get("examples")
        ]
        assert shown, f"{method} {path} shows no answer"
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            assert content["application/json"].get("examples"), f"{method} {path} shows no body"


def test_the_examples_are_what_the_schema_says(schema, declared):
    for path, method, operation in operations(schema):
        for code, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json", {})
            validator = Draft202012Validator(declared.plain(content.get("schema", {})))
            for example in content.get("examples", {}).values():
                errors = list(validator.iter_errors(example["value"]))
                assert not errors, f"{method} {path} {code}: {errors[0].message}"


def test_the_document_is_served_to_anybody(db, client):
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert json.loads(answer.content)["info"]["title"] == "Thaw"


def test_a_log_is_sent_as_a_file_and_not_as_its_address(schema):
    body = schema["components"]["schemas"]["UploadBody"]
    assert body["properties"]["log"] == {"type": "string", "format": "binary"}


def test_a_refusal_is_as_plain_in_yaml_as_in_json(db, client):
    answer = client.get("/api/v1/schema/", {"format": "json"})
    assert answer.content.decode() == "format:\n- There is no such filter. There are none.\n"


@pytest.mark.parametrize("version", ["1", "\r\nX: y"])
def test_there_is_one_document_and_no_version_to_ask_for(db, client, version):
    assert client.get("/api/v1/schema/", {"version": version}).status_code == 400


def test_every_address_answers_to_head_and_options(db, client):
    for name in [*RESOURCES, "gate", "schema", "docs"]:
        for method in (client.head, client.options):
            assert method(f"/api/v1/{name}/").status_code in {200, 400, 405}, name
        assert client.get(f"/api/v1/{name}").status_code == 301
    assert client.get("/api/v1/gate?ref=a%20b")["Location"] == "/api/v1/gate/?ref=a%20b"
    for nothing in ("nothing", "a/b", "a%0Ab"):
        answer = client.get(f"/api/v1/{nothing}/").json()
        assert answer == {"detail": "There is no such address."}


def test_what_is_sent_without_the_slash_at_the_end_is_refused_and_not_lost_on_the_way(db, client):
    answer = client.post("/api/v1/exceptions/FFE-1/grant?x=1", "{}", "application/json")
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Addresses of the API end in a slash: /api/v1/exceptions/FFE-1/grant/?x=1"},
    )


ROLES = {
    "anonymous": lambda: None,
    "contributor": lambda: make_member("contributor"),
    "manager": make_manager,
}


@pytest.fixture
def one_connection(db):
    """What the server does between two requests would end the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


# A manager is refused the least, and so reaches most of a database: what others are told is asked
# in one round.
ASKING = [pytest.param(role, marks=[pytest.mark.once] * (role != "manager")) for role in ROLES]


@pytest.mark.parametrize("role", ASKING)
def test_whatever_is_sent_is_answered_as_declared(role, one_connection, django_user_model, schema):
    exception = make_exception(status="granted", conditions=("review",))
    headers = {}
    if (person := ROLES[role]()) is not None:
        person.user = django_user_model.objects.create(username=role)
        person.save()
        _, secret = Token.objects.make(person=person, name="Fuzz", scope="write", at=now())
        headers = {"Authorization": f"Bearer {secret}"}
    described = schemathesis.openapi.from_dict(json.loads(json.dumps(schema)))
    described.app = application
    statuses = Counter()

    def hold(case):
        response = case.call(headers=headers)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    for found in described.get_all_operations():
        operation = found.ok()
        cache.clear()
        for mode in MODES:
            known = {"ref": exception.reference} if "{ref}" in operation.path else None
            cases = operation.as_strategy(generation_mode=mode, path_parameters=known)
            few(given(cases)(hold))()
    assert {200, 400, 404} <= set(statuses)
    assert (401 in statuses) == (role == "anonymous")
    assert not any(status >= 500 for status in statuses)


few = settings(
    max_examples=1,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
