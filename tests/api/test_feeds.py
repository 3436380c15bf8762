"""Calendars, feeds and badges, each read by a program of somebody else's."""

from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from tests.factories import make_exception, make_milestone, make_proposal, utc

pytestmark = pytest.mark.usefixtures("that_morning")


def events(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def test_a_calendar_tells_of_freezes_and_deadlines_in_utc_with_an_alarm(scene, client):
    exception = scene.grant()
    found = events(client, "/releases/cactus/calendar.ics")
    freeze = found[f"milestone-{scene.freeze.pk}@127.0.0.1"]
    assert (freeze.start, freeze["sequence"], str(freeze["summary"])) == (
        utc(2011, 3, 24, 10), 0, "FeatureFreeze (Cactus)",
    )  # fmt: skip
    assert b"DTSTART:20110324T100000Z" in freeze.to_ical()
    assert "blocks: feature" in freeze["description"]
    deadline = found[f"exception-{exception.pk}@127.0.0.1"]
    assert deadline.start == scene.until
    assert [alarm["trigger"].dt.total_seconds() for alarm in deadline.walk("VALARM")] == [-86400]


def test_a_move_is_told_as_the_same_entry_with_a_higher_sequence(scene, client):
    bound = scene.grant(expires=scene.gamma)
    path = "/releases/cactus/calendar.ics"
    before = events(client, path)
    scene.gamma.move(to=utc(2011, 4, 6, 10), by=scene.thea, at=scene.now, why="Two wait.")
    after = events(client, path)
    assert set(after) == set(before)
    for uid in (f"milestone-{scene.gamma.pk}@127.0.0.1", f"exception-{bound.pk}@127.0.0.1"):
        assert after[uid]["sequence"] == before[uid]["sequence"] + 1
        assert after[uid].start == utc(2011, 4, 6, 10)
    scene.decide(bound, "revoke")
    last = events(client, path)[f"exception-{bound.pk}@127.0.0.1"]
    assert (last["status"], last["sequence"]) == ("CANCELLED", after[uid]["sequence"] + 1)


def test_a_persons_calendar_has_what_is_theirs(scene, client):
    own = scene.grant()
    written = make_proposal(project=scene.nova, release=scene.release, author=scene.jun)
    by_hand = scene.grant(scene.ask(by=scene.ondine, proposals=[written]))
    scene.grant(scene.ask(by=scene.ondine))
    found = events(client, f"/people/{scene.jun.pk}/calendar.ics")
    assert {uid.split("@")[0] for uid in found} == {
        f"exception-{own.pk}", f"exception-{by_hand.pk}", f"milestone-{scene.freeze.pk}",
    }  # fmt: skip


def read_feed(client, path):
    answer = client.get(path)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    return feed


def test_decisions_are_a_feed_with_a_stable_name_each(scene, client):
    exception = scene.grant(scene.ask(title="Volumes & <b>more</b>"))
    feed = read_feed(client, "/decisions/feed.atom")
    assert [entry.title for entry in feed.entries] == [
        f"{exception.reference} granted by Thea: Volumes & <b>more</b>",
        f"{exception.reference} asked for by Jun: Volumes & <b>more</b>",
    ]
    last = feed.entries[0]
    assert last.summary == "Until Fri 1 April 2011 10:00 UTC. Self-contained."
    assert last.link == f"http://127.0.0.1:8000/exceptions/{exception.reference}/"
    assert last.updated == "2011-03-30T09:00:00+00:00"
    assert feed.feed.updated == last.updated


def test_exceptions_are_a_feed_of_how_they_stand(scene, client):
    exception = scene.grant()
    [entry] = read_feed(client, "/exceptions/feed.atom").entries
    assert entry.id == f"http://127.0.0.1:8000/exceptions/{exception.reference}/"
    assert entry.summary.startswith("Cactus: granted until Fri 1 April 2011 10:00 UTC.")
    assert entry.tags[0].term == "granted"


FEEDS = ["/releases/cactus/calendar.ics", "/decisions/feed.atom", "/exceptions/feed.atom"]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_that_has_not_changed_is_not_sent_again(scene, client, path, time_machine):
    scene.grant()
    first = client.get(path)
    time_machine.move_to(utc(2011, 3, 30, 10))
    headers = {"If-None-Match": first["ETag"]}
    assert client.get(path, headers=headers).status_code == 304
    scene.grant()
    assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_costs_the_same_for_one_and_for_three(scene, client, path):
    counts = []
    for number in (1, 2):
        for _ in range(number):
            scene.grant(expires=scene.gamma)
            make_milestone(release=scene.release)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def badge(client, path, **query):
    answer = client.get(path, query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    svg = ET.fromstring(answer.content)
    return svg.get("aria-label"), answer["Cache-Control"]


def test_a_badge_tells_how_an_exception_stands_until_that_changes(scene, client, time_machine):
    exception = scene.grant()
    path = f"/badge/{exception.reference}.svg"
    name = exception.reference
    assert badge(client, path) == (f"{name}: granted until 1 Apr 10:00 UTC", "public, max-age=30")
    time_machine.move_to(utc(2011, 4, 1, 9, 59, 50), tick=False)
    assert badge(client, path)[1] == "public, max-age=10"
    time_machine.move_to(scene.until, tick=False)
    assert badge(client, path)[0] == f"{name}: expired"
    assert client.get("/badge/FFE-999999.svg").status_code == 404
    assert client.get("/badge/nothing.svg").status_code == 404


def test_a_badge_of_a_proposal_tells_what_the_gate_says(scene, client):
    proposal = make_proposal(project=scene.nova, release=scene.release)
    path = "/badge/proposal.svg"
    assert badge(client, path, ref=proposal.url)[0] == "Cactus: may not land: missing"
    scene.grant(scene.ask(proposals=[proposal]))
    assert badge(client, path, ref=proposal.url)[0] == "Cactus: may land until 1 Apr 10:00 UTC"
    for words in ("", "nothing", "x" * 10_240, "a\0b"):
        assert client.get(path, {"ref": words}).status_code == 404


def test_a_badge_shows_words_and_runs_none(scene, client):
    scene.release.name = '<script>alert("x")</script>'
    scene.release.save()
    proposal = make_proposal(project=scene.nova, release=scene.release)
    answer = client.get("/badge/proposal.svg", {"ref": proposal.url})
    assert b"<script>" not in answer.content


def test_nothing_but_reading_is_answered(scene, client):
    make_exception()
    for path in [*FEEDS, "/badge/FFE-1.svg"]:
        assert client.post(path).status_code == 405
