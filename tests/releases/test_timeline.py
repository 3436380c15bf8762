"""The timeline's geometry: what is where, nothing over something else, nothing lost."""

from datetime import timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.timeline import LETTER, WIDTH, Bar, Point, Window, draw, whole
from tests.factories import utc

DAY = timedelta(days=1)
NOW = utc(2011, 3, 30)
MARCH = Window(utc(2011, 3, 1), utc(2011, 4, 1))


def test_an_instant_stands_where_its_share_of_the_time_is():
    window = Window(utc(2011, 3, 1), utc(2011, 3, 11))
    places = [window.x(utc(2011, 3, day)) for day in (1, 6, 11)]
    assert places == [8.0, WIDTH / 2, WIDTH - 8]


def test_only_what_is_in_the_window_is_drawn_and_a_bar_is_cut_at_its_edges():
    points = [Point("before", utc(2011, 2, 1)), Point("in", utc(2011, 3, 9))]
    bars = [
        Bar("past", utc(2011, 1, 1), utc(2011, 2, 1), "expired"),
        Bar("through", utc(2011, 1, 1), utc(2011, 9, 1), "granted"),
    ]
    drawn = draw(MARCH, points, bars, utc(2011, 5, 1))
    assert [one.point.name for one in drawn.points] == ["in"]
    (bar,) = drawn.bars
    assert (bar.bar.name, bar.x, bar.x + bar.width, bar.goes_on) == ("through", 8, WIDTH - 8, True)
    assert drawn.now is None


def test_an_exception_ends_where_it_ends():
    ends = utc(2011, 3, 30, 10)
    drawn = draw(MARCH, [], [Bar("FFE-1", utc(2011, 3, 29), ends, "granted")], NOW)
    assert drawn.bars[0].x + drawn.bars[0].width == pytest.approx(MARCH.x(ends), abs=0.2)


names = st.text("abcdefghij", min_size=1, max_size=30)
instants = st.integers(0, 31 * 24 * 60 - 1).map(lambda n: MARCH.start + timedelta(minutes=n))


@given(st.lists(st.builds(Point, names, instants), max_size=40))
def test_no_label_covers_another_and_each_milestone_has_one(points):
    drawn = draw(MARCH, points, [], NOW)
    assert sorted(one.label.text for one in drawn.points) == sorted(one.name for one in points)
    spans = []
    for one in drawn.points:
        wide = len(one.label.text) * LETTER
        left = one.x if one.label.anchor == "start" else one.x - wide
        spans.append((one.label.y, left, left + wide))
    for (y, left, right), (other_y, other_left, other_right) in combinations(spans, 2):
        assert y != other_y or right <= other_left or other_right <= left
    assert all(0 < y < drawn.axis for y, _, _ in spans)


@pytest.mark.parametrize("days", [1, 2, 7, 30, 90, 200, 400, 1500, 7000])
def test_ticks_are_midnights_that_can_be_read_at_any_zoom(days):
    drawn = draw(Window(NOW - days * DAY / 2, NOW + days * DAY / 2), [], [], NOW)
    places = [tick.x for tick in drawn.ticks]
    assert 1 <= len(places) <= 15
    assert all(after - before > 60 for before, after in pairwise(places))


def test_a_whole_release_has_air_around_it_even_when_nothing_is_planned():
    assert whole([], NOW) == Window(NOW - DAY, NOW + DAY)
    around = whole([utc(2011, 1, 1), utc(2011, 4, 11)], NOW)
    assert around == Window(utc(2010, 12, 28), utc(2011, 4, 15))
