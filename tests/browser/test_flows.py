"""What people come for: may it land, asking and deciding, and a page that stays true."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from governance.models import ExceptionRequest
from releases.models import Person
from thaw.demo import load_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "an old secret"


@pytest.fixture
def demo():
    load_demo(at=timezone.now(), password=PASSWORD)


def signed_in(reader, name, **context):
    somebody = reader(**context)
    somebody.sign_in(name, PASSWORD)
    return somebody


def test_a_newcomer_learns_from_the_first_page_that_a_branch_may_land_and_who_said_so(demo, reader):
    newcomer = reader()
    newcomer.open("/")
    newcomer.page.keyboard.press("/")
    newcomer.page.keyboard.type("vnc_console")
    answer = newcomer.page.locator(".answer")
    answer.wait_for()
    words = " ".join(answer.inner_text().split())
    assert words.startswith("May land. FFE-")
    assert "granted by Thea Moreau in this line" in words
    newcomer.press(".answer .verdict a:text-is('in this line')")
    anchor = newcomer.page.url.rpartition("#")[2]
    said = newcomer.page.locator(f"#{anchor} .text").inner_text()
    assert said.startswith("#agreed vnc-console gets an exception")
    assert newcomer.complaints == []


def test_the_answer_can_be_linked_and_needs_no_script(demo, reader):
    somebody = reader(java_script_enabled=False)
    somebody.open("/")
    somebody.page.fill("#q", "disable-creds")
    somebody.press(".gate button")
    assert somebody.page.url == f"{somebody.site}/check/?q=disable-creds"
    assert somebody.page.inner_text(".verdict").startswith("May not land. FeatureFreeze has")
    assert "May not land: disable-creds" in somebody.page.title()
    ways = somebody.page.locator(".ways li")
    assert ways.count() == 3
    assert ways.first.inner_text() == "Ask for an exception"


def test_what_a_contributor_asks_a_manager_grants_and_the_contributor_sees(demo, reader):
    xan = signed_in(reader, "xan", java_script_enabled=False)
    xan.open("/check/?q=disable-creds")
    xan.press(".ways a")
    values = {name: xan.page.input_value(f"#id_{name}") for name in ("title", "proposals")}
    assert values == {
        "title": "Let operators revoke credentials",
        "proposals": "https://code.launchpad.net/~xan/nova/disable-creds/+merge/61022",
    }
    xan.page.fill("#id_why_now", "It was asked for after a leak.")
    xan.press(".send button")
    assert xan.page.locator(".verbs a").all_inner_texts() == ["Withdraw"]
    path = xan.page.url.removeprefix(xan.site)

    thea = signed_in(reader, "thea")
    thea.open("/")
    thea.press("section[aria-labelledby=waiting] li a")
    assert thea.page.url == thea.site + path
    thea.press(".verbs a:text-is('Grant')")
    thea.page.locator("#id_deadline").press_sequentially("until GammaFreeze")
    thea.page.locator("#deadline-reading").filter(has_text="moves with the milestone").wait_for()
    thea.page.fill("#id_rationale", "Small, and it mends a leak.")
    thea.press(".send button")
    assert thea.page.inner_text(".told").startswith("FFE-")

    xan.open(path)
    assert xan.page.inner_text(".standing").startswith("Granted until")
    assert "with GammaFreeze" in xan.page.inner_text(".standing")
    assert "Small, and it mends a leak." in xan.page.inner_text(".story")
    assert xan.complaints + thea.complaints == []


def test_who_may_not_decide_is_told_so_and_nothing_changes(demo, reader):
    volumes = ExceptionRequest.objects.get(title="Volumes through the API")
    jun = reader(java_script_enabled=False)
    jun.enter(User.objects.get(username="jun"))
    assert jun.open(f"{volumes.get_absolute_url()}extend/") == 403
    assert "ask a release manager" in jun.page.inner_text("main")


def test_an_extension_changes_the_countdown_of_an_open_page(demo, reader):
    volumes = ExceptionRequest.objects.get(title="Volumes through the API")
    thea, now = Person.objects.get(name="Thea Moreau"), timezone.now()
    jun = reader(alone=True)
    jun.page.clock.install()
    jun.open(volumes.get_absolute_url())
    jun.page.evaluate("window.sameMe = true")
    left = jun.page.locator(".standing .left")
    assert " h " in left.inner_text()
    volumes.extend(by=thea, at=now, expires=now + timedelta(days=9, hours=1), rationale="Ill.")
    jun.page.clock.fast_forward(16_000)
    left.filter(has_text="9 d 0 h left").wait_for()
    assert jun.page.evaluate("window.sameMe")
    assert jun.complaints == []


def test_the_keyboard_leads_everywhere(demo, reader):
    somebody = reader()
    somebody.open("/")
    press = somebody.page.keyboard.press
    press("?")
    dialog = somebody.page.locator("#keys")
    assert dialog.is_visible()
    press("Escape")
    assert not dialog.is_visible()
    press("g")
    with somebody.page.expect_navigation():
        press("e")
    assert somebody.page.url == f"{somebody.site}/exceptions/"
    press("j")
    press("j")
    press("k")
    with somebody.page.expect_navigation():
        press("Enter")
    assert "A console in the browser" in somebody.page.inner_text("h1")
