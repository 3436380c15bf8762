"""Logs of a channel: many meetings, talk between them, meetings that nobody ended."""

import pytest

from meetings.logs import Unread

NEVER_ENDED = "No #endmeeting by a chair; it is taken to end with its last line."
STARTED = "<MeetBot> Meeting started Mon May  4 {} 2015 UTC.  The chair is {}."


def spans(taken):
    """The title, the chairs and the first and last line of each meeting."""
    return [
        (minutes.title, minutes.chairs, minutes.raw[0][0], minutes.raw[-1][0])
        for minutes in taken.meetings
    ]


def test_meetings_are_told_apart_and_the_talk_between_them_is_accounted_for(take):
    taken = take("""\
20:00:00 <bea> anybody here?
20:00:05  * carl is
21:00:00 <ada> #startmeeting first
21:00:01 <ada> #info one
21:00:02 <ada> #endmeeting
21:00:03 <MeetBot> Meeting ended Mon May  4 21:00:02 2015 UTC.
21:00:03 <MeetBot> Minutes: http://example.org/
21:00:04 <bea> #info too late
22:00:00 <bea> #startmeeting second
22:00:01 <ada> #agreed I have no say here
22:00:02 <bea> #endmeeting
22:00:03 <bea> #startmeeting third
22:00:04 <bea> #endmeeting
22:00:05 <bea> bye
no shape

22:00:06 <carl> bye
""")
    assert spans(taken) == [
        ("first", ("ada",), 3, 7),
        ("second", ("bea",), 9, 11),
        ("third", ("bea",), 12, 13),
    ]
    assert taken.left_out == [
        Unread(1, "2 lines from here on are outside any meeting", 2),
        Unread(8, "this line is outside any meeting", 1),
        Unread(14, "3 lines from here on are outside any meeting", 3),
        Unread(16, "1 line left out, blank", 1),
    ]
    assert [minutes.bots for minutes in taken.meetings] == [("MeetBot",), (), ()]
    assert [minutes.people for minutes in taken.meetings] == [
        {"ada": 3},
        {"bea": 2, "ada": 1},
        {"bea": 2},
    ]
    assert [[item.counted for item in minutes.items] for minutes in taken.meetings] == [
        [True],
        [False],
        [],
    ]


def test_lines_of_no_shape_stay_in_their_meeting_and_are_reported(take):
    taken = take("21:00:00 <ada> #startmeeting\n*** ada sets a mode\n21:00:02 <ada> #endmeeting")
    (minutes,) = taken.meetings
    assert [(line.number, line.nick, line.kind, line.text) for line in minutes.lines()] == [
        (1, "ada", "speech", "#startmeeting"),
        (2, "", "unread", "*** ada sets a mode"),
        (3, "ada", "speech", "#endmeeting"),
    ]
    assert taken.left_out == [Unread(2, "no line shape of the format; kept as it is")]
    assert minutes.people == {"ada": 2}


def test_joins_and_parts_are_lines_of_a_meeting_but_nobodys_words(take):
    taken = take(
        "2019-01-07T09:00:00  <ada> #startmeeting weekly\n"
        "2019-01-07T09:00:01 *** bea <bea!~b@host.example> has joined #weekly\n"
        "2019-01-07T09:00:02 *** ada #info x\n"
        "2019-01-07T09:00:03  <ada> #endmeeting\n"
        "2019-01-07T09:00:04 *** bea has quit IRC\n",
        format="channellogger",
    )
    (minutes,) = taken.meetings
    assert [line.kind for line in minutes.lines()] == ["speech", "event", "event", "speech"]
    assert (minutes.people, minutes.items) == ({"ada": 2}, [])
    assert taken.left_out == [Unread(5, "this line is outside any meeting", 1)]


def test_a_meeting_without_an_end_ends_with_the_file_and_says_so(take):
    (minutes,) = take("21:00:00 <ada> #startmeeting\n21:30:00 <bea> #endmeeting\n").meetings
    assert minutes.warnings == (NEVER_ENDED,)
    assert f"{minutes.ended_at:%H:%M}" == "21:30"
    (ended,) = take("21:00:00 <ada> #startmeeting\n21:30:00 <ada> #endmeeting\n").meetings
    assert ended.warnings == ()


