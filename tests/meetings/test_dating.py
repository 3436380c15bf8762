from datetime import UTC, date, datetime, timedelta

import pytest

from meetings.logs import Unread
from meetings.logs.dating import date_in_name, day_in_words, started_at_by_bot

NOTHING_SAYS = (
    "nothing says on which day it was: no date in the lines, no start line of a bot, none in the"
    " file's name. Say it (in a terminal with --date YYYY-MM-DD)."
)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clocks(minutes):
    """The day and time of each line, in UTC."""
    return [f"{line.at:%d %H:%M:%S}" for line in minutes.lines()]


def log(*stamps, bot=""):
    """A meeting with a line at each of these times, begun and ended by ada."""
    first, *middle, last = stamps
    said = [f"{first} <ada> #startmeeting", f"{first} <MeetBot> {bot}" if bot else ""]
    said += [f"{stamp} <ada> word" for stamp in middle]
    return "\n".join([*filter(None, said), f"{last} <ada> #endmeeting"])


BOT_SAYS_MAY = "Meeting started Mon May  4 21:00:00 2015 UTC.  The chair is ada."


@pytest.mark.parametrize(
    ("format_", "clock", "bot", "name", "day", "dated"),
    [
        ("channellogger", "2019-01-07T21:00:00", "", "x.2018-03-29.log", "2017-02-02",
         ("2019-01-07", "line")),
        ("meetbot", "21:00:00", BOT_SAYS_MAY, "x.2018-03-29.log", "2017-02-02",
         ("2015-05-04", "bot")),
        ("meetbot", "21:00:00", "", "x.2018-03-29.log", "2017-02-02",
         ("2018-03-29", "file name")),
        ("meetbot", "21:00:00", "", "x.log", "2017-02-02", ("2017-02-02", "date given")),
        ("meetingology", "21:00", "", "x.log", "2017-02-02", ("2017-02-02", "date given")),
    ],
)  # fmt: skip
def test_a_day_comes_from_lines_then_bot_then_file_name_then_caller(
    take, format_, clock, bot, name, day, dated
):
    (minutes,) = take(log(clock, clock, bot=bot), format=format_, name=name, day=day).meetings
    assert (f"{minutes.started_at:%Y-%m-%d}", minutes.dating.source) == dated


@pytest.mark.parametrize(
    ("name", "day", "warnings"),
    [
        ("x.2018-03-29.log", "2017-02-02", 1),
        ("x.2018-03-29.log", "2018-03-29", 0),
        ("x.log", "2017-02-02", 0),
    ],
)
def test_a_day_that_the_caller_gives_is_not_passed_over_in_silence(take, name, day, warnings):
    (minutes,) = take(log("21:00:00", "21:00:09"), name=name, day=day).meetings
    told = f"The day given, {day}, was passed over: the file name tells it."
    assert minutes.warnings == (told,) * warnings


@pytest.mark.parametrize("name", ["", "-", "weekly.log", "weekly.20110229.log", "123456789.txt"])
def test_a_day_is_never_guessed(take, name):
    taken = take("09:00:00 <bea> early\n" + log("21:00:00", "21:00:09"), name=name)
    assert (taken.meetings, taken.undated) == ([], [Unread(2, NOTHING_SAYS, 2)])


