"""The example for nginx, run by a real nginx in front of Thaw as it is in production."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from contextlib import closing
from http.client import HTTPSConnection

import httpx
import pytest

from tests.chaos.smtp import free_port
from tests.machine import nginx
from tests.operations.hosts import PATIENCE, wait_for
from tests.operations.units import DEPLOY, command
from tests.thaw.places import PRODUCTION, ROOT, Place

pytestmark = pytest.mark.nginx

EXAMPLE = DEPLOY / "nginx" / "thaw.conf"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/thaw.conf;
}}
"""
FEW = 1000  # bytes of an upload: UPLOAD_BYTES of the site here
MIB = 1024 * 1024
MANAGER = """
django.setup()
from django.contrib.auth import get_user_model
from django.utils import timezone
from tests.factories import make_manager
from thaw.models import Scope, Token
manager = make_manager()
manager.user = get_user_model().objects.create_user("thea")
manager.save()
made = {"person": manager, "name": "CI", "scope": Scope.WRITE, "at": timezone.now()}
print(json.dumps(Token.objects.make(**made)[1]))
"""
STRANGER = "203.0.113.9"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def ports():
    return {"http": free_port(), "https": free_port(), "thaw": free_port()}


@pytest.fixture(scope="module")
def configured(folder, ports):
    """The example with ports and a certificate of this test; nothing else is another."""
    subprocess.run(
        [
            *"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=thaw.example.org".split(),
            *f"-keyout {folder}/privkey.pem -out {folder}/fullchain.pem".split(),
        ],
        check=True,
        capture_output=True,
    )
    return written(folder, ports)


def written(folder, ports, **changes):
    """A whole configuration around the example, with these ports."""
    words = EXAMPLE.read_text()
    for told, here in {
        "listen 80;": f"listen 127.0.0.1:{ports['http']};",
        "listen [::]:80;": "",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports['https']} ssl;",
        "listen [::]:443 ssl;": "",
        "127.0.0.1:8000": f"127.0.0.1:{ports['thaw']}",
        "/etc/ssl/thaw/": f"{folder}/",
        "/var/log/nginx/thaw.log": f"{folder}/access.log",
        **changes,
    }.items():
        assert told in words
        words = words.replace(told, here)
    (folder / "thaw.conf").write_text(words)
    whole = folder / "nginx.conf"
    whole.write_text(AROUND.format(folder=folder, user="" if os.geteuid() else "user root;"))
    return whole


