from datetime import UTC, datetime

import pytest

from meetings.logs import DateHints
from meetings.minutes import Secretary
from meetings.profiles import MATRIX

UNVOTED = "For: 0, Against: 0, Abstained: 0"
DIALECTS = ["classic", "opendev", "fedora", "meetingology", "matrix"]
WITH_CHAIRS = DIALECTS[:-1]


@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_what_needs_the_chair_is_kept_but_does_not_count_without_it(meet, put, dialect):
    minutes = meet(
        dialect,
        "vishy #topic mine",
        "vishy #agreed mine",
        "vishy #agree mine",
        "vishy #accepted mine",
        "vishy #accept mine",
        "vishy #rejected mine",
        "ttx #topic ours",
        "ttx #agreed ours",
        "ttx #agree ours",
        "ttx #accepted ours",
        "ttx #accept ours",
        "ttx #rejected ours",
    )
    assert put(minutes) == [
        "topic: mine (not counted)",
        "agreed: mine (not counted)",
        "agreed: mine (not counted)",
        "accepted: mine (not counted)",
        "accepted: mine (not counted)",
        "rejected: mine (not counted)",
        "topic: ours",
        "agreed: ours",
        "agreed: ours",
        "accepted: ours",
        "accepted: ours",
        "rejected: ours",
    ]
    assert [item.by_chair for item in minutes.items] == [False] * 6 + [True] * 6
    assert {item.topic for item in minutes.items} == {"", "ours"}


@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_anybody_may_put_the_rest_on_record(meet, put, dialect):
    minutes = meet(
        dialect,
        "vishy #action write it",
        "vishy #info fact",
        "vishy #idea dream",
        "vishy #help wanted",
        "vishy #halp wanted",
        "vishy #link http://example.org/a",
        "vishy #info",
    )
    assert put(minutes) == [
        "action: write it",
        "info: fact",
        "idea: dream",
        "help: wanted",
        "help: wanted",
        "link: http://example.org/a",
        "info: ",
    ]
    assert not any(item.by_chair for item in minutes.items)


def test_an_item_tells_where_it_was_said_and_under_which_topic(meet):
    minutes = meet("classic", "ttx #topic first", "vishy #info fact", "ttx #topic second")
    assert [
        (item.line, f"{item.at:%H:%M:%S}", item.nick, item.kind, item.text, item.topic)
        for item in minutes.items
    ] == [
        (4, "21:00:03", "ttx", "topic", "first", "first"),
        (5, "21:00:04", "vishy", "info", "fact", "first"),
        (6, "21:00:05", "ttx", "topic", "second", "second"),
    ]


@pytest.mark.parametrize(
    ("said", "classic", "meetingology"),
    [
        ("#action: vishy writes", ["action: : vishy writes"], []),
        ("#info:x", ["info: :x"], []),
        ("#info\tx", ["info: x"], ["info: x"]),
        ("#info   x  ", ["info: x"], ["info: x"]),
        ("#infox", [], []),
        ("#ToPiC x", ["topic: x"], ["topic: x"]),
        ("#INFO x", ["info: x"], ["info: x"]),
        ("#subtopic x", [], ["subtopic: x"]),
        ("#progress x", [], ["subtopic: x"]),
        ("#reject x", ["rejected: x"], ["rejected: x"]),
        ("#1234 is a bug", [], []),
        ("#addchair vishy", [], []),
        ("#agreed: x", ["agreed: : x"], []),
        ("#proposed #agreed x", ["proposed: x"], ["proposed: x"]),
        ("#agreed #agreed x", ["agreed: #agreed x"], ["agreed: #agreed x"]),
        ("#info naïve “x”", ["info: naïve “x”"], ["info: naïve “x”"]),
        ("# info x", [], []),
        ("#", [], []),
        ("##info x", [], []),
        ("!info x", [], []),
        (" #info x", [], []),
        ("ok #info x", [], []),
        ("16:51 <soren> #info x", [], []),
        ("#vote yes", [], [f"vote: yes: Deadlock ({UNVOTED}) (not closed) (not counted)"]),
        ("#startvote Ship? Yes, No", [], []),
    ],
)  # fmt: skip
def test_a_command_begins_the_line_and_is_spelled_as_its_bot_wants_it(
    meet, put, said, classic, meetingology
):
    assert put(meet("classic", f"ttx {said}")) == classic
    assert put(meet("meetingology", f"ttx {said}")) == meetingology


