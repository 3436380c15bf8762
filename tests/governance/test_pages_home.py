"""The first page: what stands, what waits, and what was decided last."""

import re
from datetime import timedelta

import pytest

from tests.factories import make_milestone, make_proposal, make_release

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("that_morning"),
]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(client, url):
    answer = client.get(url)
    assert (url, answer.status_code) == (url, 200)
    return answer.content.decode()


def plain(html):
    """The text of a page, each run of blanks as one."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
    return re.sub(r" ([,.:])", r"\1", text)


def section(html, name):
    """The records under a heading of that id, each in words."""
    part = html[html.index(f'<section aria-labelledby="{name}">') :]
    part = part[: part.index("</section>")]
    return [plain(record) for record in re.findall(r"<li\b.*?</li>", part, re.DOTALL)]


def test_the_first_page_tells_what_stands_the_first_to_end_first(scene, shipped, client):
    later = scene.grant(scene.ask(title="Later"), expires=scene.now + 8 * DAY)
    bound = scene.grant(scene.ask(title="Bound", by=scene.ondine), expires=scene.gamma)
    soon = scene.grant(scene.ask(title="Soon"), expires=scene.now + HOUR)
    scene.grant(at=scene.asked_at + HOUR, expires=scene.now)
    scene.decide(scene.ask(), "deny")
    scene.decide(scene.grant(), "land")
    part = read(client, "/").partition('<section aria-labelledby="standing">')[2]
    listed = re.findall(r"<li\b[^>]*>(.*?)</li>", part.partition("</section>")[0], re.DOTALL)
    assert [plain(record) for record in listed] == [
        f"1 h 00 min left {soon} until Wed 30 March 2011 10:00 UTC · asked by Jun",
        (
            f"6 d 1 h left {bound} until Tue 5 April 2011 10:00 UTC, with GammaFreeze"
            " · asked by Ondine"
        ),
        f"8 d 0 h left {later} until Thu 7 April 2011 09:00 UTC · asked by Jun",
    ]


def test_the_first_page_tells_what_waits_the_oldest_first(scene, shipped, client):
    second = scene.ask(title="Second", at=scene.asked_at + HOUR)
    first = scene.ask(title="First", by=scene.ondine)
    html = read(client, "/")
    assert "None: whatever a freeze blocks may not land." in html
    assert section(html, "waiting") == [
        f"Undecided {first} asked by Ondine, Tue 29 March 2011 21:00 UTC",
        f"Undecided {second} asked by Jun, Tue 29 March 2011 22:00 UTC",
    ]


def test_the_first_page_tells_the_last_six_decisions_newest_first(scene, shipped, client):
    exception = scene.grant(source_url="https://example.org/log")
    lapsed = scene.grant(at=scene.asked_at + HOUR, expires=scene.now)
    lapsed.expire(at=scene.now)
    decided = scene.decide(scene.ask(), "deny", at=scene.now + HOUR)
    told = section(read(client, "/"), "decisions")
    assert len(told) == 6
    assert told[:3] == [
        f"{decided.reference} denied by Thea Wed 30 March 2011 10:00 UTC",
        f"{lapsed.reference} expired Wed 30 March 2011 09:00 UTC",
        f"{exception.reference} granted by Thea Wed 30 March 2011 09:00 UTC · where it was said",
    ]


def test_the_first_page_is_about_the_release_being_made(scene, shipped, client):
    elsewhere = make_release(name="Diablo")
    freeze = make_milestone(release=elsewhere, blocks=["feature"])
    for title in ("Elsewhere, waiting", "Elsewhere, standing"):
        other = scene.ask(
            release=elsewhere, freeze=freeze, title=title, proposals=[make_proposal()]
        )
    scene.grant(other)
    here = scene.grant()
    listed = section(read(client, "/"), "standing")
    assert [record.split(" until")[0] for record in listed] == [f"2 d 1 h left {here}"]


def test_the_first_page_says_when_nothing_was_decided(client):
    make_release()
    html = read(client, "/")
    assert "None: whatever a freeze blocks may not land." in html
    assert "Nothing yet." in html
    assert "Nothing: every request is decided." in html
