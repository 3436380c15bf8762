"""How W3C groups put things on record."""

from datetime import date, timedelta

import pytest

from meetings.linking import said_in
from meetings.logs import DateHints, format_named
from meetings.minutes import Secretary
from meetings.models import Meeting
from meetings.profiles import W3C_SCRIBE
from meetings.relinking import heard_in


@pytest.fixture
def told():
    """The minutes of lines written `ann topic: x`; they need no start."""

    def told(*said):
        lines = [line.partition(" ") for line in said]
        rows = [
            (number, timedelta(seconds=number), nick, "speech", text)
            for number, (nick, _, text) in enumerate(lines, 1)
        ]
        secretary = Secretary(hints=DateHints("", date(2020, 1, 7)), profile=W3C_SCRIBE)
        (minutes,) = secretary.minutes([rows])
        return minutes

    return told


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("Topic: Lists", ["topic: Lists"]),
        ("  TOPIC : Lists", ["topic: Lists"]),
        ("subtopic: Order", ["subtopic: Order"]),
        ("topical: no", []),
        ("Action: bea to write", ["action: bea to write"]),
        ("action : bea write", ["action: bea write"]),
        ("  ACTION bea to write", ["action: bea to write"]),
        ("Action bea: write", ["action: bea: write"]),
        ("action\uff1abea to write", ["action: bea to write"]),
        ("action-20: looked at", []),
        ("close action-20", []),
        ("Action and passion", []),
        ("RESOLVED: ship it", ["resolved: ship it"]),
        ("Resolution: ship it", ["resolved: ship it"]),
        ("resolved to ship it", []),
        ("PROPOSED: ship it", ["proposed: ship it"]),
        ("proposal: ship it", ["proposed: ship it"]),
        ("Proposed resolution: ship it", ["proposed: ship it"]),
        ("regrets: carl, dee", ["info: regrets: carl, dee"]),
        ("Regrets+ carl", ["info: Regrets+ carl"]),
        ("agenda: http://example.org/a", ["link: http://example.org/a"]),
        ("agenda: later", []),
        ("#info x", []),
        ("I think topic: x", []),
    ],
)
def test_a_word_and_a_colon_put_something_on_record(told, put, said, items):
    assert put(told("bea hi", f"ann {said}")) == items


def test_chairs_scribes_and_people_present_are_taken_down(told):
    minutes = told(
        "ann Meeting: Weekly",
        "ann chair: ann, bea",
        "ann scribe: carl",
        "dee present+",
        "ann present+ Eve_M, Fay",
        "ann regrets: Gus",
        "Zakim Present: Hal",
    )
    assert (minutes.title, minutes.chairs, minutes.scribes) == ("Weekly", ("ann", "bea"), ("carl",))
    assert minutes.bots == ("Zakim",)
    assert minutes.people == {"ann": 5, "bea": 0, "Eve_M": 0, "Fay": 0, "Hal": 0, "dee": 1}
    assert minutes.warnings == ()


def test_lines_of_dots_go_on_with_the_item_before_them(told, put):
    minutes = told(
        "ann RESOLVED: ship it",
        "bea hm",
        "ann ... in May",
        "ann \u2026 or June",
        "bea ... never",
        "ann done",
        "ann ... really",
    )
    assert put(minutes) == ["resolved: ship it in May or June"]


