"""Instants as pages tell them."""

from datetime import UTC, datetime, timedelta, timezone

from releases.templatetags.instants import countdown, in_zone, instant

FORMS = {
    "full": "%a {day} %B %Y %H:%M UTC",
    "brief": "{day} %b %Y %H:%M UTC",
    "short": "%a {day} %b %H:%M UTC",
    "day": "{day} %B %Y",
    "minute": "%H:%M UTC",
    "clock": "%H:%M:%S",
}


def test_an_instant_is_told_in_utc_with_its_stamp_in_each_form():
    hours = [
        datetime(2011, 1, 1, 3, 4, 5, 678, tzinfo=UTC) + timedelta(hours=97 * i) for i in range(91)
    ]
    for at in hours:
        for form, words in FORMS.items():
            told = at.strftime(words).format(day=at.day)
            assert instant(at, form) == f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{told}</time>'


def test_an_instant_of_another_zone_is_told_in_utc():
    at = datetime(2011, 3, 30, 0, 0, tzinfo=timezone(timedelta(hours=-10)))
    told = '<time datetime="2011-03-30T10:00:00Z">Wed 30 March 2011 10:00 UTC</time>'
    assert instant(at) == told
    assert in_zone(at, "Pacific/Honolulu") == "Wed 30 March 00:00"
    left = (
        '<time class="left soon" datetime="2011-03-30T10:00:00Z" data-left>4 h 00 min left</time>'
    )
    assert countdown(at, at - timedelta(hours=4)) == left