def test_a_meeting_without_a_day_costs_the_others_nothing(take):
    text = log("20:00:00", "20:30:00") + "\n" + log("21:00:00", "21:30:00", bot=BOT_SAYS_MAY)
    taken = take(text, name="")
    assert [minutes.started_at for minutes in taken.meetings] == [utc("2015-05-04T21:00:00")]
    assert taken.undated == [Unread(1, NOTHING_SAYS, 2)]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("weekly.2011-03-29-21.00.log.txt", date(2011, 3, 29)),
        ("#weekly_20110329.log", date(2011, 3, 29)),
        ("2011-0329", date(2011, 3, 29)),
        ("20119999-2011-03-29", date(2011, 3, 29)),
        ("12345678.log", None),
        ("19870101.log", None),
        ("21010101.log", None),
        ("120110329.log", None),
        ("201103291.log", None),
        ("2011-13-01.log", None),
        ("", None),
    ],
)
def test_the_day_in_a_file_name_is_the_first_possible_one(name, day):
    assert date_in_name(name) == day


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("Meeting started Tue Mar  1 09:05:07 2011 UTC.  The chair is ada.", "2011-03-01T09:05:07"),
        ("Meeting started Tue Mar 29 21:00:49 2011 UTC and is due to", "2011-03-29T21:00:49"),
        ("Meeting started at Tue Mar 29 21:00:49 2011 UTC", "2011-03-29T21:00:49"),
        ("Meeting started at 2026-05-06 14:01:38 UTC", "2026-05-06T14:01:38"),
        ("Meeting started at 2026-05-06T14:01:38 UTC", "2026-05-06T14:01:38"),
        ("Meeting started at 14:01:38 UTC.  The chair is ada.", None),
        ("Meeting started Tue Mar 29 21:00:49 2011 CET.", None),
        ("Meeting started Tue Foo 29 21:00:49 2011 UTC.", None),
        ("Meeting started Tue Feb 30 21:00:49 2011 UTC.", None),
        ("Meeting started Tue Mar 29 24:00:49 2011 UTC.", None),
        ("Meeting started Tue Mar 29 21:00:49 0000 UTC.", None),
        ("Meeting started at 2026-02-30 14:01:38 UTC", None),
        ("He said: Meeting started Tue Mar 29 21:00:49 2011 UTC.", None),
        ("", None),
    ],
)
def test_the_start_line_of_a_bot_tells_an_instant_or_nothing(words, at):
    assert started_at_by_bot(words) == (utc(at) if at else None)


def test_midnight_passes_without_a_marker(take):
    (minutes,) = take(log("23:59:58", "23:59:59", "00:00:00", "00:10:00")).meetings
    assert clocks(minutes) == ["29 23:59:58", "29 23:59:59", "30 00:00:00", "30 00:10:00"]
    assert (minutes.started_at, minutes.ended_at) == (
        utc("2011-03-29T23:59:58"),
        utc("2011-03-30T00:10:00"),
    )


def test_a_file_may_hold_several_days(take):
    nights = [log("23:00:00", "01:00:00") for _ in range(3)]
    taken = take("\n12:00:00 <bea> noon\n".join(nights))
    assert [
        f"{minutes.started_at:%d %H}-{minutes.ended_at:%d %H}" for minutes in taken.meetings
    ] == [
        "29 23-30 01",
        "30 23-31 01",
        "31 23-01 01",
    ]


@pytest.mark.parametrize(
    ("stamps", "read"),
    [
        (("21:00:05", "21:00:02", "21:00:06"), "29 21:00:05, 29 21:00:02, 29 21:00:06"),
        (("21:00:05", "20:58:00", "21:00:06"), "29 21:00:05, 29 20:58:00, 29 21:00:06"),
        (("23:59:59", "00:00:01", "23:59:58", "00:00:02"),
         "29 23:59:59, 30 00:00:01, 29 23:59:58, 30 00:00:02"),
        (("00:00:05", "23:59:58", "00:00:06"), "29 00:00:05, 28 23:59:58, 29 00:00:06"),
    ],
)  # fmt: skip
def test_a_small_jump_back_is_no_midnight(take, stamps, read):
    (minutes,) = take(log(*stamps)).meetings
    assert ", ".join(clocks(minutes)) == read
    assert [line.number for line in minutes.lines()] == list(range(1, len(stamps) + 1))


def test_a_channel_that_is_quiet_all_day_stays_on_its_day(take):
    (minutes,) = take("00:30:00 <bea> good night\n" + log("23:45:00", "23:59:00")).meetings
    assert clocks(minutes) == ["29 23:45:00", "29 23:59:00"]


def test_lines_of_the_same_second_keep_their_order(take):
    words = "one two three four five".split()
    text = "21:00:00 <ada> #startmeeting\n" + "".join(f"21:00:00 <ada> {w}\n" for w in words)
    (minutes,) = take(text).meetings
    assert [line.text for line in minutes.lines()[1:]] == words
    assert {line.at for line in minutes.lines()} == {utc("2011-03-29T21:00:00")}


@pytest.mark.parametrize(
    ("clock", "bot", "first"),
    [
        ("17:00:02", "Mon May  4 21:00:00 2015", "04 21:00:02"),  # four hours slow
        ("23:45:03", "Tue May  5 03:15:00 2015", "05 03:15:03"),  # 3.5 hours, another day
        ("01:00:00", "Mon May  4 23:00:01 2015", "04 23:00:00"),  # two hours fast
        ("21:00:09", "Mon May  4 21:00:00 2015", "04 21:00:09"),  # some seconds are no zone
    ],
)
def test_a_clock_that_is_off_is_put_right_by_the_bot(take, clock, bot, first):
    text = log(clock, clock, bot=f"Meeting started {bot} UTC.  The chair is ada.")
    (minutes,) = take(text, name="x.2001-01-01.log", zone="Asia/Tokyo").meetings
    assert clocks(minutes) == [first] * 3