def test_a_start_that_the_bot_confirms_ends_the_meeting_before_it(take):
    taken = take(
        f"20:00:00 <ada> #startmeeting first\n20:00:01 {STARTED.format('20:00:00', 'ada')}\n"
        "20:00:02 <ada> #topic old\n20:30:00 <ada> bye\n21:00:00 <bea> #startmeeting second\n"
        f"21:00:01 {STARTED.format('21:00:00', 'bea')}\n"
        "21:00:02 <bea> #agreed ours\n21:00:03 <ada> #agreed theirs\n21:00:04 <bea> #endmeeting\n"
    )
    assert spans(taken) == [("first", ("ada",), 1, 4), ("second", ("bea",), 5, 9)]
    first, second = taken.meetings
    assert (first.warnings, second.warnings) == ((NEVER_ENDED,), ())
    assert [(item.text, item.topic, item.counted) for item in second.items] == [
        ("ours", "", True),
        ("theirs", "", False),
    ]
    assert f"{first.ended_at:%H:%M} {second.started_at:%H:%M}" == "20:30 21:00"


def test_a_start_that_no_bot_confirms_is_a_line_like_any_other(take):
    taken = take(
        f"20:00:00 <ada> #startmeeting first\n20:00:01 {STARTED.format('20:00:00', 'ada')}\n"
        "20:30:00 <bea> #startmeeting second\n20:30:01 <bea> #agreed x\n"
        "20:30:02 <ada> #endmeeting\n"
    )
    assert spans(taken) == [("first", ("ada",), 1, 5)]


@pytest.mark.parametrize(
    "confirmed",
    [
        f"21:00:01 {STARTED.format('21:00:00', 'bea')}\n",
        (
            "21:00:01 <zodbot> Meeting started Mon May  4 21:00:00 2015 UTC.\n"
            "21:00:01 <zodbot> The chair is bea. Information about MeetBot\n"
        ),
    ],
    ids=["in a line", "in two lines"],
)
def test_a_meeting_held_without_the_bot_does_not_swallow_the_next(take, confirmed):
    taken = take(
        "20:00:00 <ada> #startmeeting first\n20:00:01 <ada> no bot today?\n"
        f"21:00:00 <bea> #startmeeting second\n{confirmed}"
        "21:00:02 <bea> #agreed ours\n21:00:03 <bea> #endmeeting\n"
    )
    first, second = taken.meetings
    assert (first.title, first.chairs, len(first.raw)) == ("first", ("ada",), 2)
    assert (second.title, second.chairs, second.raw[0][0]) == ("second", ("bea",), 3)
    assert [item.counted for item in second.items] == [True]


def test_what_is_said_before_the_bot_confirms_is_on_record(take, put):
    taken = take(
        f"20:00:00 <ada> #startmeeting first\n20:00:01 {STARTED.format('20:00:00', 'ada')}\n"
        "21:00:00 <bea> #startmeeting second\n21:00:00 <bea> #topic quick\n"
        f"21:00:01 {STARTED.format('21:00:00', 'bea')}\n21:00:02 <bea> #endmeeting\n"
    )
    assert [put(minutes) for minutes in taken.meetings] == [[], ["topic: quick"]]


def test_a_line_of_no_shape_is_reported_once_wherever_a_meeting_is_cut(take):
    taken = take(
        f"20:00:00 <ada> #startmeeting first\n20:00:01 {STARTED.format('20:00:00', 'ada')}\n"
        "21:00:00 <bea> #startmeeting second\nno shape\n"
        f"21:00:01 {STARTED.format('21:00:00', 'bea')}\n21:00:02 <bea> #endmeeting\n"
    )
    assert spans(taken) == [("first", ("ada",), 1, 2), ("second", ("bea",), 3, 6)]
    assert taken.left_out == [Unread(4, "no line shape of the format; kept as it is")]


def test_a_log_may_begin_with_the_start_line_of_the_bot(take):
    taken = take(f"21:00:01 {STARTED.format('21:00:00', 'ada')}\n21:00:02 <ada> #agreed x\n")
    (minutes,) = taken.meetings
    assert (minutes.chairs, minutes.dating.source) == (("ada",), "bot")
    assert [item.counted for item in minutes.items] == [True]


def test_the_bot_of_fedora_names_the_chair_in_a_line_of_its_own(take):
    taken = take(
        "21:00:01 <zodbot> Meeting started Mon May  4 21:00:00 2015 UTC.\n"
        "21:00:01 <zodbot> This meeting is logged and archived in a public location.\n"
        "21:00:01 <zodbot> The chair is ada_b.c. Information about MeetBot at http://x.example.\n"
        "21:00:02 <ada_b.c> #agreed x\n"
    )
    (minutes,) = taken.meetings
    assert (minutes.chairs, minutes.profile) == (("ada_b.c",), "fedora")
    assert [item.counted for item in minutes.items] == [True]


