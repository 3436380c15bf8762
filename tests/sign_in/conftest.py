from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sign_in.github_server import GitHubServer
from tests.sign_in.provider import configure, provider, provider_process
from thaw.sign_in.configuring import GitHub

__all__ = ["configure", "provider", "provider_process"]  # fixtures, for these tests


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A password is hashed a million times, to be slow: not for logins made by the dozen."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def oidc(configure):
    """The provider is asked, with what is set unless said."""
    configure()


class Visitor:
    """Somebody with a browser that follows every redirect by hand."""

    def __init__(self, client, provider, site):
        self.client, self.provider, self.site = client, provider, site

    def start(self, at="oidc", **fields):
        """The address to which pressing the button leads."""
        answer = self.client.post(f"/login/{at}/", fields)
        assert answer.status_code == 302, answer.content
        return answer.headers["Location"]

    def come_back(self, location):
        assert location.startswith(f"{self.site}/"), location
        return self.client.get(location.removeprefix(self.site))

    def sign_in(self, sub, **fields):
        return self.come_back(self.provider.answer(self.start(**fields), sub=sub))

    @property
    def name(self):
        """Whose login the session is; nothing for a stranger."""
        user = self.client.get("/me/").wsgi_request.user
        return user.get_username()


@pytest.fixture
def visitor(client, provider, settings):
    return Visitor(client, provider, settings.SITE_URL)


def query_of(location):
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
def github(settings):
    """A server that answers as GitHub's documentation says, and this site asks it."""
    with GitHubServer.running() as server:
        told = GitHub(client_id="app", secret="known to two", url=server.url, allows_http=True)
        assert told.problems() == []
        server.callback = f"{settings.SITE_URL}/login/github/callback/"
        settings.SOCIALACCOUNT_PROVIDERS = told.provider()
        yield server
