"""Draw the main pages of the demo into var/screenshots/: `python -m tests.browser.screenshots`."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from tests.machine import MISSING, chromium
from tests.thaw.places import ROOT, Place

FOLDER = ROOT / "var" / "screenshots"
PASSWORD = "a password for the length of a picture"
LOAD = f"""
django.setup()
from django.core.management import call_command
from django.utils import timezone
from meetings.models import Suggestion
from thaw.demo import load_demo
call_command("migrate", verbosity=0)
load_demo(at=timezone.now(), password={PASSWORD!r})
print(json.dumps(Suggestion.objects.open().first().meeting.get_absolute_url()))
"""
PAGES = {
    "home": "/",
    "check-yes": "/check/?q=vnc-console",
    "check-no": "/check/?q=disable-creds",
    "release": "/releases/cactus/",
    "exceptions": "/exceptions/",
    "exception": "/exceptions/FFE-1/",
    "proposals": "/proposals/",
    "proposal": "/proposals/launchpad:61001/",
    "decisions": "/decisions/",
    "people": "/people/",
    "meetings": "/meetings/",
    "suggestions": "/suggestions/",
    "actions": "/actions/",
    "agenda": "/agenda/",
    "search": "/search/?q=volumes",
    "status": "/status/",
    "not-here": "/nothing/here",
}
SIGNED_IN = {
    "exception-manager": "/exceptions/FFE-1/",
    "extend": "/exceptions/FFE-1/extend/",
    "ask": "/exceptions/new/?proposal=disable-creds",
    "person": "/people/1/",
    "me": "/me/",
    "meeting-new": "/meetings/new/",
    "suggestion": "/suggestions/1/",
}
WINDOWS = {"wide": (1280, 900), "narrow": (360, 740)}


def main(wanted: list[str]) -> int:
    where = chromium()
    if where is None:
        print(MISSING["browser"])
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_served() as (site, meeting), sync_playwright() as playwright:
        pages = PAGES | {"meeting": meeting}
        browser = playwright.chromium.launch(executable_path=where, args=["--no-sandbox"])
        for (window, (width, height)), scheme in product(WINDOWS.items(), ("light", "dark")):
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=scheme, locale="en-GB")
            _draw(page, site, pages, f"{window}-{scheme}", wanted)
            sign_in(page, site)
            _draw(page, site, SIGNED_IN, f"{window}-{scheme}", wanted)
            page.close()
        browser.close()
    return 0


@contextmanager
def demo_served() -> Iterator[tuple[str, str]]:
    """The address of a site with the demo, and the path of a meeting with open suggestions."""
    with TemporaryDirectory() as var:
        place = Place(Path(var))
        meeting = place.tell(LOAD)
        port = _free_port()
        server = place.start(
            "manage.py", "runserver", "--noreload", "--insecure", str(port), DEBUG="true"
        )
        try:
            site = f"http://127.0.0.1:{port}"
            _wait_for(site)
            yield site, meeting
        finally:
            server.terminate()
            server.wait()


def _draw(page: Page, site: str, pages: dict[str, str], look: str, wanted: list[str]) -> None:
    for name, path in pages.items():
        if not wanted or name in wanted:
            page.goto(site + path)
            picture = FOLDER / f"{name}-{look}.png"
            page.screenshot(path=picture, full_page=True)
            print(picture.relative_to(ROOT))


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/login/")
    page.fill("[name=username]", "thea")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(site: str) -> None:
    for _ in range(200):
        try:
            urlopen(f"{site}/healthz").close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Nothing answers at {site}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
