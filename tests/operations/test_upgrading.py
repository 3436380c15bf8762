"""The database is migrated by this version while the version before serves on, and both decide."""

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO

import httpx
import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from tests.chaos.conftest import as_url
from tests.chaos.smtp import free_port
from tests.operations.hosts import PATIENCE, wait_for
from tests.thaw.places import ROOT, Place

pytestmark = pytest.mark.postgresql

# The version before is the last tag. There was none yet when this was written: this commit stands
# for it, from before webhooks, the words of lines and the index that search has.
BEFORE_ANY_TAG = "4414d0c"
FILL = """
import json, django; django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
from thaw.demo import load_demo
call_command("migrate", verbosity=0)
load_demo(at=timezone.now(), password="any")
"""
ANSWERS = """
import json, django; django.setup()
from datetime import datetime
from governance.gate import verdict
from releases.models import MergeProposal
at = datetime.fromisoformat({at!r})
asked = MergeProposal.objects.filter(url__startswith="https://").order_by("pk")[:3]
answers = [verdict(proposal.url, at=at) for proposal in asked]
print(json.dumps([[answer.allowed, answer.code, answer.reason] for answer in answers]))
"""
# What people and programs do: ask, decide, move, import, remind.
DECIDE = """
import json, django; django.setup()
from datetime import timedelta
from io import BytesIO
from django.core.management import call_command
from django.utils import timezone
from governance.models import ExceptionRequest
from releases.models import Membership, MergeProposal, Milestone
now = timezone.now()
manager = Membership.objects.filter(role="release-manager", project=None).first().person
other = ExceptionRequest.objects.order_by("pk").first()
where = {{"release": other.release, "freeze": other.freeze, "by": other.requester}}
proposal = MergeProposal.objects.create(
    forge="github", key="drill/{name}#1", url="https://github.com/drill/{name}/pull/1",
    release=other.release,
)
exception = ExceptionRequest.objects.ask(
    title="Asked for {name}", why_now="Now.", at=now, proposals=[proposal], **where
)
exception.grant(by=manager, at=now, expires=now + timedelta(days=2), rationale="Agreed.")
exception.revoke(by=manager, at=now, rationale="It broke the build.")
milestone = Milestone.objects.latest("at")
milestone.move(to=milestone.at + timedelta(days=1), by=manager, at=now, why="Slipped.")
open({log!r}, "w").write("21:00:00 <thea> #startmeeting {name}\\n21:01:00 <thea> #agreed so\\n"
                          "21:02:00 <thea> #endmeeting\\n")
call_command("import_meeting", {log!r}, "--date=2011-03-29", verbosity=0)
call_command("send_reminders", verbosity=0)
call_command("verify_ledger")
"""


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The version before, beside this one."""
    tag = git("describe", "--tags", "--abbrev=0", "HEAD^").decode().strip() or BEFORE_ANY_TAG
    archive = git("archive", tag)
    if not archive:
        pytest.skip(f"{tag} is not in this clone")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture
def url(tmp_path):
    """A database in which nothing is."""
    server = as_url(connection.settings_dict).rpartition("/")[0]
    name = f"thaw_upgrade_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield f"{server}/{name}"
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


class Version:
    """A checkout on the database."""

    def __init__(self, folder, place, url):
        self.folder = folder
        self.environment = place.environment({"DATABASE_URL": url, "PYTHONPATH": str(folder)})

    def run(self, *words):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tell(self, code):
        """The last line that a piece of Python prints, read as JSON."""
        return json.loads(self.run("-c", code).splitlines()[-1])

    def serve(self, port):
        return subprocess.Popen(
            [sys.executable, *f"-m gunicorn thaw.wsgi --bind 127.0.0.1:{port}".split()],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def test_the_version_before_serves_and_decides_on_what_this_one_has_migrated(before, url, tmp_path):
    place, port = Place(tmp_path / "var"), free_port()
    place.var.mkdir()
    old, new = Version(before, place, url), Version(ROOT, place, url)
    answers = ANSWERS.format(at=str(timezone.now()))
    said = old.tell(FILL + answers)
    assert len(said) == 3
    server = old.serve(port)
    try:
        wait_for(lambda: page(port, "/healthz") == httpx.codes.OK, "an answer")
        new.run("manage.py", "migrate", "--no-input")
        for path in ("/", "/exceptions/", "/meetings/", "/releases/cactus/", "/status/"):
            assert page(port, path) == httpx.codes.OK, path
        old.run("-c", DECIDE.format(log=str(tmp_path / "old.log"), name="before"))
        now = new.tell(DECIDE.format(log=str(tmp_path / "new.log"), name="after") + answers)
        for path in ("/", "/exceptions/", "/meetings/"):
            assert page(port, path) == httpx.codes.OK, path
    finally:
        server.kill()
        server.wait()
    assert now == said


def page(port, path):
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE).status_code
    except httpx.TransportError:
        return None
