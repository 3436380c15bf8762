"""Whatever goes wrong, and however much is logged, nothing secret stands in a log."""

import json
import time

import pytest

from tests.chaos.smtp import free_port

SECRETS = {
    "SECRET_KEY": "a-key-of-this-test-alone-kQ3vZr8tY1uXw5bN7mJp2sLd9fGh4cV",
    "METRICS_TOKEN": "metrics-token-of-this-test",
    "database": "database-password",
    "broker": "broker-password",
    "mail": "mail-password",
    "forge": "forge-token-of-this-test",
    "forge secret": "forge-secret-of-this-test",
    "status": "status-token-of-this-test",
    "OpenID Connect": "oidc-secret-of-this-test",
    "GitHub": "github-secret-of-this-test",
    "right password": "right-Horse-battery-9",
    "wrong password": "wrong-Horse-battery-9",
}
# Everything that a day brings, and goes wrong with it; prints what else was secret.
A_DAY = """
django.setup()
import re
from contextlib import suppress
from datetime import timedelta
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from governance import mails, webhooks
from governance.models import CommitStatus, Notice, Webhook
from governance.tasks import deliver_webhooks, sweep, sync_proposals
from tests.factories import make_exception, make_freeze, make_manager, make_proposal
from thaw.tasks import prune

right, wrong = {right!r}, {wrong!r}
now, secrets = timezone.now(), []
manager = make_manager()
user = get_user_model().objects.create_user("thea", password=right, is_staff=True)
manager.user = user
manager.save()
manager.handles.create(kind="email", value="thea@example.org")
freeze = make_freeze(at=now - timedelta(days=9))
proposal = make_proposal(
    release=freeze.release, forge="github", key="openstack/nova#12",
    url="https://github.com/openstack/nova/pull/12",
)
CommitStatus.objects.create(proposal=proposal, commit="a" * 40, next_try_at=now)
exception = make_exception(freeze=freeze, by=manager, at=now, proposals=[proposal])
webhook = Webhook(name="CI", url=settings.WEBHOOK_HOSTS[0] + "/hook")
webhook.begin(at=now, last_decision=0)
webhook.save()
secrets += webhook.secrets(now)

client = Client(raise_request_exception=False)
client.post("/login/", {{"username": "thea", "password": wrong}})
client.post("/login/?password=" + wrong, {{"username": wrong, "password": right}})
client.post("/login/", {{"username": "thea", "password": right}})
secrets.append(client.cookies["sessionid"].value)
page = client.post("/me/tokens/", {{"name": "CI", "scope": "write", "lives": "30"}})
token = re.search("thaw_[A-Za-z0-9_-]{{43}}", page.content.decode())[0]
secrets += [token, client.cookies["csrftoken"].value] if "csrftoken" in client.cookies else [token]
script = Client(raise_request_exception=False)
grant = f"/api/v1/exceptions/{{exception.reference}}/grant/"
body = {{"rationale": "Agreed.", "expires": (now + timedelta(hours=1)).isoformat()}}
for proof in (token + "x", token):
    script.post(grant, body, content_type="application/json",
                headers={{"authorization": "Bearer " + proof}})
for provider in ("oidc", "github"):
    script.post(f"/login/{{provider}}/")
    script.get(f"/login/{{provider}}/callback/?code=a-code-of-this-test&state=x")
secrets.append("a-code-of-this-test")
forged = {{"x-gitlab-token": "forge-secret-of-this-test", "x-gitlab-event": "Merge Request Hook"}}
for event in ({{}}, {{"project": {{"web_url": "https://gitlab.com/a/b"}}}}):
    script.post("/hooks/gitlab/", event, content_type="application/json", headers=forged)
script.get("/metrics", headers={{"authorization": "Bearer " + settings.METRICS_TOKEN}})

notice = Notice(recipient=manager, kind="digest")
stop = mails.unsubscribe_token(notice)
secrets.append(stop)
script.post(f"/unsubscribe/{{stop}}/")
script.post(f"/unsubscribe/{{stop}}x/")
for task in (sweep, deliver_webhooks, sync_proposals, prune):
    with suppress(Exception):
        task()
print(json.dumps(secrets))

# And then the database is gone.
from django.db import connection
connection.close()
connection.settings_dict["NAME"] = "/nowhere/at/all.sqlite3"
client.get(f"/unsubscribe/{{stop}}/")
client.get("/me/")
script.post(grant, body, content_type="application/json",
            headers={{"authorization": "Bearer " + token}})
"""