@pytest.fixture(scope="module")
def away(configured, folder, tmp_path_factory):
    """nginx before a port at which nobody listens, and before one at which nobody answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        behind = {"nobody listens": free_port(), "it takes too long": silent.getsockname()[1]}
        sites, running = {}, []
        for why, port in behind.items():
            ports = sites[why] = {"http": free_port(), "https": free_port(), "thaw": port}
            place = tmp_path_factory.mktemp("away")
            for name in ("privkey.pem", "fullchain.pem"):
                shutil.copy(folder / name, place)
            told = written(place, ports, **{"read_timeout 300s": "read_timeout 50ms"})
            running.append(subprocess.Popen([nginx(), "-c", str(told)], stderr=subprocess.DEVNULL))
        try:
            for ports in sites.values():
                wait_for(lambda ports=ports: status(ports, "/") is not None, "an answer")
            yield sites
        finally:
            for process in running:
                process.terminate()
                process.wait(PATIENCE)


@pytest.fixture(scope="module")
def site(configured, folder, ports, migrated_file):
    """nginx and the web unit behind it, with the settings that the example names."""
    place = Place(folder / "var")
    place.var.mkdir()
    shutil.copy(migrated_file, place.var)
    environment = {
        **PRODUCTION,
        "BEHIND_PROXY": "true",
        "METRICS_NETWORKS": "127.0.0.0/8",
        "UPLOAD_BYTES": str(FEW),
        "STATIC_ROOT": str(folder / "static"),
    }
    collected = place.manage("collectstatic", "--no-input", **environment)
    assert collected.returncode == 0, collected.stderr
    _, *words = [*command("thaw-web.service"), "--bind", f"127.0.0.1:{ports['thaw']}"]
    log = folder / "web.log"
    processes = [
        place.start(*words, stdout=log, stderr=log, **environment),
        subprocess.Popen([nginx(), "-c", str(configured)], stderr=subprocess.DEVNULL),
    ]
    try:
        wait_for(lambda: status(ports, "/healthz") == httpx.codes.OK, "an answer")
        yield ports
    finally:
        for process in processes:
            process.terminate()
            process.wait(PATIENCE)


def asked(ports, path, method="GET", **said):
    """Over TLS, by the name of the site."""
    with httpx.Client(verify=False, timeout=PATIENCE) as client:
        headers = {"Host": "thaw.example.org"} | said.pop("headers", {})
        url = f"https://127.0.0.1:{ports['https']}{path}"
        return client.request(method, url, headers=headers, **said)


def status(ports, path):
    try:
        return asked(ports, path).status_code
    except httpx.TransportError:
        return None


def test_nginx_finds_nothing_wrong_with_it(configured):
    done = subprocess.run(
        [nginx(), "-t", "-c", str(configured)], capture_output=True, text=True, check=False
    )
    assert "syntax is ok" in done.stderr
    assert "[warn]" not in done.stderr


def test_thaw_knows_that_it_was_asked_over_tls_and_does_not_send_anybody_on(site):
    answer = asked(site, "/api/v1/gate/?ref=nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_reference")
    assert "max-age" in asked(site, "/healthz").headers["Strict-Transport-Security"]
    plain = httpx.get(
        f"http://127.0.0.1:{site['http']}/check/?q=1", headers={"Host": "thaw.example.org"}
    )
    assert (plain.status_code, plain.headers["Location"]) == (
        301,
        "https://thaw.example.org/check/?q=1",
    )


def test_a_visitor_is_who_connects_to_nginx_whatever_they_claim(site):
    """Only 127.0.0.1 may read the metrics here, and that is who connects."""
    assert asked(site, "/metrics").status_code == 200
    claimed = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "http"}
    assert asked(site, "/metrics", headers=claimed).status_code == 200


def test_the_id_of_a_request_is_nginx_s_in_both_logs(site, folder):
    mine = "f" * 32
    path = "/unsubscribe/WzMsICJ4Il0:1t:secret/?password=hunter2"
    answer = asked(site, path, "POST", headers={"X-Request-ID": mine})
    given = answer.headers["X-Request-ID"]
    assert given != mine

    def lines(name):
        every = (folder / name).read_text().splitlines()
        read = [json.loads(line) for line in every if line.startswith("{")]
        return [line for line in read if line.get("request_id") == given]

    wait_for(lambda: lines("access.log"), "a line of nginx")
    (read,) = lines("access.log")
    assert (read["asked"], read["status"]) == ("POST /unsubscribe/***", 404)
    wait_for(lambda: lines("web.log"), "a line of Thaw")
    assert "POST /unsubscribe/***/: 404" in [line["message"][:27] for line in lines("web.log")]
    assert "hunter2" not in (folder / "access.log").read_text() + (folder / "web.log").read_text()


def test_a_page_and_its_static_files_come_through_to_be_kept_for_good(site):
    page = asked(site, "/check/")
    assert page.status_code == 200
    (style,) = re.findall(r'href="(/static/thaw/thaw[^"]*\.css)"', page.text)
    answer = asked(site, style)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        'text/css; charset="utf-8"',
    )
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"


def test_who_sends_too_much_is_told_so_by_thaw(site, folder):
    secret = Place(folder / "var").tell(MANAGER)
    answer = asked(
        site,
        "/api/v1/meetings/",
        "POST",
        files={"log": b"x" * FEW},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert (answer.status_code, answer.json()) == (
        413,
        {"detail": f"The upload is longer than the {FEW:,} bytes that are taken."},
    )


def test_who_sends_far_too_much_is_told_so_by_nginx_in_words_of_ours(site):
    taken = limit() // MIB - 1
    status, kind, page = announced(site, limit() + 1, to="/meetings/import/")
    assert (status, kind) == (413, "text/html; charset=utf-8")
    assert "<h1>This is too long</h1>" in page
    assert f"More than the {taken} MiB that are taken here" in page
    assert "manage.py import_meeting" in page
    assert "nginx" not in page


def test_and_a_script_in_json(site):
    status, kind, said = announced(site, limit() + 1, to="/api/v1/meetings/")
    assert (status, kind) == (413, "application/json")
    assert json.loads(said)["detail"].startswith(f"More than the {limit() // MIB - 1} MiB that")


AWAY = [("nobody listens", 502), ("it takes too long", 504)]


@pytest.mark.parametrize(("why", "code"), AWAY)
def test_who_asks_while_thaw_is_away_is_told_so_in_words_of_ours(why, code, away):
    answer = asked(away[why], "/exceptions/")
    told = answer.headers
    assert (answer.status_code, told["Content-Type"]) == (code, "text/html; charset=utf-8")
    assert (told["Retry-After"], told["Cache-Control"]) == ("30", "no-store")
    assert "<h1>Thaw does not answer</h1>" in answer.text
    assert "nginx" not in answer.text


@pytest.mark.parametrize(("why", "code"), AWAY)
def test_and_a_script_that_asks_then_is_told_in_json(why, code, away):
    answer = asked(away[why], "/api/v1/gate/?ref=FFE-1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (code, "application/json")
    assert (answer.headers["Retry-After"], list(answer.json())) == ("30", ["detail"])
    assert answer.json()["detail"].startswith("Thaw does not answer.")


def limit():
    (mib,) = re.findall(r"client_max_body_size (\d+)m;", EXAMPLE.read_text())
    return int(mib) * MIB


def test_nginx_lets_through_what_thaw_takes_and_the_form_around_it():
    (taken,) = re.findall(r"(?m)^UPLOAD_BYTES=(\d+)", (ROOT / ".env.example").read_text())
    assert f"UPLOAD_BYTES={taken}" in EXAMPLE.read_text()
    assert int(taken) < limit() <= int(taken) + MIB


def announced(site, length, *, to):
    """The answer to an upload that says that it is so long, and sends no more than that.

    Status, kind and words.
    """
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    made = HTTPSConnection("127.0.0.1", site["https"], timeout=PATIENCE, context=tls)
    with closing(made) as line:
        line.putrequest("POST", to, skip_host=True)
        line.putheader("Host", "thaw.example.org")
        line.putheader("Content-Type", "multipart/form-data; boundary=b")
        line.putheader("Content-Length", str(length))
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
