"""The scene of the tests of decisions, and callers whose every answer is held to the schema."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from tests.governance.conftest import scene, shipped, that_morning
from thaw.models import Scope, Token

__all__ = ["scene", "shipped", "that_morning"]

ROOT = "/api/v1/"
OPEN = {"ImportedMeeting", "FieldErrors"}  # what may hold more than the schema says


@pytest.fixture(autouse=True)
def unhurried():
    """What one test asked does not count as haste of the next."""
    cache.clear()


@pytest.fixture(scope="session")
def schema():
    return SchemaGenerator(patterns=None).get_schema(public=True)


class Declared:
    """The OpenAPI document, asked whether an answer is as it says."""

    def __init__(self, schema):
        self.schema = schema
        self.paths = schema["paths"]
        self._validators = {}

    def operation(self, path, method):
        route = resolve(path).route
        template = ROOT + route.removeprefix("api/v1/").removeprefix("^").removesuffix(
            r"\Z"
        ).removesuffix("$")
        for name, kwarg in ((n, n) for n in resolve(path).kwargs):
            start = template.index(f"(?P<{name}>")
            end = template.index(")", start)
            template = f"{template[:start]}{{{kwarg}}}{template[end + 1 :]}"
        template = template.replace("/^", "/")
        aliases = {"{pk}": "{id}"}
        for ours, theirs in aliases.items():
            if template not in self.paths:
                template = template.replace(ours, theirs)
        return template, self.paths[template][method.lower()]

    def check(self, response, path, method):
        template, operation = self.operation(path, method)
        code = str(response.status_code)
        assert code in operation["responses"], f"{method} {template}: {code} is not declared"
        content = operation["responses"][code].get("content")
        if not content:
            assert not response.content
            return
        assert response["Content-Type"] == "application/json"
        key = template, method, code
        if key not in self._validators:
            made = self.plain(content["application/json"]["schema"])
            self._validators[key] = Draft202012Validator(made)
        errors = list(self._validators[key].iter_errors(json.loads(response.content)))
        assert not errors, f"{method} {template} {code}: {errors[0].message} {response.content}"

    def plain(self, node):
        """JSON Schema of an OpenAPI schema, where every field named is there, and no other."""
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            return self.plain(self.schema["components"]["schemas"][name] | {"title": name})
        plain = {}
        for key, value in node.items():
            if key in {"oneOf", "allOf", "anyOf"}:
                plain["anyOf"] = [self.plain(one) for one in value]
            elif key == "properties":
                plain[key] = {name: self.plain(one) for name, one in value.items()}
            elif key in {"items", "additionalProperties"} and isinstance(value, dict):
                plain[key] = self.plain(value)
            elif key not in {"nullable", "example", "readOnly", "description"}:
                plain[key] = value
        if "properties" in plain and node.get("title") not in OPEN:
            plain |= {"required": list(plain["properties"]), "additionalProperties": False}
        if node.get("nullable"):
            return {"anyOf": [plain, {"type": "null"}]}
        return plain


@pytest.fixture(scope="session")
def declared(schema):
    return Declared(schema)


class Caller(Client):
    """Somebody, or nobody, with or without a token; each answer is compared with the schema."""

    def __init__(self, declared, secret=""):
        super().__init__(headers={"Authorization": f"Bearer {secret}"} if secret else {})
        self.declared = declared

    def ask(self, path, method="get", **options):
        url = path if path.startswith("http") else ROOT + path
        response = getattr(self, method)(url, **options)
        self.declared.check(response, response.request["PATH_INFO"], method)
        return response

    def say(self, path, said=None, **options):
        options.setdefault("content_type", "application/json")
        return self.ask(path, "post", data=said or {}, **options)

    def read(self, path, **query):
        response = self.ask(path, data=query)
        assert response.status_code == 200, response.content
        return response.json()


@pytest.fixture
def caller(declared, django_user_model):
    """`caller(person)`: with a token of that person that may write; nobody without one."""

    def caller(person=None, scope=Scope.WRITE):
        if person is None:
            return Caller(declared)
        if person.user is None:
            person.user = django_user_model.objects.create(username=f"user-{person.pk}")
            person.save()
        _, secret = Token.objects.make(
            person=person, name="A script", scope=scope, at=timezone.now()
        )
        return Caller(declared, secret)

    return caller
