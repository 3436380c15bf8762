"""A provider of OpenID Connect that runs beside the tests, and this site asking it."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.core.cache import cache

from thaw.sign_in.configuring import OpenIDConnect

HERE = Path(__file__).parent
CALLBACK = "/login/oidc/callback/"


class Provider:
    """A provider of OpenID Connect that runs, and people at it."""

    def __init__(self, url):
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def register(self, site):
        """Register Thaw at that address; its id and secret."""
        body = {"redirect_uris": [f"{site}{CALLBACK}"]}
        told = self.http.post("/oauth2/clients", json=body).raise_for_status().json()
        return told["client_id"], told["client_secret"]

    def has(self, sub, **claims):
        """Somebody there, of whom it says that."""
        self.http.put(f"/users/{sub}", json=claims).raise_for_status()

    def lie(self, **lies):
        self.http.put("/lies", json=lies).raise_for_status()

    def answer(self, asked, **fields):
        """Where the provider sends a browser back to that was sent there with `asked`."""
        assert asked.startswith(f"{self.url}/"), asked
        said = self.http.post(asked.removeprefix(self.url), data=fields)
        assert said.status_code == 302, said.text
        return said.headers["Location"]


@pytest.fixture(scope="session")
def provider_process():
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(HERE / "openid_server.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Provider(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def provider(provider_process):
    """The provider, honest at first, and nothing is known of it yet."""
    cache.clear()
    provider_process.lie()
    return provider_process


@pytest.fixture
def configure(provider, settings):
    """`configure(roles=("core=reviewer",))`: this site asks the provider."""

    def set_up(**fields):
        client_id, secret = provider.register(settings.SITE_URL)
        defaults = {
            "server": provider.url,
            "client_id": client_id,
            "secret": secret,
            "name": "Example SSO",
            "allows_http": True,
        }
        openid = OpenIDConnect(**defaults | fields)
        assert openid.problems() == []
        settings.SOCIALACCOUNT_PROVIDERS = openid.provider()

    return set_up
