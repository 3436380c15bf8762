"""The schedules and lists that communities published, mistakes included."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from releases.schedules import WRITERS, Hints, read
from releases.schedules import kubernetes_exceptions as lists
from tests.factories import utc

pytestmark = pytest.mark.corpus

FOLDERS = [
    *(f"openstack/{name}" for name in ("ocata", "queens", "caracal", "hibiscus")),
    *(f"kubernetes/{v}" for v in ("1.14", "1.20", "1.21", "1.23", "1.25", "1.27", "1.30", "1.35")),
]


def contradictions(schedule):
    return [(one.slug, one.code.value, one.line, list(one.choices)) for one in schedule.warnings]


def test_hibiscus_freezes_on_the_thursday_of_r_5(published):
    freeze = next(m for m in published("openstack/hibiscus").milestones if m.slug == "h-ff")
    assert (freeze.at, freeze.at.strftime("%A"), freeze.kind, freeze.blocks, freeze.line) == (
        utc(2026, 8, 27, 23, 59),
        "Thursday",
        "feature-freeze",
        ("feature",),
        114,
    )


CONTRADICTIONS = {
    "openstack/hibiscus": [],
    "openstack/queens": [("q-ptg", "year", 42, ["table", "prose"])],
    # All four stand in the week of 5 December, and the prose gives each a day of the next.
    "openstack/ocata": [
        ("o-2", "week", 73, ["table", "prose"]),
        ("o-cinder-nddeadline", "week", 245, ["table", "prose"]),
        ("o-cinder-spec-freeze", "week", 256, ["table", "prose"]),
        ("o-manila-spec-frz2", "week", 310, ["table", "prose"]),
    ],
    "openstack/caracal": [
        ("c-cinder-spec-freeze", "year", 234, ["table", "prose"]),
        ("c-cinder-spec-freeze", "weekday", 234, []),
    ],
    "kubernetes/1.27": [
        ("enhancements-freeze", "season", 60, []),
        ("feature-blog-freeze", "season", 66, []),
        ("code-freeze", "double-time", 67, ["utc", "pacific"]),
        ("test-freeze", "double-time", 72, ["utc", "pacific"]),
        # The same pair of times as the test freeze's.
        ("release-blog-ready-to-review", "double-time", 79, ["utc", "pacific"]),
    ],
    "kubernetes/1.30": [
        ("start-release-notes-draft", "ordinal", 58, []),
        ("enhancements-freeze", "season", 61, []),
        ("feature-blog-freeze", "season", 68, []),
        ("feature-blog-freeze", "weekday", 68, ["date", "weekday"]),
        ("feature-blog-freeze", "weekday", 68, ["date", "weekday"]),
        ("code-freeze", "season", 69, []),
        # The summary has it a week earlier.
        ("test-freeze", "summary", 81, ["timeline", "summary"]),
    ],
}


@pytest.mark.parametrize("folder", CONTRADICTIONS)
def test_every_contradiction_is_found_by_its_line_and_no_other(folder, published):
    assert contradictions(published(folder)) == CONTRADICTIONS[folder]


def test_of_a_date_that_belongs_to_another_event_nothing_is_said(published):
    """The prose of the checkpoint gives the day of the clients' freeze, four weeks later."""
    found = {m.slug: m.at for m in published("openstack/caracal").milestones}
    assert found["c-cinder-feature-checkpoint"] == utc(2024, 2, 1, 23, 59)


INSTANTS = [
    ("openstack/queens", "q-glance-spec-proposal-freeze", utc(2017, 9, 28, 13)),
    ("openstack/queens", "q-rc1", utc(2018, 2, 8, 23, 59)),
    ("openstack/queens", "q-release", utc(2018, 2, 28, 23, 59)),
    ("openstack/queens", "q-trailing-release", utc(2018, 5, 30, 23, 59)),
    ("openstack/caracal", "c-cinder-mid-cycle-ptg-2", utc(2024, 2, 14, 14)),
    ("openstack/caracal", "d-election-email-deadline", utc(2024, 2, 28)),
    ("openstack/hibiscus", "h-nova-spec-review-day-2", utc(2026, 6, 4, 23, 59)),
    ("openstack/hibiscus", "h-final", utc(2026, 9, 30, 23, 59)),
    ("kubernetes/1.14", "code-freeze", utc(2019, 3, 8, 7, 59)),
    ("kubernetes/1.20", "v1-20-0-released", utc(2020, 12, 8, 23, 59)),
    ("kubernetes/1.23", "code-freeze", utc(2021, 11, 17, 2)),
    ("kubernetes/1.25", "code-freeze", utc(2022, 8, 3, 1)),
    ("kubernetes/1.30", "code-freeze", utc(2024, 3, 6, 2)),
    ("kubernetes/1.35", "code-freeze-and-test-freeze", utc(2025, 11, 7, 12)),
]


