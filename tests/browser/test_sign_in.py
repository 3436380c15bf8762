"""Signing in with an account elsewhere, in a real browser and under the policy of our pages."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from releases.models import Person
from thaw.demo import load_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "an old secret"


@pytest.fixture
def site(live_server, settings, configure):
    """The site at the address that the browser knows, asking the provider."""
    settings.SITE_URL = live_server.url
    configure(roles=("release-team=release-manager",))


@pytest.fixture
def somebody(reader, site):
    """A window; the style sheet that the provider's own page wants is not to be had here."""
    window = reader()
    window.context.route(
        "https://cdn.jsdelivr.net/**",
        lambda asked: asked.fulfill(body="", content_type="text/css"),
    )
    return window


def choose(window, sub):
    """On the provider's page, be somebody."""
    window.page.fill("input[name=sub]", sub)
    window.press("text=Authorize >> nth=-1")


def complaints(window, provider):
    """What went wrong on our pages; the provider's page is its own."""
    return [one for one in window.complaints if not one.startswith(provider.url)]


def test_a_button_leads_to_the_provider_and_back_to_where_one_was(somebody, provider):
    provider.has("17", preferred_username="thea", groups=["release-team"])
    somebody.open("/login/?next=/decisions/")
    somebody.press("text=Sign in with Example SSO")
    assert somebody.page.url.startswith(f"{provider.url}/oauth2/authorize?")
    choose(somebody, "17")
    assert somebody.page.url == f"{somebody.site}/decisions/"
    assert somebody.page.locator("header >> text=thea").is_visible()
    somebody.press("text=Sign out")
    assert somebody.page.locator("header >> text=Sign in").is_visible()
    assert complaints(somebody, provider) == []
    assert [one.role for one in Person.objects.get().memberships.all()] == ["release-manager"]


def test_who_denies_reads_a_page_that_leads_on_and_keeps_nobody_out(somebody, provider):
    somebody.open("/login/")
    somebody.press("text=Sign in with Example SSO")
    somebody.press("text=Deny")
    assert "was not to say who you are" in somebody.page.inner_text("main")
    for width, scheme in ((360, "dark"), (1280, "light")):
        somebody.resize(width, scheme)
        assert somebody.barriers() == []
    somebody.press("text=Back to signing in")
    assert somebody.page.url == f"{somebody.site}/login/"


def test_from_ones_page_an_account_is_joined_and_left(somebody, provider):
    load_demo(at=timezone.now(), password=PASSWORD)
    provider.has("17", preferred_username="jun-at-work")
    somebody.sign_in("jun", PASSWORD)
    somebody.open("/me/")
    somebody.press("text=Join an account at Example SSO")
    choose(somebody, "17")
    assert somebody.page.url == f"{somebody.site}/me/"
    assert "opens this login too" in somebody.page.inner_text("main")
    assert User.objects.get(socialaccount__isnull=False).username == "jun"
    somebody.press("text=Leave it")
    assert "opens this login no longer" in somebody.page.inner_text("main")
    assert complaints(somebody, provider) == []