def test_the_short_reject_is_missing_in_fedora_alone(meet, put):
    said = {dialect: put(meet(dialect, "ttx #reject x")) for dialect in WITH_CHAIRS}
    assert said == {key: [] if key == "fedora" else ["rejected: x"] for key in WITH_CHAIRS}


def test_what_somebody_does_or_a_bot_says_is_no_command(take, put):
    (minutes,) = take(
        "21:00:00 <ttx> #startmeeting\n"
        "21:00:01  * ttx #info x\n"
        "21:00:02  * ttx http://example.org/\n"
        "21:00:03 <openstack> #info x\n"
        "21:00:04 <openstack> http://example.org/\n"
        "21:00:05  * meetingology vishy writes it\n"
        "21:00:06 <ubottu> #agreed x\n"
    ).meetings
    assert put(minutes) == []
    assert [line.kind for line in minutes.lines()] == ["speech", "action", "action"] + ["bot"] * 4


@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_undo_takes_back_the_last_that_counts_and_only_by_a_chair(meet, put, dialect):
    said = ["ttx #topic x", "vishy #info y", "vishy #agreed z"]
    everything = ["topic: x", "info: y", "agreed: z (not counted)"]
    assert put(meet(dialect, *said, "vishy #undo")) == everything
    assert put(meet(dialect, *said, "ttx #undo")) == [
        "topic: x",
        "info: y (undone)",
        "agreed: z (not counted)",
    ]
    twice = meet(dialect, *said, "ttx #undo", "ttx #undo", "ttx #undo", "vishy #info late")
    assert put(twice) == [
        "topic: x (undone)",
        "info: y (undone)",
        "agreed: z (not counted)",
        "info: late",
    ]
    assert twice.items[-1].topic == "x"  # no bot goes back to the topic before


@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_chairs_are_made_and_unmade_by_chairs_and_the_owner_stays(meet, put, dialect):
    minutes = meet(
        dialect,
        "vishy #chair vishy",
        "vishy #agreed 1",
        "ttx #chair vishy, Soren  jay",
        "vishy #agreed 2",
        "soren #agreed 3",
        "ttx_ #agreed 4",
        "vishy #unchair ttx Soren",
        "ttx #agreed 5",
        "Soren #agreed 6",
        "ttx #unchair vishy",
        "vishy #agreed 7",
    )
    assert put(minutes) == [
        "agreed: 1 (not counted)",
        "agreed: 2",
        "agreed: 3 (not counted)",  # case matters
        "agreed: 4 (not counted)",  # another nick is another person
        "agreed: 5",
        "agreed: 6 (not counted)",
        "agreed: 7 (not counted)",
    ]
    assert minutes.chairs == ("ttx", "jay")
    assert minutes.people["jay"] == 0


@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_who_is_named_is_there_without_having_said_a_word(meet, dialect):
    minutes = meet(dialect, "vishy #nick bea, carl", "vishy #action bea writes it")
    assert minutes.people == {"ttx": 1, "soren": 1, "vishy": 2, "bea": 0, "carl": 0}
    assert [item.assignees for item in minutes.items] == [("bea",)]


@pytest.mark.parametrize(
    ("dialect", "said", "title"),
    [
        ("classic", "vishy #meetingname planning", "planning"),
        ("meetingology", "vishy #meetingname planning", "Weekly"),
        ("meetingology", "ttx #meetingname planning", "planning"),
        ("classic", "vishy #meetingtopic planning", "Weekly"),
        ("classic", "ttx #meetingtopic planning", "planning"),
        ("classic", "ttx #meetingtopic none", "Weekly"),
        ("matrix", "vishy !mn planning", "planning"),
        ("matrix", "vishy !meetingname planning", "planning"),
    ],
)
def test_a_meeting_can_be_named(meet, dialect, said, title):
    assert meet(dialect, said).title == title


def test_only_a_meeting_that_runs_can_be_started_in_lower_case(take):
    said = ["#StartMeeting x", "#STARTMEETING x", "#startmeetings x", " #startmeeting x", "x"]
    log = "".join(f"21:00:0{second} <ttx> {text}\n" for second, text in enumerate(said))
    assert take(log).meetings == []