@pytest.mark.parametrize(("folder", "slug", "at"), INSTANTS)
def test_a_date_in_words_is_an_instant(folder, slug, at, published):
    assert {m.slug: m.at for m in published(folder).milestones}[slug] == at


def test_the_two_schedules_of_one_release_agree_on_every_instant(published):
    """The table and the calendar name things differently, so their instants are compared."""
    table = published("kubernetes/1.35")
    calendar = published("kubernetes/1.35", file="schedule.ics")
    assert {m.at for m in calendar.milestones} <= {m.at for m in table.milestones}
    kinds = Counter(m.kind for m in calendar.milestones)
    assert (kinds["feature-freeze"], kinds["docs-freeze"], kinds["release"]) == (1, 1, 1)


def test_dates_without_a_year_are_asked_about_together(published):
    assert published("kubernetes/1.21").milestones == ()
    words = (
        "Lines 53 to 83: 31 dates say no year (the first is “Mon January 11”) and the document does"
        " not tell which: give it (--year)."
    )
    assert published("kubernetes/1.21").notes == (words,)
    assert len(published("kubernetes/1.21", year=2021).milestones) == 31


WRITTEN = [
    (folder, kind)
    for folder in FOLDERS
    for kind in WRITERS
    if kind == "ics" or kind.partition("-")[0] in folder
]


@pytest.mark.parametrize(("folder", "kind"), WRITTEN)
def test_what_is_written_reads_back_as_the_same_milestones(folder, kind, published):
    schedule = published(folder, year=2021 if "1.21" in folder else None)
    text, *others = WRITERS[kind](
        schedule.milestones, name=schedule.name, version=schedule.version
    ).values()
    again = read(text, hints=Hints(prose=others[0] if others else ""))

    def rows(of):
        return sorted(
            (m.slug, m.name, m.kind, m.blocks, m.project, m.at) for m in of.milestones if m.at
        )

    assert rows(again) == rows(schedule)
    assert (again.name, again.warnings) == (schedule.name, ())


BACKWARDS = (
    "“In-place Update of Pod Resources” was reviewed on 2021-08-03, before it was requested on"
    " 2022-07-30; it is taken as undecided."
)


def errors(found):
    return [(one.line, one.is_lost) for one in found.problems if one.is_error]


def test_a_stray_comma_costs_its_own_entry(listed):
    found = listed("1.20")
    assert (len(found.entries), errors(found)) == (15, [(32, True)])
    assert found.entries[5].requested_on == date(2020, 11, 2)  # written 2020-11-2


def test_lines_of_nothing_visible_cost_no_entry_and_are_named(listed):
    found = listed("1.23")
    lines = [8, 18, 27, 36, 45, 54, 63, 72, 82, 91, 100]
    assert (len(found.entries), errors(found)) == (11, [(line, False) for line in lines])


def test_the_lists_are_read_with_all_their_irregularities(listed):
    statuses = Counter(
        e.status for v in ("1.20", "1.21", "1.23", "1.25", "1.35") for e in listed(v).entries
    )
    assert statuses == {"approved": 45, "denied": 21, "": 1}
    assert [p.message for p in listed("1.21").problems] == [
        "issue 1981 is listed 3 times, in lines 10, 103 and 112."
    ]
    (backwards,) = listed("1.25").problems
    assert (backwards.line, backwards.message) == (
        37,
        BACKWARDS,
    )
    freezes = [Counter(e.freeze for e in listed(v).entries) for v in ("1.20", "1.25", "1.35")]
    assert freezes == [
        {"enhancement": 7, "code": 8},
        {"enhancement": 1, "code": 12},
        {"enhancement": 2, "code": 13, "docs": 1},
    ]


@pytest.mark.parametrize("version", ["1.20", "1.21", "1.23", "1.25", "1.35"])
def test_a_list_that_is_written_reads_back_as_the_same_entries(version, listed):
    entries = listed(version).entries
    again = lists.read(lists.write(entries)).entries

    def rows(of):
        return sorted(
            (
                e.name,
                e.issue,
                e.requested_on,
                str(e.reviewed_on),
                e.thread,
                e.pull_requests,
                e.status,
                e.freeze,
            )
            for e in of
        )

    assert rows(again) == rows(entries)


def test_no_word_of_another_release_is_read_into_one(published):
    in_2026 = {m.at.year for m in published("openstack/hibiscus").milestones}
    assert in_2026 == {2026}
    assert datetime(2026, 4, 2, 23, 59, tzinfo=UTC) in {
        m.at for m in published("openstack/hibiscus").milestones if m.kind == "other"
    }
