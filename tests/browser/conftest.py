import os
from importlib.resources import files

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.machine import chromium
from tests.sign_in.provider import configure, provider, provider_process

__all__ = ["configure", "provider", "provider_process"]  # fixtures, for these tests

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def browser():
    """One Chromium for the tests of this folder, which a worker runs next to each other."""
    # Playwright's loop runs in the thread of the tests, where Django would refuse its queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            yield browser

            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


NOTE_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"""
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# What breaks the rules, and where: enough to mend it by.
ASK_AXE = """async (only) => {
    const found = await axe.run({preload: false, resultTypes: ["violations"], ...only});
    return found.violations.map(one => `${one.id}: ${one.nodes.map(n => n.target).join(" ")}`);
}"""


EMPTY = '<!doctype html><link rel="icon" href="data:,">'
WINDOW = {"width": 1280, "height": 720}


class Reader:
    """Somebody with a window; what goes wrong while they read is noted in `complaints`."""

    def __init__(self, browser, site, **context):
        self.site = site
        self.context = browser.new_context(**context)
        self.context.add_init_script(NOTE_VIOLATIONS)
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._refuse)

    def begin(self, viewport=None):
        """Be somebody else: nothing is remembered of who had this window before."""
        self.complaints = []
        self.page.set_viewport_size(viewport or WINDOW)
        self.page.emulate_media(color_scheme="light")

    def end(self):
        """Forget who one was, on an empty page that no server is asked for."""
        self.context.clear_cookies()
        self.page.route(
            "**/nobody", lambda route: route.fulfill(body=EMPTY, content_type="text/html")
        )
        self.open("/nobody")
        self.page.unroute("**/nobody")

    def _hear(self, message):
        where = message.location["url"].removeprefix(self.site)
        if message.type in {"error", "warning"} and where != "/nothing/here":
            self.complaints.append(f"{where}: {message.text}")

    def _refuse(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path):
        return self.page.goto(self.site + path).status

    def barriers(self, *rules):
        """What axe-core finds on the page that keeps somebody out, by these rules or by all."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        return self.page.evaluate(ASK_AXE, {"runOnly": rules} if rules else {})

    def press(self, place):
        """Press what leads to another page, and wait until that is there."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.click(place)

    def resize(self, width, scheme="light"):
        self.page.set_viewport_size({"width": width, "height": 700})
        self.page.emulate_media(color_scheme=scheme)

    def sign_in(self, username, password):
        self.open("/login/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", password)
        self.press(".login button")

    def enter(self, user):
        """Be signed in, without the way through the form."""
        client, name = Client(), settings.SESSION_COOKIE_NAME
        client.force_login(user)
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.site}
        self.context.add_cookies([cookie])


@pytest.fixture(scope="package")
def windows():
    """Windows by their options: to open one costs a second, most of it before the first page."""
    return {}


@pytest.fixture
def reader(browser, windows, live_server, emptied_ledger):
    """`reader(locale="en-GB")` gives a window of one's own on the running site.

    Another test may have it later, unless it is asked for with `alone=True`.
    """
    taken, free = [], {options: list(some) for options, some in windows.items()}

    def open_window(*, viewport=None, alone=False, **context):
        options = tuple(context.items())
        if alone or not free.get(options):
            window = Reader(browser, live_server.url, **context)
            if not alone:
                windows.setdefault(options, []).append(window)
        else:
            window = free[options].pop()
        window.begin(viewport)
        taken.append((window, alone))
        return window

    yield open_window
    for window, alone in taken:
        window.context.close() if alone else window.end()