def test_a_dated_clock_that_is_off_is_put_right_by_the_bot(take):
    clock = "2015-05-04T16:00:03"
    (minutes,) = take(log(clock, clock, bot=BOT_SAYS_MAY), format="channellogger").meetings
    assert (clocks(minutes), minutes.dating.correction) == (["04 21:00:03"] * 3, timedelta(hours=5))
    assert (minutes.started_at, minutes.ended_at) == (
        utc("2015-05-04T21:00:00"),
        utc("2015-05-04T21:00:03"),
    )


def test_a_clock_of_minutes_is_dated_by_the_bot_to_the_day(take):
    bot = "Meeting started Mon May  4 21:00:47 2015 UTC.  The chair is ada."
    (minutes,) = take(log("21:00", "21:30", bot=bot), format="meetingology").meetings
    assert clocks(minutes) == ["04 21:00:00", "04 21:00:00", "04 21:30:00"]
    assert minutes.started_at == utc("2015-05-04T21:00:47")


def test_a_zone_is_that_of_a_clock_that_names_none(take):
    winter = take(log("21:00:00", "21:30:00"), day="2011-03-26", name="x", zone="Europe/Paris")
    assert clocks(winter.meetings[0]) == ["26 20:00:00", "26 20:30:00"]
    over_the_change = take(
        log("23:00:00", "03:30:00"), day="2011-03-26", name="x", zone="Europe/Paris"
    )
    assert clocks(over_the_change.meetings[0]) == ["26 22:00:00", "27 01:30:00"]
    text = log("2019-01-07T21:00:00", "2019-01-07T21:00:00+02:00")
    dated = take(text, format="channellogger", zone="America/New_York")
    assert clocks(dated.meetings[0]) == ["08 02:00:00", "07 19:00:00"]


@pytest.mark.parametrize(
    ("lines", "ended"),
    [
        (["21:10:00 <ada> #endmeeting", "21:10:05 <MeetBot> Meeting ended"], "21:10:00"),
        (["21:10:00 <ada> bye"], "21:10:00"),
        (["21:10:00 <ada> bye", "21:12:00 <MeetBot> hello?"], "21:12:00"),
        (["20:59:00 <ada> #endmeeting"], "21:00:00"),  # never before it began
    ],
)
def test_a_meeting_ends_with_its_endmeeting_or_its_last_line(take, lines, ended):
    text = "\n".join(["21:00:00 <ada> #startmeeting", f"21:00:00 <MeetBot> {BOT_SAYS_MAY}", *lines])
    (minutes,) = take(text).meetings
    assert f"{minutes.ended_at:%H:%M:%S}" == ended


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--- Log opened Wed May 22 02:01:22 2002", (date(2002, 5, 22), "2:01:22")),
        ("--- Day changed Wed Dec 04 2002", (date(2002, 12, 4), "None")),
        ("--- Log opened 2020-02-04T10:02:59Z Tue Feb 04", (date(2020, 2, 4), "10:02:59")),
        ("- {Day changed to 24 April 2021}", (date(2021, 4, 24), "None")),
        ("**** BEGIN LOGGING AT Tue Mar 29 21:00:49 2011", (date(2011, 3, 29), "21:00:49")),
        ("Session Start: Wed Nov 23 17:51:58 2011", (date(2011, 11, 23), "17:51:58")),
        ("Conversation with #x at Tue 25 Sep 2012 01:00:08 PM UTC", (date(2012, 9, 25), "1:00:08")),
        ("--- Day changed Wed Dec 34 2002", None),
        ("--- Day changed Wed Foo 04 2002", None),
        ("--- Day changed Wed Dec 04 9999", None),
        ("--- Log opened at noon", None),
    ],
)
def test_a_header_tells_a_day_in_many_ways_or_nothing(line, told):
    found = day_in_words(line)
    assert (found and (found[0], str(found[1]))) == told


IRSSI = """\
--- Log opened Tue Dec 03 21:59:00 2002
22:00 < ada> #startmeeting
23:59 < bea> late
--- Day changed Wed Dec 04 2002
23:50 < ada> a quiet day
--- Day changed Thu Dec 05 2002
00:10 < ada> #endmeeting
"""