@pytest.mark.parametrize("talk", [0, 3000])  # lines; the reader works in blocks
def test_a_bot_unknown_by_name_is_known_by_its_start_line(take, talk):
    text = (
        "20:00:00 <fancybot> I log this channel\n"
        + "20:00:01 <bea> some words before the meeting\n" * talk
        + "21:00:00 <ada> #startmeeting\n"
        "21:00:01 <fancybot> Meeting started Mon May  4 21:00:00 2015 UTC.  The chair is ada.\n"
        "21:00:01 <fancybot> Useful Commands: #action #agreed.\n"
        "21:00:02 <fancybot> #info x\n"
        "21:00:03 <ada> #endmeeting\n"
        "21:00:04 <fancybot> Meeting ended.\n"
    )
    (minutes,) = take(text).meetings
    assert (minutes.bots, minutes.people, minutes.items) == (("fancybot",), {"ada": 2}, [])
    assert [line.kind for line in minutes.lines()] == ["speech"] + ["bot"] * 3 + ["speech", "bot"]


WHOLE = "Nobody says #startmeeting; the whole log is taken as one meeting."


def test_a_log_in_which_nobody_begins_a_meeting_is_one_if_so_told(take):
    text = (
        "\n2019-01-07T08:59:00 *** bea <b!b@host.example> has joined #weekly\n"
        "2019-01-07T09:00:00  <ada> hello\n2019-01-07T09:00:05  * bea waves\nno shape\n"
        "2019-01-07T09:30:00  <ada> #info done\n"
        "2019-01-07T23:00:00 *** bea has quit IRC\n"
    )
    assert take(text, format="channellogger").meetings == []
    taken = take(text, format="channellogger", whole=True)
    (minutes,) = taken.meetings
    assert spans(taken) == [("", (), 3, 7)]
    assert (minutes.warnings, minutes.people) == ((WHOLE,), {"ada": 2, "bea": 1})
    assert f"{minutes.started_at:%H:%M} {minutes.ended_at:%H:%M}" == "09:00 09:30"
    assert [item.text for item in minutes.items] == ["done"]
    assert taken.left_out == [
        Unread(1, "1 line left out, blank", 1),
        Unread(2, "this line is outside any meeting", 1),
        Unread(5, "no line shape of the format; kept as it is"),
    ]


@pytest.mark.parametrize("talk", [1, 3000])  # lines; the reader works in blocks
def test_a_meeting_that_somebody_begins_is_no_whole_log(take, talk):
    text = "20:00:00 <bea> words\n" * talk + "21:00:00 <ada> #startmeeting\n21:00:01 <bea> hi\n"
    for whole in (False, True):
        taken = take(text, whole=whole)
        assert spans(taken) == [("", ("ada",), talk + 1, talk + 2)]
        assert taken.meetings[0].warnings == (NEVER_ENDED,)
        assert [entry.line for entry in taken.left_out] == [1]


def test_where_nobody_says_a_word_there_is_no_meeting(take):
    for text in ("no shape\n", "2019-01-07T08:59:00 *** bea has quit IRC\n" * 3, "\n"):
        assert take(text, format="channellogger", whole=True).meetings == []


def test_a_whole_log_of_a_year_is_cut_like_any_meeting(take):
    taken = take("21:00:01 <ada> hi\n" * 120_000, whole=True)
    (minutes,) = taken.meetings
    assert 100_000 <= len(minutes.raw) < 110_000
    assert minutes.warnings[0] == WHOLE
    counted = sum(unread.lines for unread in taken.left_out)
    assert len(minutes.raw) + counted == 120_000


def test_the_command_takes_a_whole_log_as_a_meeting_when_told(run, tmp_path):
    path = tmp_path / "talk.2011-03-29.log"
    path.write_text("21:00:00 <ada> hello\n21:00:05 <bea> hi\n")
    refused = run(path)
    assert refused.status == 1
    assert refused.err.endswith("If the whole log is one, say --whole.\n")
    told = run(path, "--whole")
    summary = "talk.2011-03-29-21.00: imported. #talk, 2011-03-29 21:00 UTC, 2 lines, 2 people"
    assert told == (0, f"{summary}; no items.\n  {WHOLE}\n", "")
    assert "already there, unchanged" in run(path, "--whole").out
