"""Every page in a real browser, small and large, light and dark."""

from itertools import product

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from governance.models import ExceptionRequest
from meetings.models import Suggestion
from releases.models import Person
from tests.thaw.logs import make_meeting
from thaw.demo import load_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "an old secret"
# By width and scheme, the rules that a window may break where the one before it has not.
WINDOWS = {
    (width, scheme): ["color-contrast"] * (scheme == "dark")
    for width, scheme in product((360, 1280), ("light", "dark"))
}
LOOK = """() => ({
    headings: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    lang: document.documentElement.lang,
    viewport: document.querySelector("meta[name=viewport]").content.split(",")[0],
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    paper: getComputedStyle(document.body).backgroundColor,
})"""
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 25, 31)"}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def pages(configure):
    """Every page of the product, by its path, with something on it."""
    configure()  # so that signing in offers a provider
    load_demo(at=timezone.now(), password=PASSWORD)
    own = make_meeting("#topic Freezes", "#agreed no more", "#undo", "words").get_absolute_url()
    person = Person.objects.get(name="Jun Alvarez")
    exception = ExceptionRequest.objects.first()
    return [
        "/",
        "/releases/cactus/",
        "/meetings/",
        own,
        f"{own}minutes/",
        "/login/",
        "/nothing/here",
        "/check/",
        "/check/?q=vnc-console",
        "/check/?q=disable-creds",
        "/exceptions/?status=standing&release=cactus",
        exception.get_absolute_url(),
        "/proposals/",
        "/proposals/launchpad:61001/",
        "/decisions/",
        "/people/",
        person.get_absolute_url(),
        f"{own}?from=4&to=6",
        "/suggestions/",
        *[f"/suggestions/{one.pk}/" for one in Suggestion.objects.all()[:1]],
        "/actions/",
        "/agenda/",
        "/search/",
        "/search/?q=volumes",
        "/status/",
    ]


def test_every_page_fits_every_window_keeps_nobody_out_and_nothing_complains(pages, reader):
    somebody = reader()
    for path in pages:
        assert (somebody.open(path), path) == (404 if path == "/nothing/here" else 200, path)
        for (width, scheme), rules in WINDOWS.items():
            somebody.resize(width, scheme)
            assert (path, width, somebody.page.evaluate(LOOK), somebody.barriers(*rules)) == (
                path,
                width,
                {
                    "headings": 1,
                    "mains": 1,
                    "lang": "en",
                    "viewport": "width=device-width",
                    "wider": 0,
                    "paper": PAPER[scheme],
                },
                [],
            )
    assert somebody.complaints == []


def test_the_pages_of_decisions_keep_nobody_out_either(reader, configure):
    configure()
    load_demo(at=timezone.now(), password=PASSWORD)
    thea = reader()
    thea.enter(User.objects.get(username="thea"))
    own = ExceptionRequest.objects.get(title="Volumes through the API").get_absolute_url()
    (suggestion,) = Suggestion.objects.open()[:1]
    for path in (
        own,
        f"{own}extend/",
        "/exceptions/new/?proposal=disable-creds",
        "/meetings/new/",
        suggestion.meeting.get_absolute_url(),
        f"/suggestions/{suggestion.pk}/",
        "/actions/",
        "/me/",
    ):
        assert (thea.open(path), path) == (200, path)
        for (width, scheme), rules in WINDOWS.items():
            thea.resize(width, scheme)
            found = (path, width, scheme, thea.page.evaluate(WIDER), thea.barriers(*rules))
            assert found == (path, width, scheme, 0, [])
    assert thea.complaints == []


def test_nothing_of_the_admin_complains(reader):
    load_demo(at=timezone.now(), password=PASSWORD)
    thea = reader()
    thea.sign_in("thea", PASSWORD)
    assert thea.page.locator("text=Sign out").is_visible()
    for width, scheme in ((360, "dark"), (1280, "light")):
        thea.resize(width, scheme)
        for path in ("/admin/", "/admin/releases/milestone/", "/admin/releases/release/add/"):
            assert (thea.open(path), path) == (200, path)
    assert thea.complaints == []


def widths_over(reader, meeting):
    """By path and width, how many pixels a page is wider than its window."""
    own = meeting.get_absolute_url()
    somebody = reader()
    wider = {}
    for path in ("/", "/meetings/", own, f"{own}minutes/"):
        somebody.open(path)
        for width in (360, 1280):
            somebody.resize(width)
            wider[path.replace(meeting.slug, "a-meeting"), width] = somebody.page.evaluate(WIDER)
    return wider


def test_what_is_said_without_blanks_does_not_make_a_page_wider(reader):
    long = "x" * 200
    meeting = make_meeting(
        f"#topic {long}",
        f"#agreed {long}",
        ("n" * 64, f"#agreed https://example.org/{long}"),
        f"#action {'n' * 64} {long}",
        long,
    )
    wider = widths_over(reader, meeting)
    assert wider == dict.fromkeys(wider, 0)


def test_a_title_without_blanks_does_not_make_a_page_wider(reader):
    wider = widths_over(reader, make_meeting("#agreed no more", title="x" * 200))
    assert wider == dict.fromkeys(wider, 0)


def test_the_first_thing_the_keyboard_reaches_leads_past_the_navigation(pages, reader):
    somebody = reader()
    somebody.open("/")
    somebody.page.keyboard.press("Tab")
    skip = somebody.page.locator(":focus")
    assert (skip.inner_text(), skip.is_visible()) == ("Skip to the content", True)
    somebody.page.keyboard.press("Enter")
    somebody.page.wait_for_url("**/#main", timeout=5000)


def test_everything_can_be_read_without_javascript(pages, reader):
    somebody = reader(java_script_enabled=False)
    words = ["GammaFreeze", "Moved milestones", "Release meeting", "no more", "taken back"]
    for path, word in zip(pages[:5], words, strict=True):
        somebody.open(path)
        assert word in somebody.page.inner_text("main")
        assert somebody.page.locator("time").first.is_visible()
    assert somebody.complaints == []