@pytest.fixture
def environment():
    nobody = free_port()
    return {
        "SECRET_KEY": SECRETS["SECRET_KEY"],
        "METRICS_TOKEN": SECRETS["METRICS_TOKEN"],
        "LOG_LEVEL": "DEBUG",
        "REDIS_URL": f"redis://:{SECRETS['broker']}@127.0.0.1:{nobody}/0",
        "EMAIL_URL": f"smtp://thaw:{SECRETS['mail']}@127.0.0.1:{nobody}",
        "FORGE_TOKENS": f"github.com={SECRETS['forge']}",
        "FORGE_BASE_URLS": f"github.com=http://127.0.0.1:{nobody}",
        "FORGE_PRIVATE_HOSTS": "github.com",
        "FORGE_SECRETS": f"gitlab.com={SECRETS['forge secret']}",
        "OIDC_SERVER": f"http://127.0.0.1:{nobody}",
        "OIDC_CLIENT_ID": "thaw",
        "OIDC_SECRET": SECRETS["OpenID Connect"],
        "GITHUB_CLIENT_ID": "thaw",
        "GITHUB_SECRET": SECRETS["GitHub"],
        "STATUS_TOKENS": f"github.com={SECRETS['status']}",
        "STATUS_BASE_URLS": f"github.com=http://127.0.0.1:{nobody}",
        "WEBHOOK_HOSTS": f"http://127.0.0.1:{nobody}",
    }


def leaks(log, secrets):
    return [line for line in log.splitlines() if any(secret in line for secret in secrets)]


def test_a_day_on_which_everything_goes_wrong_is_logged_without_a_secret(
    environment, migrated_place
):
    day = A_DAY.format(right=SECRETS["right password"], wrong=SECRETS["wrong password"])
    process = migrated_place.run(
        "-c",
        "import json, django\nfrom django.conf import settings\n" + day,
        **environment,
    )
    assert process.returncode == 0, process.stderr
    secrets = [*SECRETS.values(), *json.loads(process.stdout)]
    assert len(secrets) >= len(SECRETS) + 4
    for told in ("POST /login/", "unable to open database file", "Webhooks: ", "/unsubscribe/***"):
        assert told in process.stderr, told
    assert leaks(process.stderr, secrets) == []


def test_a_database_that_cannot_be_reached_is_told_without_its_password(place, environment):
    nowhere = f"postgres://thaw:{SECRETS['database']}@127.0.0.1:{free_port()}/thaw"
    process = place.run(
        "-c",
        "import django; django.setup()\nfrom django.test import Client\n"
        "client = Client(raise_request_exception=False)\n"
        "told = [client.get(url) for url in ('/', '/readyz', '/api/v1/releases/')]\n"
        "print([one.status_code for one in told], told[-1].content.decode())",
        **environment | {"DATABASE_URL": nowhere},
    )
    silent = '{"detail":"The database does not answer. Ask again in a minute."}'
    assert process.stdout == f"[500, 503, 503] {silent}\n"
    assert "ERROR thaw.api The database does not answer" in process.stderr
    assert "connection failed" in process.stderr
    assert leaks(process.stderr, SECRETS.values()) == []


def test_worker_and_beat_complain_of_the_broker_without_its_password(place, environment):
    told = ""
    for command in ("worker --pool solo", f"beat --pidfile= -s {place.var}/beat"):
        log = place.var.parent / "log"
        words = f"-m celery --app thaw {command}".split()
        said = {"stdout": log, "stderr": log}
        process = place.start(*words, **said, **environment, SWEEP_SECONDS="1")
        until = time.monotonic() + 30
        while "Connection refused" not in log.read_text() and time.monotonic() < until:
            time.sleep(0.1)
        process.kill()
        process.wait()
        assert "Connection refused" in log.read_text()
        told += log.read_text()
    assert leaks(told, SECRETS.values()) == []
