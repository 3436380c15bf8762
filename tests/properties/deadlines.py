"""What must hold for any words that somebody gives as a deadline, or says in a line of talk."""

import dataclasses
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from governance.deadlines import Anchor, find_deadlines, find_zone, read_deadline

CACTUS = (
    Anchor("gammafreeze", "GammaFreeze", datetime(2011, 4, 7, tzinfo=UTC), "hard-freeze"),
    Anchor("rc1", "RC1", datetime(2011, 4, 9, tzinfo=UTC), "candidate"),
    Anchor("docsfreeze", "DocsFreeze", datetime(2011, 4, 12, tzinfo=UTC), "docs-freeze"),
    Anchor("cactus-ships", "Cactus", datetime(2011, 4, 15, tzinfo=UTC), "release"),
)
PIECES = (
    "until by before EOD EOW midnight today tomorrow Friday next this week 7 April 25th 2011-03-30"
    " 10:00 23:59 5pm noon UTC PST BST AoE Hawaii +3 days in two hours after RC1 GammaFreeze R-5"
    " 4/7 or / ( ) i.e. slipped to May 0 99 9999-12-31 next-meeting the of late business"
    " morning evening"
).split()
HARDER = (
    "0001-01-01 9999-12-31T23:59:59Z 24:00 00:00 12am -14:00 UTC+14 +99:99 31 February 29 2012"
    " 99999999 days weeks months R-99999 T+0 end of month IST CST EST5EDT \0 \u202e é Ⅻ ١٢"
    " 12.30 1st 2nd half past quarter Monday, Tue. ... — ; | [ ] @ # 2011/04/07 07.04.2011"
).split()  # fmt: skip
texts = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join),
    st.lists(st.sampled_from(PIECES + HARDER) | st.text(max_size=3), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES + HARDER), max_size=12).map("".join),
)
instants = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 Hypothesis adds the zone
    max_value=datetime(8900, 1, 1),  # noqa: DTZ001 the same
    timezones=st.just(ZoneInfo("UTC")),
)
zones = st.sampled_from(
    [None, *map(ZoneInfo, ("UTC", "Asia/Tokyo", "Pacific/Apia", "America/St_Johns"))]
)


def check(words: str, at: datetime, zone: tzinfo | None) -> None:
    """Read, and ahead or warned of, or told what is missing; never raised."""
    for reading in (
        read_deadline(words, said_at=at, zone=zone, milestones=CACTUS),
        *find_deadlines(words, said_at=at, zone=zone, milestones=CACTUS),
    ):
        assert (reading.at is None) == bool(reading.missing)
        assert reading.at is None or reading.at > at or reading.warnings
        assert (reading.sure == "doubtful") == bool(reading.warnings)
        assert (reading.earliest is None) == (reading.latest is None)
        assert reading.earliest is None or reading.earliest <= reading.latest
        assert dataclasses.replace(reading).spread_words == reading.spread_words
    found = find_zone(words)
    assert found is None or words[slice(*found.span)]
