"""A broker over TLS is believed under a certificate for its name alone."""

import shutil
import subprocess
import time

import pytest
import redis

from tests.chaos.smtp import free_port

pytestmark = pytest.mark.skipif(
    not shutil.which("redis-server"), reason="no redis-server is installed"
)
ASK = """
import os
from celery import current_app
from kombu.exceptions import OperationalError
import thaw.celery
def asked():
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            broker.default_channel.client.ping()
    except (OSError, OperationalError) as error:
        return str(error)
    return "it answers"
told = [asked()]
os.environ["SSL_CERT_FILE"] = {certificate!r}
print(json.dumps([*told, asked()]))
"""


@pytest.fixture
def server(tmp_path):
    """A Redis that speaks TLS under a certificate that nobody knows; its port and certificate."""
    key, certificate, port = tmp_path / "key.pem", tmp_path / "certificate.pem", free_port()
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    named = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", key, "-out", certificate]
    subprocess.run([*made.split(), *named, *files], check=True, capture_output=True)
    options = f"--port 0 --tls-port {port} --bind 127.0.0.1 --tls-auth-clients no --save".split()
    files = ["--tls-cert-file", certificate, "--tls-key-file", key]
    process = subprocess.Popen(
        ["redis-server", *options, "", *files], stdout=subprocess.DEVNULL, cwd=tmp_path
    )
    client = redis.Redis(port=port, ssl=True, ssl_ca_certs=str(certificate))
    try:
        until = time.monotonic() + 20
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert process.poll() is None, "this Redis speaks no TLS"
                assert time.monotonic() < until
                time.sleep(0.05)
        yield port, certificate
    finally:
        client.close()
        process.kill()
        process.wait()


def test_a_broker_whose_certificate_nobody_knows_is_told_nothing(server, place):
    port, certificate = server
    url = f"rediss://127.0.0.1:{port}/0"
    unknown, known = place.tell(ASK.format(certificate=str(certificate)), REDIS_URL=url)
    assert "certificate verify failed" in unknown
    assert known == "it answers"