@pytest.mark.parametrize(
    ("dialect", "nick", "after", "ends"),
    [
        ("classic", "ttx", "21:00:03", True),
        ("classic", "vishy", "23:59:59", False),
        ("fedora", "vishy", "23:59:59", False),
        ("meetingology", "vishy", "23:59:59", False),
        ("opendev", "ttx", "21:00:03", True),
        ("opendev", "vishy", "21:59:59", False),
        ("opendev", "vishy", "22:00:00", True),
    ],
)
def test_a_chair_ends_a_meeting_and_in_opendev_anybody_after_an_hour(
    take, dialect, nick, after, ends
):
    bot, words = {
        "classic": ("MeetBot", ""),
        "opendev": ("MeetBot", " and is due to finish in 60 minutes"),
        "fedora": ("zodbot", ""),
        "meetingology": ("meetingology", ""),
    }[dialect]
    (minutes,) = take(
        "21:00:00 <ttx> #startmeeting\n"
        f"21:00:01 <{bot}> Meeting started Tue Mar 29 21:00:00 2011 UTC{words}.\n"
        f"{after} <{nick}> #endmeeting\n"
        f"{after} <ttx> one more word\n"
    ).meetings
    assert minutes.profile == dialect
    assert (len(minutes.raw), minutes.warnings == ()) == ((3, True) if ends else (4, False))


def test_matrix_takes_from_anybody_what_it_was_told(meet, put):
    minutes = meet(
        "matrix",
        "vishy !topic one",
        "vishy !t two",
        "vishy ^agreed x",
        "vishy !rejected x",
        "vishy !action x",
        "vishy !info x",
        "vishy !idea x",
        "vishy !halp x",
        "vishy !link http://example.org/",
        "vishy #info x",
        "vishy !help x",
        "vishy !undo",
        "vishy !agree x",
        "vishy !chair vishy",
        "vishy !info: x",
        "vishy  !info x",
        "vishy http://example.org/",
        "soren !em",
        "ttx late",
    )
    assert put(minutes) == [
        "topic: one",
        "topic: two",
        "agreed: x",
        "rejected: x",
        "action: x",
        "info: x",
        "idea: x",
        "help: x",
        "link: http://example.org/",
    ]
    assert (minutes.chairs, minutes.raw[-1][4]) == (("@ttx:example.org",), "!em")


def test_matrix_tags_are_in_lower_case(meet, put):
    assert put(meet("matrix", "ttx !INFO x", "ttx !Agreed x")) == []


VOTE = "ttx #startvote Ship it? Yes, No, Later"


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ([VOTE, "vishy #vote yes", "soren #vote NO", "ttx #vote Later", "ttx #endvote"],
         ["vote: Ship it? Yes: 1, No: 1, Later: 1"]),
        ([VOTE, "vishy #vote no", "vishy #vote yes", "soren #vote maybe", "ttx #endvote"],
         ["vote: Ship it? Yes: 1, No: 0, Later: 0"]),
        ([VOTE, "vishy #vote yes", "vishy #endvote", "vishy #showvote"],
         ["vote: Ship it? Yes: 1, No: 0, Later: 0 (not closed) (not counted)"]),
        ([VOTE, "vishy #vote yes", "ttx #startvote Other? A, B", "ttx #endvote"],
         ["vote: Ship it? Yes: 1, No: 0, Later: 0"]),
        (["vishy #startvote Ship it? Yes", "vishy #vote yes", "ttx #endvote"], []),
        (["ttx #startvote Ship it?", "vishy #vote yes", "ttx #endvote"],
         ["vote: Ship it? Yes: 1, No: 0"]),
        (["ttx #startvote A? or B? A, B", "vishy #vote b", "ttx #endvote"],
         ["vote: A? or B? A: 0, B: 1"]),
        (["ttx #startvote Go? +1, -1", "vishy #vote +1", "ttx #endvote"],
         ["vote: Go? +1: 1, -1: 0"]),
        (["ttx #startvote no question", "vishy #vote yes", "ttx #endvote"], []),
    ],
)  # fmt: skip
def test_opendev_counts_the_last_vote_of_each(meet, put, said, result):
    assert put(meet("opendev", *said)) == result


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ("#proposed #agreed ship it", "proposed: ship it"),
        ("#proposed ship it", "proposed: ship it"),
        ("#proposal: ship it", "proposed: ship it"),
        ("proposed #agreed ship it", "proposed: ship it"),
        ("Proposal: #agreed ship it", "proposed: ship it"),
        ("PROPOSED #action bea to ship it", "proposed: bea to ship it"),
        ("#agreed proposed ship it", "proposed: ship it"),
        ("#agreed proposed: ship it", "proposed: ship it"),
        ("#agreed (proposed) ship it", "proposed: ship it"),
        ("#agreed #proposed ship it", "proposed: ship it"),
        ("#agreed proposal: ship it", "proposed: ship it"),
        ("#agreed proposed schedule is accepted", "agreed: proposed schedule is accepted"),
        ("#agreed proposal 3", "agreed: proposal 3"),
        ("#agreed ship it as proposed", "agreed: ship it as proposed"),
        ("#action Quorum achieved (5)", "info: Quorum achieved (5)"),
        ("#action we have quorum reached", "info: we have quorum reached"),
        ("#action quorum rules to be written", "action: quorum rules to be written"),
    ],
)
@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_what_people_write_without_the_bots_knowing_is_what_they_mean(
    meet, put, dialect, said, item
):
    minutes = meet(dialect, f"ttx {said}")
    assert put(minutes) == [item]
    assert minutes.items[0].assignees == ()


