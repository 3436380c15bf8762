"""Ten years of logs come in beside a running release whose names were used before."""

import re

import pytest

from meetings.models import Meeting, Mention, Suggestion, WeekCount
from meetings.relinking import link_again
from tests.factories import make_freeze, make_milestone, make_release, utc
from tests.thaw.logs import make_meeting

pytestmark = pytest.mark.django_db

SAID = (
    "#topic Cactus release status",
    "#info 65 bugs opened and 27 fixes committed this week",
    "#info GammaFreeze moves to Thursday 14 April",
    "https://code.launchpad.net/~jun/nova/volumes/+merge/61001",
    "#agreed volumes gets an exception until GammaFreeze",
)
IN_2011 = utc(2011, 3, 29, 21)
OF_2011 = (utc(2011, 3, 24), utc(2011, 4, 7, 10), utc(2011, 4, 14, 10))
OF_2026 = (utc(2026, 11, 17), utc(2026, 12, 8, 10), utc(2026, 12, 15, 10))


def make_cactus(dates=OF_2026):
    frozen, gamma, ships = dates
    cactus = make_release(slug="cactus", name="Cactus")
    make_freeze(release=cactus, slug="featurefreeze", name="FeatureFreeze", at=frozen)
    make_milestone(release=cactus, slug="gammafreeze", name="GammaFreeze", at=gamma)
    make_milestone(release=cactus, slug="cactus", name="Cactus", kind="release", at=ships)
    return cactus


def attached():
    """What of a log was attached to the release and its milestones, by kind."""
    moved = Suggestion.objects.get(verdict="move-milestone")
    granted = Suggestion.objects.get(verdict="grant")
    return {
        "count": WeekCount.objects.get().release_id is not None,
        "move": moved.milestone_id is not None,
        "release": {moved.release_id is not None, granted.release_id is not None},
        "mentions": Mention.objects.filter(release__isnull=False).exists()
        or Mention.objects.filter(milestone__isnull=False).exists(),
        "bound": granted.bound_to,
    }


NOTHING = {"count": False, "move": False, "release": {False}, "mentions": False, "bound": ""}
EVERYTHING = {
    "count": True, "move": True, "release": {True}, "mentions": True, "bound": "gammafreeze"
}  # fmt: skip


@pytest.mark.parametrize("begins", [utc(2025, 12, 1, 21), utc(2026, 11, 28, 21)])
def test_a_meeting_within_a_year_of_a_releases_first_milestone_is_about_it(begins):
    make_cactus()
    make_meeting(*SAID, begins=begins)
    assert attached() == EVERYTHING


def test_a_meeting_of_2011_is_not_about_the_release_of_2026_that_has_its_name():
    make_cactus()
    make_meeting(*SAID, begins=IN_2011)
    assert attached() == NOTHING
    moved = Suggestion.objects.get(verdict="move-milestone")
    assert str(moved) == "move the milestone: gammafreeze of cactus"


def test_a_release_that_has_no_date_yet_may_be_meant():
    make_release(slug="cactus", name="Cactus")
    make_meeting(*SAID, begins=IN_2011)
    assert attached()["count"] is True


def test_linking_again_goes_by_the_dates_that_are_known_then():
    cactus = make_release(slug="cactus", name="Cactus")
    make_meeting(*SAID, begins=IN_2011)
    dates = dict(zip(("featurefreeze", "gammafreeze"), OF_2011, strict=False))
    stones = [make_milestone(release=cactus, slug=slug, at=at) for slug, at in dates.items()]
    link_again(list(Meeting.objects.all()))
    assert attached()["count"] is True
    for stone in stones:
        type(stone).objects.filter(pk=stone.pk).update(at=OF_2026[0])
    link_again(list(Meeting.objects.all()))
    assert attached() == NOTHING


def test_the_weekly_counts_of_2011_are_not_on_the_page_of_the_running_release(client):
    cactus = make_cactus()
    make_meeting(*SAID, begins=IN_2011)
    make_meeting(*SAID[:1], "31 bugs opened, 29 fixes committed", begins=utc(2026, 11, 28, 21))
    html = client.get(cactus.get_absolute_url()).content.decode()
    weeks = html[html.index('<h2 id="weeks">') :]
    assert re.findall(r"<td>(\d+ \w+ \d{4})</td>", weeks) == ["23 November 2026"]


def test_the_list_has_what_was_said_long_before_the_running_release_in_groups_of_its_own(
    client, time_machine
):
    time_machine.move_to(utc(2026, 11, 29))
    make_cactus()
    for begins in (utc(2026, 11, 28, 21), IN_2011, utc(2026, 11, 21, 21), utc(2014, 9, 2, 21)):
        make_meeting(*SAID, begins=begins)
    html = client.get("/suggestions/?state=open").content.decode()
    marks = re.findall(r"From meetings of \d{4}|#l-\d+|<tbody>", html)
    assert [mark for mark in marks if not mark.startswith("#")] == [
        "<tbody>",
        "<tbody>",
        "From meetings of 2014",
        "<tbody>",
        "From meetings of 2011",
    ]
    said = re.findall(r"/meetings/([^/]+)/#l-", html)
    assert said == sorted(said, reverse=True)


def test_where_no_release_has_a_date_the_list_has_no_groups(client):
    make_meeting(*SAID, begins=IN_2011)
    html = client.get("/suggestions/").content.decode()
    assert ("#l-" in html, "From meetings" in html) == (True, False)