def test_a_header_tells_the_day_before_the_files_name_does(take):
    (minutes,) = take(IRSSI, format="irssi", name="x.2018-03-29.log", day="2018-03-29").meetings
    assert minutes.dating.source == "log"
    assert minutes.warnings[-1] == "The day given, 2018-03-29, was passed over: the log tells it."
    assert clocks(minutes) == [
        "03 22:00:00", "03 23:59:00", "04 00:00:00", "04 23:50:00", "05 00:00:00", "05 00:10:00",
    ]  # fmt: skip
    assert f"{minutes.ended_at:%Y-%m-%d %H:%M}" == "2002-12-05 00:10"


def test_a_day_that_is_told_late_counts_for_what_stands_before(take):
    lines = IRSSI.splitlines(keepends=True)
    (minutes,) = take("".join(lines[1:]), format="irssi", name="x").meetings
    assert clocks(minutes)[:2] == ["03 22:00:00", "03 23:59:00"]
    late = take("".join(lines[1:3]) + "00:01 < ada> hi\n" + "".join(lines[5:]), format="irssi")
    assert clocks(late.meetings[0])[0] == "03 22:00:00"


def test_a_header_with_an_impossible_day_is_a_line_like_any_other(take):
    text = IRSSI.replace("2002", "9999")
    taken = take(text, format="irssi", name="x.2018-03-29.log")
    assert clocks(taken.meetings[0])[:2] == ["29 22:00:00", "29 23:59:00"]


DIRCPROXY = "[31 Dec 23:50] <ada!a@b> -#startmeeting\n[1 Jan 00:10] <ada!a@b> -#endmeeting\n"


@pytest.mark.parametrize(
    ("name", "day", "started"),
    [
        ("x.2008-12-31.log", None, "2008-12-31 23:50"),
        ("x.2009-01-01.log", None, "2008-12-31 23:50"),
        ("x.log", "2009-01-03", "2008-12-31 23:50"),
        ("x.log", None, None),
    ],
)
def test_a_date_without_its_year_takes_the_nearest_year(take, name, day, started):
    taken = take(DIRCPROXY, format="dircproxy", name=name, day=day)
    if started is None:
        assert (taken.meetings, taken.undated) == ([], [Unread(1, NOTHING_SAYS, 2)])
        return
    (minutes,) = taken.meetings
    assert f"{minutes.started_at:%Y-%m-%d %H:%M}" == started
    assert minutes.ended_at - minutes.started_at == timedelta(minutes=20)


def test_a_leap_day_stays_where_there_is_one(take):
    text = DIRCPROXY.replace("31 Dec", "29 Feb").replace("1 Jan", "1 Mar")
    assert (
        clocks(take(text, format="dircproxy", name="x.2008-02-29.log").meetings[0])[0][:2] == "29"
    )
    assert take(text, format="dircproxy", name="x.2010-02-28.log").undated == [
        Unread(1, NOTHING_SAYS, 2)
    ]


@pytest.mark.parametrize(
    ("first", "name", "started"),
    [
        ("28 Feb", "x.2011-02-28.log", "2011-03-01 00:10"),
        ("28 Feb", "x.2012-02-28.log", "2012-03-01 00:10"),
        ("20 Dec", "x.2010-12-20.log", "2011-03-01 00:10"),
        ("20 Dec", "x.2011-12-20.log", "2012-03-01 00:10"),
        ("2 Mar", "x.2011-03-02.log", "2011-03-01 00:10"),
    ],
)
def test_a_leap_day_counts_only_in_a_leap_year(take, first, name, started):
    text = f"[{first} 12:00] <ada!a@b> -hi\n" + DIRCPROXY.replace("31 Dec 23:50", "1 Mar 00:10")
    (minutes,) = take(text.replace("1 Jan", "1 Mar"), format="dircproxy", name=name).meetings
    assert f"{minutes.started_at:%Y-%m-%d %H:%M}" == started


def test_a_leap_day_counts_behind_a_header_only_in_a_leap_year(take):
    for year in (2011, 2012):
        text = (
            f"**** BEGIN LOGGING AT {date(year, 2, 28):%a %b %d} 21:00:00 {year}\n\n"
            "Feb 28 21:00:49 <ada>\thello\nMar  1 00:10:00 <ada>\t#startmeeting\n"
        )
        (minutes,) = take(text, format="xchat", name="x.log").meetings
        assert minutes.started_at == datetime(year, 3, 1, 0, 10, tzinfo=UTC)


