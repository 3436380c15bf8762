"""What `make fuzz` tries: each target gives tests to be run as often as there is time."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st

from releases.forges import Fetched
from releases.storing import Outcome, store
from tests.api.test_hooks import change, merge, pull
from tests.api.test_schema import CHECKS
from tests.factories import make_proposal
from tests.forges.server import NAMES, shape
from tests.properties import deadlines, documents, logs, references, requests, searches
from tests.releases.test_references import ROWS, WORDS
from thaw.demo import load_demo
from thaw.models import Token
from thaw.wsgi import application

Target = Callable[[], Iterator[Any]]


def all_targets() -> dict[str, Target]:
    return {
        "logs": _logs,
        "deadlines": _deadlines,
        "references": _references,
        "schedules": _schedules,
        "answers": _answers,
        "events": _events,
        "searches": _searches,
        "requests": _requests,
        "api": _api,
    }


def _logs() -> Iterator[Any]:
    def one(data, format_):
        with transaction.atomic():
            logs.check(data, format_)
            transaction.set_rollback(True)

    yield given(data=logs.logs, format_=logs.formats)(one)


def _deadlines() -> Iterator[Any]:
    yield given(words=deadlines.texts, at=deadlines.instants, zone=deadlines.zones)(deadlines.check)


def _references() -> Iterator[Any]:
    yield given(text=references.chat([a for a, _ in ROWS], [w for w, _ in WORDS]))(references.check)


def _schedules() -> Iterator[Any]:
    folder = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "schedules"
    texts = [
        path.read_text() for path in sorted(folder.rglob("*")) if path.suffix in {".yaml", ".md"}
    ] or [documents.SCHEDULE]
    text = st.one_of(documents.shuffled(texts), st.text(max_size=300))
    yield given(text=text, kind=documents.kinds)(documents.check_schedule)


def _answers() -> Iterator[Any]:
    for name in NAMES:
        recorded = shape(name)
        answers = st.tuples(*map(documents.spoilt, recorded["answers"].values()))
        yield given(answers)(_answers_to(recorded["reference"]))


def _answers_to(reference):
    def one(spoilt):
        documents.check_answer(reference, list(spoilt), _store_twice)

    return one


def _store_twice(reference, snapshot):
    with transaction.atomic():
        proposal = make_proposal(forge=reference.forge, key=reference.key, url=reference.url)
        for _ in range(2):
            fetched = Fetched(snapshot, {})
            store([Outcome(proposal, fetched)], host="forge.example.org", at=timezone.now())
        transaction.set_rollback(True)


def _events() -> Iterator[Any]:
    for forge, said in (("github", pull), ("gitlab", merge), ("gerrit", change)):
        bodies = documents.spoilt(said()).map(documents.as_bytes) | st.binary(max_size=200)

        yield given(bodies)(_events_of(forge))


def _events_of(forge):
    def one(body):
        documents.check_event(forge, body)

    return one


def _searches() -> Iterator[Any]:
    client = _clients()[""]

    def one(words):
        searches.check(client, words)

    yield given(searches.questions)(one)


def _requests() -> Iterator[Any]:
    clients = _clients()

    def one(asked):
        requests.check(clients[asked.who], asked)

    yield given(requests.asked(list(clients)))(one)


@cache
def _managers_token() -> str:
    manager = User.objects.get(username="thea").person
    _, secret = Token.objects.make(person=manager, name="Fuzz", scope="write", at=timezone.now())
    return secret


def _api() -> Iterator[Any]:
    _clients()
    for signal in (request_started, request_finished):  # it would end the transaction of one case
        signal.disconnect(close_old_connections)
    document = SchemaGenerator(patterns=None).get_schema(public=True)
    described = schemathesis.openapi.from_dict(document)
    secret = _managers_token()
    described.app = application

    def one(case):
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            case.validate_response(answer, checks=CHECKS)
            transaction.set_rollback(True)

    operations = [found.ok() for found in described.get_all_operations()]
    for mode in schemathesis.GenerationMode:
        yield given(st.one_of(*(one.as_strategy(generation_mode=mode) for one in operations)))(one)


@cache
def _clients() -> dict[str, Client]:
    """Nobody, a release manager who may do all of the admin, and a contributor, in the demo."""
    load_demo(at=timezone.now(), password="any")
    User.objects.filter(username="thea").update(is_superuser=True)
    clients = {"": Client()}
    for login in ("thea", "jun"):
        clients[login] = Client()
        clients[login].force_login(User.objects.get(username=login))
    return clients
