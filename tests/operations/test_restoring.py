"""Backed up, lost and restored with the commands of docs/operations.md: nothing is missing."""

import os
from contextlib import closing

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from tests.chaos.conftest import as_url
from tests.operations.told import OPERATIONS, commands, run
from tests.thaw.places import Place

pytestmark = pytest.mark.django_db(transaction=True)

FILL = """
django.setup()
from django.utils import timezone
from thaw.demo import load_demo
load_demo(at=timezone.now(), password="any")
"""
# Every proposal and exception, now and at instants that are past; and how many rows there are.
TELL = """
from datetime import datetime, timedelta
from django.apps import apps
from governance.gate import verdict
from governance.models import ExceptionRequest
from releases.models import MergeProposal
at = datetime.fromisoformat({at!r})
asked = [p.url for p in MergeProposal.objects.order_by("pk")]
asked += [e.reference for e in ExceptionRequest.objects.order_by("pk")]
instants = [at - timedelta(days=days) for days in (0, 3, 9)]
answers = [verdict(one, at=instant).as_json() for one in asked for instant in instants]
models = apps.get_models(include_auto_created=True)
rows = {{model._meta.label: model._base_manager.count() for model in models}}
print(json.dumps([answers, rows], default=str))
"""
MORE = """
django.setup()
from governance.models import Decision
from tests.factories import make_exception
make_exception(status="granted")
print(json.dumps(Decision.objects.count()))
"""  # after the backup: it is lost


@pytest.fixture
def site(database_of_its_own, tmp_path):
    """The demo's story on a database of its own; its place, its settings and what it says."""
    place = Place(tmp_path)
    url = database_of_its_own
    tell = TELL.format(at=str(timezone.now()))
    answers, rows = place.tell(FILL + tell, DATABASE_URL=url)
    assert len(answers) > 12
    assert rows["governance.Decision"] > 3
    return (
        place,
        url,
        lambda: place.tell("django.setup()" + tell, DATABASE_URL=url),
        [answers, rows],
    )


def test_what_was_backed_up_and_lost_is_whole_again_and_the_gate_says_the_same(site):
    place, url, tell, before = site
    backup, *restore = commands({"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor])
    shell(place, url, backup)
    assert place.tell(MORE, DATABASE_URL=url) > before[1]["governance.Decision"]
    told = [shell(place, url, command) for command in restore]
    assert told[-1] == f"The ledger is whole: {before[1]['governance.Decision']} decisions.\n"
    assert tell() == before


def shell(place, url, command):
    """The command as it stands there, for this database and its user, in the place's folder."""
    environment = place.environment({"DATABASE_URL": url})
    if connection.vendor == "postgresql":
        server, _, name = url.rpartition("/")
        environment["ADMIN_URL"] = f"{server}/postgres"
        command = command.replace("IF EXISTS thaw", f"IF EXISTS {name}")
        user = connection.settings_dict["USER"]
        command = command.replace("DATABASE thaw OWNER thaw", f"DATABASE {name} OWNER {user}")
    return run(command, environment=environment, cwd=place.var)


@pytest.fixture
def logins():
    """A server's URL, with a database, its owner and a login that may only create databases."""
    named = {name: f"thaw_{name}_{os.getpid()}" for name in ("owner", "admin", "base")}
    names = {name: Identifier(value) for name, value in named.items()}
    server = as_url(connection.settings_dict).rpartition("/")[0]
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as superuser:

        def tell(words):
            superuser.execute(SQL(words).format(**names))

        tell("CREATE ROLE {owner} LOGIN")
        tell("CREATE ROLE {admin} LOGIN CREATEDB PASSWORD 'any'")
        try:
            tell("CREATE DATABASE {base} OWNER {owner}")
            yield tell, named, server.rpartition("@")[2]
        finally:
            tell("DROP DATABASE IF EXISTS {base} WITH (FORCE)")
            tell("DROP ROLE {admin}")
            tell("DROP ROLE {owner}")


def made_anew(named, server):
    """The line that drops the database and makes it anew, as that login."""
    (line,) = [one for one in commands("PostgreSQL") if "$ADMIN_URL" in one]
    line = line.replace("IF EXISTS thaw", f"IF EXISTS {named['base']}")
    line = line.replace("thaw OWNER thaw", f"{named['base']} OWNER {named['owner']}")
    url = f"postgres://{named['admin']}:any@{server}/postgres"
    run(line, environment=os.environ | {"ADMIN_URL": url})


@pytest.mark.postgresql
def test_it_takes_no_superuser_but_a_member_of_the_databases_owner(logins):
    tell, named, server = logins
    with pytest.raises(AssertionError, match="must be owner of database"):
        made_anew(named, server)
    tell("ALTER DATABASE {base} OWNER TO {admin}")
    with pytest.raises(AssertionError, match=r"must be member of role|must be able to SET ROLE"):
        made_anew(named, server)
    tell("CREATE DATABASE {base} OWNER {owner}")
    tell("GRANT {owner} TO {admin}")
    made_anew(named, server)


def test_who_may_restore_is_told():
    words = " ".join(OPERATIONS.read_text().split())
    assert (
        "a login with `CREATEDB` that owns the old database and is a member of its owner" in words
    )