def test_xchat_writes_the_year_in_its_header(take):
    text = (
        "**** BEGIN LOGGING AT Tue Mar 29 21:00:00 2011\n\n"
        "Mar 29 21:00:49 <ada>\t#startmeeting\nMar 30 00:10:00 <ada>\t#endmeeting\n"
    )
    (minutes,) = take(text, format="xchat", name="x.2018-03-29.log").meetings
    assert (clocks(minutes), minutes.dating.source) == (["29 21:00:49", "30 00:10:00"], "log")
    assert minutes.started_at.year == 2011


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("<RRSAgent> logging to https://www.w3.org/2017/10/25-eo-irc", "2017-10-25"),
        ("<trackbot> Date: 25 October 2017", "2017-10-25"),
        ("<ada> logging to https://www.w3.org/2017/10/25-eo-irc", None),
        ("<ada> Date: 25 October 2017", None),
        ("<RRSAgent> logging to https://www.w3.org/2017/13/25-eo-irc", None),
    ],
)
def test_the_bots_of_w3c_tell_the_day(take, said, day):
    text = f"16:52:00 <ada> hello\n16:52:13 {said}\n17:06:59 <ada> bye\n"
    taken = take(text, format="rrsagent", name="irc.log", whole=True)
    assert [f"{minutes.started_at:%Y-%m-%d}" for minutes in taken.meetings] == [day] * bool(day)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2020-01-07/irc-raw.log", date(2020, 1, 7)),
        ("2020-01-07/irc.2020-02-08.log", date(2020, 2, 8)),
        ("2019-01-01/2020-01-07/irc.log", date(2020, 1, 7)),
        ("2019-01-01/x/irc.log", None),
        ("ResMeetLogs-12-Mar-2018.txt", date(2018, 3, 12)),
        ("#qtox_20160601.log.txt", date(2016, 6, 1)),
        ("112-Mar-2018.txt", None),
        ("12-Foo-2018.txt", None),
    ],
)
def test_a_folder_may_tell_the_day_and_a_month_have_a_name(name, day):
    assert date_in_name(name) == day


BEHIND = (
    "The log's clock is 5:00 hours behind UTC, as the bot's start line shows; its times are"
    " corrected."
)


@pytest.mark.parametrize(
    ("format_", "line", "zero"),
    [
        ("weechat-paste", "{}          ada | {}", "16:00:00"),
        ("meetbot", "{} <ada> {}", "16:00:00"),
        ("irssi", "{} < ada> {}", "16:00"),
        ("pidgin", "({} PM) ada: {}", "04:00:00"),
        ("channellogger", "{}  <ada> {}", "2015-05-04T16:00:00"),
        ("irccloud", "[{}] <ada> {}", "2015-05-04 16:00:00"),
    ],
)
def test_a_clock_that_is_off_is_put_right_in_every_format_and_that_is_said(
    take, format_, line, zero
):
    said = ["#startmeeting", BOT_SAYS_MAY, "#endmeeting"]
    rows = [line.format(zero, words) for words in said]
    rows[1] = rows[1].replace("ada", "MeetBot", 1)
    (minutes,) = take("\n".join(rows), format=format_, name="x").meetings
    assert clocks(minutes) == ["04 21:00:00"] * 3
    assert (minutes.dating.correction, minutes.warnings) == (timedelta(hours=5), (BEHIND,))


def test_lines_without_a_clock_stand_at_the_days_beginning_and_that_is_said(take):
    taken = take("<ada> hello\n<bea> hi\n", format="mirc-buffer", name="x", whole=True)
    assert (taken.meetings, taken.undated) == ([], [Unread(1, NOTHING_SAYS, 2)])
    log = "<ada> hello\n<bea> hi\n"
    (minutes,) = take(log, format="mirc-buffer", day="2011-03-29", name="x", whole=True).meetings
    assert clocks(minutes) == ["29 00:00:00"] * 2
    assert minutes.warnings[1:] == (
        "Its lines carry no time of day; all of them stand at the day's beginning.",
    )


def test_clocks_that_jump_about_lead_to_no_day_beyond_a_century(take):
    (minutes,) = take("12:30:00 <ada> hi\n00:00:00 <ada> hi\n" * 40_000, whole=True).meetings
    assert max(minutes.dating.instants(minutes.raw)).year == 2111
