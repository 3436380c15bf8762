"""Who may change nothing changes nothing, at any address there is.

The addresses come from a walk of the URL patterns, so that a new one is tried without being named
here; and what is sent is what changes something where a release manager sends it.
"""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from releases.models import Person
from tests.routes import real, routes
from thaw.demo import load_demo

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FLOORS = ("releases", "governance", "meetings", "thaw", "auth")
# What is somebody's own, and theirs to change.
OWN = {"Preference", "Watch", "Notice", "Token"}
# Signing out ends a session; and a way out of mails is open to whoever has the mail.
ELSEWHERE = {"logout/", "admin/logout/", "unsubscribe/%(token)s/"}
LOG = "21:00:00 <ttx> #startmeeting\n21:00:01 <ttx> #agreed no more\n21:00:02 <ttx> #endmeeting\n"
SAID = {
    "rationale": "Agreed in the meeting.",
    "why": "Agreed in the meeting.",
    "why_now": "Users wait for it.",
    "expires": "2099-01-01T00:00:00Z",
    "target": "FFE-1",
    "title": "Volumes",
    "name": "Somebody",
    "slug": "somebody",
    "zone": "UTC",
    "state": "done",
    "post": "yes",
}
BY_API = {
    "exceptions/%(ref)s/extend/": {name: SAID[name] for name in ("rationale", "expires")},
    "exceptions/%(ref)s/revoke/": {"rationale": SAID["rationale"]},
    "meetings/": {"text": LOG, "name": "cactus.2011-03-29.log"},
}


@pytest.fixture
def tables():
    models = [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]
    return {f'"{model._meta.db_table}"' for model in models if model.__name__ not in OWN}  # noqa: SLF001 Django's public way to a table's name


def is_write(sql, tables):
    verb, *words = sql.split(maxsplit=4)
    return verb in {"INSERT", "UPDATE", "DELETE"} and not tables.isdisjoint(words)


def changed_by(client, tables):
    """The addresses at which what is sent writes a record, or tries to; it is taken back."""
    found = set()
    for route in routes():
        if route.template in ELSEWHERE:
            continue
        said, kind = {"data": SAID}, route.template.partition("api/v1/")[2]
        if kind:
            said = {"data": BY_API.get(kind, {}), "content_type": "application/json"}
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            client.post(route.url(real(route)), **said)
            transaction.set_rollback(True)
        if any(is_write(query["sql"], tables) for query in queries):
            found.add(route.template)
    return found


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_who_has_no_role_writes_no_record_at_any_address(tables, django_user_model, settings):
    settings.API_RATES = {"anon": None, "user": None}
    load_demo(at=timezone.now(), password="any")
    nobody, guest = map(django_user_model.objects.create_user, ("nobody", "guest"))
    Person.objects.create(name="Guest", user=guest)
    clients = [Client(raise_request_exception=False), signed_in(nobody), signed_in(guest)]
    assert [changed_by(client, tables) for client in clients] == [set(), set(), set()]
    manager = signed_in(django_user_model.objects.get(username="thea"))
    changed = changed_by(manager, tables)
    assert changed >= {f"api/v1/{kind}" for kind in BY_API}
    assert len(changed) > 12
