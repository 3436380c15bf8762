"""Draw the pictures that the documentation shows, from the demo: `make pictures`."""

import base64
import sys
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from tests.browser.screenshots import demo_served, sign_in
from tests.machine import MISSING, chromium
from tests.thaw.places import ROOT

FOLDER = ROOT / "docs" / "pictures"
WINDOW = {"width": 1200, "height": 900}  # CSS pixels
SHARPNESS = 1.5  # pixels of the picture to one of them
MARGIN = 2  # below what is shown last
QUALITY = 80  # of WebP, at which small letters have no shadows


@dataclass(frozen=True)
class Picture:
    """What to show of a page: from the top of one element to the bottom of another.

    `typed` goes into the field of a deadline.
    """

    path: str
    last: str
    first: str = "body"
    signed_in: bool = False
    typed: str = ""


MEETING = "the meeting with open suggestions"
PICTURES = {
    "home": Picture("/", "[aria-labelledby=decisions] li:nth-child(3)"),
    "check": Picture("/check/?q=vnc-console", ".answer"),
    "release": Picture("/releases/cactus/", ".scrolled", first="[aria-labelledby=timeline]"),
    "exception": Picture("/exceptions/FFE-1/", ".story", signed_in=True),
    "grant": Picture(
        "/exceptions/FFE-2/extend/", ".help", signed_in=True, typed="EOD Friday Hawaii"
    ),
    "meeting": Picture(MEETING, "#l-17", first="#l-11"),
}


def main(wanted: list[str]) -> int:
    where = chromium()
    if where is None:
        print(MISSING["browser"])
        return 1
    FOLDER.mkdir(exist_ok=True)
    with demo_served() as (site, meeting), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, device_scale_factor=SHARPNESS, locale="en-GB")
        for name, picture in sorted(PICTURES.items(), key=lambda pair: pair[1].signed_in):
            if wanted and name not in wanted:
                continue
            if picture.signed_in and "Sign out" not in page.inner_text("header"):
                sign_in(page, site)
            page.goto(site + (meeting if picture.path == MEETING else picture.path))
            file = FOLDER / f"{name}.webp"
            file.write_bytes(_drawn(page, picture))
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


def _drawn(page: Page, picture: Picture) -> bytes:
    """The picture as WebP, which Chromium writes but Playwright does not ask for."""
    if picture.typed:
        page.fill("[name=deadline]", picture.typed)
        page.wait_for_selector("#deadline-reading p")
    page.locator(picture.first).first.evaluate("element => element.scrollIntoView()")
    first, last = (page.locator(one).first.bounding_box() for one in (picture.first, picture.last))
    assert first is not None
    assert last is not None
    top = min(first["y"], 0)  # what sticks to the window's top stays in the picture
    clip = {
        "x": 0,
        "y": top + page.evaluate("scrollY"),
        "width": WINDOW["width"],
        "height": last["y"] + last["height"] - top + MARGIN,
        "scale": 1,
    }
    asked = {
        "format": "webp",
        "quality": QUALITY,
        "clip": clip,
        "captureBeyondViewport": True,
    }
    answer = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    return base64.b64decode(answer["data"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
