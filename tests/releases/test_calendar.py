import pytest

from releases.models import Milestone, Release
from tests.factories import make_milestone, make_release, utc

pytestmark = pytest.mark.django_db


def shipping(name, *instants):
    """A release that ships at the last of these instants; the others are candidates."""
    release = make_release(name=name)
    for at in instants[:-1]:
        make_milestone(release=release, kind="candidate", at=at)
    make_milestone(release=release, kind="release", at=instants[-1])
    return release


def current(at):
    release = Release.objects.current(at)
    return release and release.name


def test_without_a_release_there_is_no_current_one():
    assert current(utc(2011, 4, 1)) is None


def test_the_current_release_is_the_next_to_ship():
    shipping("Diablo", utc(2011, 9, 22))
    shipping("Cactus", utc(2011, 4, 13), utc(2011, 4, 15))
    shipping("Bexar", utc(2011, 2, 3))
    by_day = {day: current(day) for day in (utc(2011, 2, 1), utc(2011, 4, 14), utc(2011, 8, 1))}
    assert list(by_day.values()) == ["Bexar", "Cactus", "Diablo"]


def test_a_release_is_current_until_the_instant_at_which_it_ships():
    shipping("Cactus", utc(2011, 4, 15))
    shipping("Diablo", utc(2011, 9, 22))
    assert [current(utc(2011, 4, 14, 23, 59)), current(utc(2011, 4, 15))] == ["Cactus", "Diablo"]


def test_when_all_have_shipped_the_last_to_ship_is_current():
    shipping("Cactus", utc(2011, 4, 15))
    shipping("Bexar", utc(2011, 2, 3))
    make_release(name="Essex")  # no date yet
    assert current(utc(2012, 1, 1)) == "Cactus"


def test_when_none_has_a_date_the_newest_is_current():
    make_milestone(release=make_release(name="Bexar"), kind="feature-freeze")
    make_release(name="Cactus")
    assert current(utc(2011, 4, 1)) == "Cactus"


def test_the_current_release_is_found_by_at_most_three_queries(django_assert_max_num_queries):
    make_release()
    with django_assert_max_num_queries(3):
        Release.objects.current(utc(2011, 4, 1))


def test_a_milestone_has_passed_from_its_very_instant_on():
    release = make_release()
    for slug, at in [
        ("one", utc(2011, 4, 1)),
        ("two", utc(2011, 4, 2)),
        ("three", utc(2011, 4, 3)),
    ]:
        make_milestone(release=release, slug=slug, at=at)

    def slugs(milestones):
        return list(milestones.values_list("slug", flat=True))

    assert slugs(Milestone.objects.passed(utc(2011, 4, 2))) == ["one", "two"]
    assert slugs(Milestone.objects.ahead(utc(2011, 4, 2))) == ["three"]
    assert slugs(release.milestones.ahead(utc(2011, 3, 1)).passed(utc(2011, 4, 1))) == ["one"]


def test_records_call_themselves_by_what_people_say():
    cactus = make_release(name="Cactus", version="2011.2")
    milestone = make_milestone(release=cactus, name="GammaFreeze", blocks=["feature", "bugfix"])
    assert [str(cactus), str(make_release(name="Bexar")), str(milestone)] == [
        "Cactus (2011.2)",
        "Bexar",
        "GammaFreeze (Cactus)",
    ]
    assert milestone.blocks_in_words == ["feature", "bug fix"]
