"""Who is a bot, and who only sounds like one: a start line decides over dates and chairs."""

import pytest

from meetings.bots import is_bot
from meetings.profiles import CLASSIC, FEDORA, MEETINGOLOGY, OPENDEV, profile_of_bot


@pytest.mark.parametrize(
    "nick",
    "openstack opendevmeet zodbot MeetBot meetbot meetingology lightningbot corebot collabot"
    " eucabot centbot linarobot ubottu ubot5 supybot KGB-0 KGB-client RRSAgent Zakim trackbot"
    " agendabot @zodbot:fedora.im @meetbot:example.org".split(),
)
def test_the_bots_met_in_the_field_are_known_by_name(nick):
    assert is_bot(nick)


@pytest.mark.parametrize("nick", ["ubot5`", "ubottu_", "meetingology_", "openstack__", "zodbot`"])
def test_a_bot_that_came_back_under_another_nick_is_a_bot_all_the_same(nick):
    assert is_bot(nick)


@pytest.mark.parametrize(
    "nick", ["ttx", "robot", "bot", "openstacker", "abbott", "@ada:meetbot.org", "zodbot-fan", ""]
)
def test_a_person_is_none(nick):
    assert not is_bot(nick)


@pytest.mark.parametrize(
    ("nick", "text", "profile"),
    [
        ("openstack", "Meeting started Tue Mar 29 21:00:49 2011 UTC.  The chair is a.", CLASSIC),
        ("x", "Meeting started Tue ... UTC and is due to finish in 60 minutes.", OPENDEV),
        ("zodbot", "Meeting started Wed Oct  7 14:00:29 2020 UTC.", FEDORA),
        ("x", "Meeting started ... at https://fedoraproject.org/wiki/Zodbot", FEDORA),
        ("meetingology", "Meeting started Mon Oct  2 16:05:47 2017 UTC.", MEETINGOLOGY),
        ("x", "Meeting started ... at http://wiki.ubuntu.com/meetingology", MEETINGOLOGY),
    ],
)
def test_the_start_line_gives_the_dialect_away(nick, text, profile):
    assert profile_of_bot(text, nick=nick, default=CLASSIC) == profile


START = "21:00:00 <ada> #startmeeting\n"
BOT = "21:00:01 <MeetBot> Meeting started Mon May  4 21:00:00 2015 UTC.  The chair is ada.\n"
CLAIM = "Meeting started Tue Jan  1 00:00:00 1991 UTC.  The chair is mallory."


def test_a_chair_who_quotes_a_start_line_stays_a_person(take, put):
    (minutes,) = take(f"{START}21:00:02 <ada> {CLAIM}\n21:00:03 <ada> #agreed x\n").meetings
    assert (minutes.bots, minutes.people, put(minutes)) == ((), {"ada": 3}, ["agreed: x"])
    assert f"{minutes.started_at:%Y-%m-%d}" == "2011-03-29"


def test_somebody_who_has_spoken_and_quotes_a_start_line_stays_a_person(take, put):
    text = f"{START}21:00:02 <bea> hi\n21:00:03 <bea> {CLAIM}\n21:00:04 <bea> #info x\n"
    (minutes,) = take(text).meetings
    assert (minutes.bots, minutes.people, put(minutes)) == ((), {"bea": 3, "ada": 1}, ["info: x"])
    assert f"{minutes.started_at:%Y-%m-%d}" == "2011-03-29"


@pytest.mark.parametrize(
    "claim",
    [
        f"21:10:00 <mallory> #startmeeting mine\n21:10:01 <mallory> {CLAIM}\n",
        f"21:10:00 <mallory> #startmeeting mine\n21:10:01 <eve> {CLAIM}\n",
        f"21:10:00 <mallory> #startmeeting mine\n21:10:01  * eve {CLAIM}\n",
        f"21:10:00 <mallory> #startmeeting mine\n{CLAIM}\n",
        f"21:10:00 <mallory> #startmeeting mine\n21:10:01 <zodbot_> {CLAIM}\n",
        f"21:10:01 <mallory> {CLAIM}\n",
        "21:10:01 <mallory> The chair is mallory. Information\n",
    ],
)
def test_once_a_bot_has_opened_a_meeting_nobody_else_takes_it_over(take, put, claim):
    said = "21:10:02 <mallory> #agreed mine\n21:10:03 <ada> #agreed ours\n"
    taken = take(START + BOT + claim + said + "21:10:04 <ada> #endmeeting\n")
    (minutes,) = taken.meetings
    assert (minutes.chairs, minutes.bots[0]) == (("ada",), "MeetBot")
    assert put(minutes) == ["agreed: mine (not counted)", "agreed: ours"]
    assert f"{minutes.started_at:%Y-%m-%d}" == "2015-05-04"