@pytest.mark.parametrize(
    ("said", "items"),
    [
        (["ann s/ship/hold/"], ["resolved: hold it", "action: bea to ship it"]),
        (["ann s|ship|hold|"], ["resolved: hold it", "action: bea to ship it"]),
        (["ann s/ship/hold"], ["resolved: hold it", "action: bea to ship it"]),
        (["bea s/ship it/hold it/g"], ["resolved: hold it", "action: bea to hold it"]),
        (["ann s/ it//"], ["resolved: ship", "action: bea to ship it"]),
        (["bea we ship today", "ann s/ship/hold/"],
         ["resolved: ship it", "action: bea to ship it"]),
        (["ann s/ship/hold/", "ann s/hold it/wait/"], ["resolved: wait", "action: bea to ship it"]),
        (["ann s/nothing/hold/"], ["resolved: ship it", "action: bea to ship it"]),
        (["ann s/a/b/c"], ["resolved: ship it", "action: bea to ship it"]),
    ],
)  # fmt: skip
def test_a_correction_mends_the_nearest_item_and_no_line(told, put, said, items):
    lines = ["ann Action: bea to ship it", "ann Resolved: ship it", *said]
    minutes = told(*lines)
    assert sorted(put(minutes), reverse=True) == items
    assert [f"{row[2]} {row[4]}" for row in minutes.raw] == lines


def test_a_topic_that_was_mended_is_mended_for_what_follows(told):
    minutes = told("ann Topic: Lits", "ann s/Lits/Lists/", "ann RESOLVED: sort them")
    assert [item.topic for item in minutes.items] == ["Lists", "Lists"]


def test_corrections_cannot_blow_a_text_up_or_take_for_ever(told):
    minutes = told("ann RESOLVED: aaaa", *[f"ann s/a/{'a' * 400}/g"] * 200)
    assert len(minutes.items[0].text) < 16 * 1024
    many = told("ann hi", *["ann s/nowhere/x/"] * 1500)
    assert many.warnings == (
        "More corrections (s/…/…/) than are looked into; the last were not applied.",
    )


def test_each_line_has_its_speaker_and_topic_whoever_wrote_it_down(told):
    minutes = told(
        "ann scribe: bea",
        "ann Topic: Lists",
        "bea Carl: they are long",
        "bea ... and slow",
        "bea I disagree",
        "ann note: me too",
        "bea Topic: Sets",
        "ann bea: yes?",
    )
    assert [(speaker, topic) for _, speaker, topic in minutes.in_context()] == [
        ("ann", ""),
        ("ann", "Lists"),
        ("Carl", "Lists"),
        ("Carl", "Lists"),
        ("bea", "Lists"),
        ("ann", "Lists"),
        ("bea", "Sets"),
        ("ann", "Sets"),
    ]


def test_a_log_in_which_nobody_speaks_is_no_meeting():
    rows = [(1, timedelta(0), "Zakim", "speech", "Zakim has joined #x")]
    secretary = Secretary(hints=DateHints("", date(2020, 1, 7)), profile=W3C_SCRIBE)
    assert list(secretary.minutes([rows])) == []
    assert [entry.line for entry in secretary.left_out] == [1]


SCRIBED = """\
[2023-06-13T16:02:18.522Z]	<Transcriber>	scribe+
[2023-06-13T16:02:18.523Z]	<Transcriber>	Chair: mira
[2023-06-13T16:02:23.707Z]	<Transcriber>	mira: Welcome all.
[2023-06-13T16:02:24.000Z]	<Transcriber>	... and hello
[2023-06-13T16:02:25.000Z]	<pia>	mira: hello
[2023-06-13T16:02:26.000Z]	<Transcriber>	The film is here: https://example.org/film
"""


@pytest.mark.django_db
def test_what_a_scribe_writes_down_is_whose_words_it_is_when_imported_and_when_linked_again(
    take, store
):
    (minutes,) = take(SCRIBED, format="w3c-ccg", whole=True).meetings
    assert (minutes.bots, minutes.scribes) == ((), ("Transcriber",))
    assert minutes.people == {"mira": 0, "Transcriber": 5, "pia": 1}
    said = list(said_in(minutes))
    assert [(line.nick, line.by_chair) for line in said] == [
        ("Transcriber", False),
        ("Transcriber", False),
        ("mira", True),
        ("mira", True),
        ("pia", False),
        ("Transcriber", False),
    ]
    (imported,) = store(SCRIBED, format=format_named("w3c-ccg")).meetings
    (heard,) = heard_in([Meeting.objects.get(pk=imported.key)])
    assert heard.said == said