def test_a_proposal_is_nothing_that_the_bot_could_take_back(meet, put):
    minutes = meet("fedora", "ttx #info x", "ttx #proposed #agreed y", "ttx #undo")
    assert put(minutes) == ["info: x (undone)", "proposed: y"]
    assert put(meet("classic", "vishy we proposed #agreed y", "vishy proposed a plan")) == []


@pytest.mark.parametrize("verb", "save lurk unlurk restrictlogs commands".split())
@pytest.mark.parametrize("dialect", WITH_CHAIRS)
def test_what_only_the_bot_does_leaves_no_trace_in_the_minutes(meet, put, dialect, verb):
    minutes = meet(dialect, f"ttx #{verb}", f"vishy #{verb}", "ttx #info x")
    assert put(minutes) == ["info: x"]


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("[TOPIC] x", ["topic: x"]),
        ("[action] bea to write", ["action: bea to write"]),
        ("[LINK] http://example.org/", ["link: http://example.org/"]),
        ("[AGREED] x", ["agreed: x"]),
        ("[PROGRESS] x", ["subtopic: x"]),
        ("[action]x", []),
        ("[action x", []),
        ("[bea] x", []),
    ],
)
def test_brackets_are_commands_where_the_bot_knows_them(meet, put, said, items):
    assert put(meet("meetingology", f"ttx {said}")) == items
    assert put(meet("classic", f"ttx {said}")) == []


def test_each_line_of_a_matrix_message_may_be_a_tag(take, put):
    said = ["!startmeeting x", "hello", "so\n!info one\n^idea two\nand\n !info none", "!em"]
    at = datetime(2026, 5, 6, 14, tzinfo=UTC)
    rows = [(number, at, "@ttx:example.org", "speech", text) for number, text in enumerate(said, 1)]
    (minutes,) = Secretary(hints=DateHints(), profile=MATRIX).minutes([rows])
    assert put(minutes) == ["info: one", "idea: two"]


def test_a_log_without_a_start_is_one_meeting_where_its_format_says_so(take, put):
    log = "21:00:00 <ada> hello\n21:00:01 <bea> #info x\n21:00:02 <ada> #agreed y\n"
    assert take(log).meetings == []
    (minutes,) = take(log, whole=True).meetings
    assert put(minutes) == ["info: x", "agreed: y (not counted)"]
    assert minutes.people == {"ada": 2, "bea": 1}
    assert minutes.warnings == (
        "Nobody says #startmeeting; the whole log is taken as one meeting.",
    )


def test_a_log_with_a_start_is_that_meeting_and_no_other(take, put):
    log = (
        "20:59:00 <ada> hello\n20:59:01 <bea> #info x\n"
        "21:00:00 <ada> #startmeeting\n21:00:02 <ada> #agreed y\n21:00:03 <ada> #endmeeting\n"
        "21:01:00 <ada> bye\n"
    )
    taken = take(log, whole=True)
    (minutes,) = taken.meetings
    assert (put(minutes), minutes.raw[0][0]) == (["agreed: y"], 3)
    assert taken.left_out == [
        (1, "2 lines from here on are outside any meeting", 2),
        (6, "this line is outside any meeting", 1),
    ]