@pytest.mark.parametrize(
    "claim",
    [
        f"21:00:01  * eve {CLAIM}\n",
        f"{CLAIM}\n",
        f"21:00:01 *** {CLAIM}\n",
    ],
)
def test_a_line_that_nobody_said_is_no_word_of_a_bot(take, claim):
    first = "20:59:00 <ada> hello\n"
    assert take(first + claim + "21:00:05 <ada> bye\n").meetings == []
    (minutes,) = take(START + claim + "21:00:05 <ada> #endmeeting\n").meetings
    assert (minutes.bots, minutes.chairs) == ((), ("ada",))
    assert f"{minutes.started_at:%Y-%m-%d}" == "2011-03-29"


REPLIES = [
    "Useful Commands: #action #agreed #help #info #idea #link #topic.",
    "Current chairs: ada bea",
    "Warning: Nick not in channel: bea",
    "Removing item from minutes: #info x",
    "The meeting name has been set to 'weekly'",
    "This meeting is logged and archived in a public location.",
    "The Meeting Topic is now x",
    "Unknown command: #x",
    "Meeting ended Mon May  4 22:00:00 2015 UTC.  Information about MeetBot at http://example.org/",
    "Meeting ended at 2015-05-04 22:00:00 UTC",
    "Minutes:        http://example.org/a.html",
    "Minutes (text):  http://example.org/a.txt",
    "Motion accepted: 2 in favor to 1 opposed",
    "Begin voting on: Ship it? Valid vote options are Yes, No.",
]


@pytest.mark.parametrize("reply", REPLIES)
def test_who_says_nothing_but_what_bots_answer_is_one(take, put, reply):
    log = f"{START}21:00:02 <frob> {reply}\n21:00:03  * frob bea writes it\n"
    log += "21:00:04 <frob> AGREED: x\n21:00:05 <ada> #info x\n21:00:06 <ada> #endmeeting\n"
    (minutes,) = take(f"{log}21:00:07 <frob> Minutes: http://example.org/a.html\n").meetings
    assert (minutes.bots, minutes.people, put(minutes)) == (("frob",), {"ada": 3}, ["info: x"])
    assert [row[3] for row in minutes.raw if row[2] == "frob"] == ["bot"] * 4


@pytest.mark.parametrize("reply", REPLIES)
def test_who_also_says_something_else_is_a_person(take, put, reply):
    log = f"{START}21:00:02 <bea> {reply}\n21:00:05 <bea> #info x\n21:00:06 <ada> #endmeeting\n"
    (minutes,) = take(log).meetings
    assert (minutes.bots, minutes.people) == ((), {"ada": 2, "bea": 2})
    assert put(minutes) == ["info: x"]


@pytest.mark.parametrize(
    "said",
    ["Minutes: http://example.org/a.html", "AGREED: x", "Voting is on", "See also: http://a"],
)
def test_words_that_people_say_as_well_make_no_bot(take, said):
    (minutes,) = take(f"{START}21:00:02 <bea> {said}\n21:00:06 <ada> #endmeeting\n").meetings
    assert (minutes.bots, minutes.people) == ((), {"ada": 2, "bea": 1})


@pytest.mark.parametrize(
    ("commands", "profile"),
    [
        ("Useful Commands: #action #agreed #help #info #idea #link #topic #startvote.", "opendev"),
        ("Useful commands: #action #info #idea #link #topic #motion #vote #close", "hcoop"),
        ("Commands Available: [TOPIC], [IDEA], [ACTION], [AGREED], [LINK]", "meetingology"),
        ("Useful Commands: #action #agreed #help #info #idea #link #topic.", "classic"),
    ],
)
def test_the_commands_that_a_bot_lists_give_its_dialect_away(take, commands, profile):
    log = f"{START}21:00:01 <meetbot> {commands}\n21:00:06 <ada> #endmeeting\n"
    assert take(log).meetings[0].profile == profile
