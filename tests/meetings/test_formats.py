"""Every format by its own examples: found, told from the others, and nothing of it lost."""

import io
import json
import re
from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.logs import (
    FORMATS,
    DateHints,
    Kind,
    NotALog,
    Reading,
    format_named,
    formats,
    in_its_circumstances,
    sniff,
    sniff_file,
)
from meetings.logs.shapes import Format
from meetings.minutes import Secretary

TEXTS = [known for known in FORMATS if known.shapes]
DOCUMENTS = [known for known in FORMATS if known.messages]
SHAPES = [(known, shape) for known in TEXTS for shape in known.shapes]


def read(log, format_):
    """The rows of a log, without their stamps, and the account of its other lines."""
    data = log.encode() if isinstance(log, str) else log
    reading = Reading(io.BytesIO(data), format=format_)
    rows = [(number, *row) for block in reading for number, _, *row in block]
    return rows, reading


def one(name, *lines):
    """Nick, kind and text of the last of these lines, behind one that is in order."""
    (format_,) = [known for known in FORMATS if known.name == name]
    rows, _ = read("\n".join([format_.example, *lines]), format_)
    return rows[-1][1:]


def test_a_format_is_a_module_that_is_found_by_itself():
    modules = {module.name for module in iter_modules(formats.__path__)}
    found = {import_module(f"meetings.logs.formats.{name}").FORMAT.name for name in modules}
    assert found == {known.name for known in FORMATS}
    assert len(found) == len(modules) == len({known.title for known in FORMATS})
    assert [known.preference for known in FORMATS] == sorted(k.preference for k in FORMATS)
    assert len({known.preference for known in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize(
    ("format_", "shape"), SHAPES, ids=[f"{known.name}: {s.example[:40]}" for known, s in SHAPES]
)
def test_each_shape_reads_its_example(format_, shape):
    assert format_.shapes[0].kind == Kind.SPEECH
    rows, reading = read(f"{format_.example}\n{shape.example}\n", format_)
    kind = shape.kind.value
    assert (rows[-1][0], rows[-1][2], reading.lines, reading.unread) == (2, kind, 2, [])
    nick, text = rows[-1][1], rows[-1][3]
    if shape.kind == Kind.RENAME:
        assert nick
        assert text
        assert " " not in nick + text


@pytest.mark.parametrize("format_", TEXTS, ids=lambda known: known.name)
def test_a_format_is_told_from_all_others_by_its_examples(format_):
    examples = [shape.example for shape in format_.shapes]
    log = "\n".join([*examples[:1] * len(examples), *examples])
    assert sniff(log.encode()).format.name == format_.name


@pytest.mark.parametrize("format_", TEXTS, ids=lambda known: known.name)
def test_no_shape_reaches_over_the_end_of_a_line(format_):
    for shape in format_.shapes:
        for cut in range(len(shape.example) + 1):
            broken = f"{shape.example[:cut]}\n{shape.example[cut:]}"
            _, reading = read(f"{format_.example}\n{broken}\n{format_.example}", format_)
            assert reading.lines == 4, broken


@pytest.mark.parametrize("format_", TEXTS, ids=lambda known: known.name)
def test_no_pattern_repeats_what_repeats(format_):
    # What makes a regular expression take exponential time; the rest is measured.
    others = (format_.wraps, format_.joins, format_.frame, format_.signs)
    shapes = [known.pattern for known in format_.shapes]
    for pattern in (*shapes, *format_.days, *filter(None, others)):
        assert not re.search(r"[*+}]\)[*+]", re.sub(r"\\.|\[[^]]*\]", "x", pattern.pattern))


JOINS = [
    ("mirc", "[22:06] * Ophite1 has joined #i2p", ("Ophite1", "event", "has joined #i2p")),
    ("mirc", "[22:11] * lee has quit IRC (Ping timeout\x0f)",
     ("lee", "event", "has quit IRC (Ping timeout\x0f)")),
    ("mirc", "[22:12] * ada has joined the talk", ("ada", "action", "has joined the talk")),
    ("mirc", "[23:50] * bea sets mode: +o ada", ("bea", "event", "sets mode: +o ada")),
    ("mirc", "[23:50:01] * bea (b@x) has left #x", ("bea", "event", "(b@x) has left #x")),
    ("rrsagent", "14:50:48 <Zakim> Zakim has joined #forms",
     ("Zakim", "event", "has joined #forms")),
    ("rrsagent", "14:50:48 <ada> bea has joined #x", ("ada", "speech", "bea has joined #x")),
    ("rrsagent", "14:50:48 <ada> ada has joined us", ("ada", "speech", "ada has joined us")),
    ("rrsagent", "14:50:49 <ada> ada has changed the topic to: Welcome",
     ("ada", "event", "has changed the topic to: Welcome")),
    ("rrsagent-html", "<dt>14:50:49 [ada]</dt><dd>ada has left #x</dd>",
     ("ada", "event", "has left #x")),
    ("mirc-buffer", "<Zakim> Zakim has joined #x", ("Zakim", "event", "has joined #x")),
    ("energymech", "[23:40] *** Signoff: dm (EOF)", ("dm", "event", "(EOF)")),
    ("znc", "[11:18:30] *** Parts: tdmps (~r@ ) ()", ("tdmps", "event", "(~r@ ) ()")),
    ("botbot", "2015-05-20T18:23:16 * bea joined the channel",
     ("bea", "event", "joined the channel")),
    ("pidgin", "(09:00:00 AM) mode (+v bea) by ChanServ",
     ("", "event", "mode (+v bea) by ChanServ")),
    ("pidgin", "(09:00:00 AM) ada has set the topic to: Freeze",
     ("", "event", "ada has set the topic to: Freeze")),
    ("slack", "\nliz [16:11 PM]\njoined #meetings", ("liz", "event", "joined #meetings")),
    ("pircbot", "&lt;-- bea has quit (bye)", ("bea", "event", "has quit (bye)")),
    ("krijnhoetmer", ' <li id="l-9"><a href="#l-9">#</a> [18:44] * Quits: @bea (b@x) (bye)</li>',
     ("bea", "event", "(b@x) (bye)")),
    ("irclogs", "=== ada is now known as ada_", ("ada", "rename", "ada_")),
    ("quassel", "[13:35:07] <-> ada is now known as ada_", ("ada", "rename", "ada_")),
    ("irssi", "12:46 -!- ada is now known as ada_", ("ada", "rename", "ada_")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "row"), JOINS)
def test_who_comes_goes_or_changes_the_nick_says_nothing(name, line, row):
    assert one(name, line) == row


CODED = [
    ("meetbot", "09:00:00 <\x0304ada\x03> a \x02word\x02", ("ada", "a \x02word\x02")),
    ("meetbot", "\x1b[32m09:00:00\x1b[0m <ada> a \x1b[1mword", ("ada", "a \x1b[1mword")),
    ("mirc", "\x0314[22:59]\x03 <\x0304,01@duck\x0f> \x1fhi\x1f", ("duck", "\x1fhi\x1f")),
    ("znc", "[09:00:00] <ada\x0f> \x0f", ("ada", "\x0f")),
    ("weechat-paste", "17:00:53   \x1b[31mada\x1b[0m | \x02hi", ("ada", "\x02hi")),
]


@pytest.mark.parametrize(("name", "line", "said"), CODED)
def test_colours_hide_no_line_and_stay_in_its_words(name, line, said):
    nick, kind, text = one(name, line)
    assert (nick, kind, text) == (said[0], "speech", said[1])


def test_a_log_full_of_colours_is_known_all_the_same():
    log = "\x1b[32m09:00:00\x1b[0m <\x0304ada\x03> hello\n" * 9
    sniffed = sniff(log.encode())
    assert (sniffed.format.name, sniffed.matched) == ("meetbot", 9)
    assert [row[1:] for row in read(log, sniffed.format)[0]] == [("ada", "speech", "hello")] * 9


@pytest.mark.parametrize(
    ("said", "profile", "whole"),
    [
        (["scribe: bea", "present+ bea"], "w3c", True),
        (["Zakim, list attendees", "RRSAgent, bye"], "classic", False),
        (["Topic: one", "ACTION: ada to go"], "w3c", False),
        (["Topic: one", "and nothing more"], "classic", False),
        (["#startmeeting", "scribe: bea", "present+ bea"], "classic", False),
    ],
)
def test_the_habits_of_w3c_are_known_in_any_format(said, profile, whole):
    log = "".join(f"[09:00:00] <ada> {words}\n" for words in said)
    format_ = sniff(log.encode()).format
    assert (format_.name, format_.profile, format_.whole) == ("znc", profile, whole)
    bots = "[09:00:00] <Zakim> hello\n[09:00:00] <RRSAgent> logging\n"
    assert sniff((bots + log).encode()).format.profile == (
        "classic" if "#startmeeting" in log else "w3c"
    )


ESCAPED = [
    (
        "botbot",
        r"2017-07-17T20:56:04 <a\x00> a\x00b\x0ac\x0dd \xc3\xa9",
        ("a\u2400", "a\u2400b c\u240dd é"),
    ),
    ("pircbot", "&lt;ada&gt; a&#0;b&#10;c&#13;d &eacute;", ("ada", "a\ufffdb c\u240dd é")),
]


@pytest.mark.parametrize(("name", "line", "said"), ESCAPED)
def test_what_a_database_refuses_is_made_visible_in_escapes_too(name, line, said):
    assert one(name, line) == (said[0], "speech", said[1])


WRAPPED = [
    ("irssi", ["12:01 < ada> a word and", "                more of it"], "a word and more of it"),
    ("weechat-paste", ["17:00:53   ada | a word and ", "               | more of it"],
     "a word and more of it"),
    ("mirc-buffer", ["<ada> a word and", " more", " of it"], "a word and more of it"),
    ("xchat-paste", ["<ada>\ta word and", "\t  more of it"], "a word and more of it"),
    ("pidgin", ["(09:00:00 AM) ada: a word and", "more of it"], "a word and more of it"),
    ("slack", ["ada [12:00 PM]", "a word and", "", "more of it"], "a word and more of it"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lines", "text"), WRAPPED)
def test_what_a_client_broke_into_lines_is_put_together(name, lines, text):
    assert one(name, *lines)[2] == text
    (format_,) = [known for known in FORMATS if known.name == name]
    _, reading = read("\n".join(lines), format_)
    joined = sum(int(u.reason.split()[0]) for u in reading.unread if "joined" in u.reason)
    assert joined == len([line for line in lines if line]) - 1


def test_what_goes_on_for_ever_is_not_put_together_for_ever():
    (format_,) = [known for known in FORMATS if known.name == "mirc-buffer"]
    rows, reading = read("<ada> x\n" + " more of it\n" * 50_000, format_)
    assert max(len(row[3]) for row in rows) <= 16 * 1024
    assert reading.lines == 50_001


MEETBOT = "".join(f"09:00:{second:02} <ada> words\n" for second in range(9))


@pytest.mark.parametrize(
    ("before", "prefix", "after"),
    [
        ("Dear all,\nhere is the log:\n\n", "> ", "\nYours\n"),
        ("Title\n=====\n\n.. code-block:: irc\n\n", "    ", "\nand that was it.\n"),
        ("# Notes\n" * 4000 + "\n", "> ", "\n* a list\n> quoted by somebody\n"),
        ("We met, and there was much talk.\n" * 30, "", "That is all.\n" * 30),
    ],
)
def test_a_log_may_stand_in_a_page_of_other_text(before, prefix, after):
    log = before + "".join(f"{prefix}{line}\n" for line in MEETBOT.splitlines()) + after
    sniffed = sniff_file(io.BytesIO(log.encode()))
    assert (sniffed.format.name, sniffed.format.whole) == ("meetbot", True)
    assert sniffed.why.endswith("have a shape of MeetBot .log.txt, in a page of other text")
    rows, reading = read(log, sniffed.format)
    assert [row[1:] for row in rows] == [("ada", "speech", "words")] * 9
    assert rows[0][0] == before.count("\n") + 1
    assert accounted(rows, reading) == log.count("\n")


def test_a_meeting_that_somebody_cut_out_is_whole_in_a_format_that_is_named_too():
    for before in (b"", b"\xef\xbb\xbf", b"\r\n\n"):
        head = before + b"```\r\n" + MEETBOT.encode()
        named = in_its_circumstances(format_named("meetbot"), head)
        assert (named.whole, sniff(head).format.whole) == (True, True)
    assert not in_its_circumstances(format_named("meetbot"), b"").whole


def test_what_follows_the_log_in_a_page_is_not_put_into_somebodys_mouth():
    (format_,) = [known for known in FORMATS if known.name == "pidgin"]
    rows, _ = read("(09:00:00 AM) ada: bye\n```\nDecided: nothing\n", format_)
    assert rows == [(1, "ada", "speech", "bye"), (3, "", "unread", "Decided: nothing")]


def test_a_strict_format_wins_over_a_loose_one_that_explains_as_much():
    log = "09:00:00 <ada> one\n<ada> two\n09:00:01 <ada> three\n<bea> four\n"
    sniffed = sniff(log.encode())
    assert sniffed.format.name == "meetbot"
    assert sniffed.why.endswith("mIRC, saved from its window with 2")
    assert [known.loose for known in FORMATS] == sorted(known.loose for known in FORMATS)


def test_one_line_among_many_may_tell_the_format():
    log = "[09:00] <ada> words\n" * 500
    assert sniff(log.encode()).format.name == "energymech"
    for line, name in [
        ("=== ada is now known as ada_", "irclogs"),
        ("[09:00] * bea has joined #x", "mirc"),
        ("[09:00] == bea [b@x] has joined #x", "qwebirc"),
        ("[09:00] --> bea (b@x) has joined #x", "quassel"),
    ]:
        assert sniff((log + line + "\n" + log[:2000]).encode()).format.name == name


def test_a_line_of_a_page_that_somebody_pasted_makes_no_page_of_a_log():
    log = "<ada> look:\n" * 9 + '<a name="l-2"></a><span class="tm">21:00:50</span>'
    log += '<span class="nk"> &lt;ttx&gt;</span> hello\n'
    assert sniff(log.encode()).format.name == "mirc-buffer"


def test_a_page_of_prose_is_no_log():
    prose = "We met at 10:00 and talked: about the release.\n\nAda: it is late.\n" * 40
    agenda = "10:00 - 10:30 Opening\n10:30 - 11:00 Coffee\n" * 9 + MEETBOT + prose
    letter = "From: ada\nTo: bea\nSubject: meeting\n"
    page = f"<html>\n<p>{prose}</p>\n<p>x</p>\n" * 9
    for text in (prose, prose.replace("We", "- We"), agenda, letter, page, "<a> x\n<b> y\n"):
        with pytest.raises(NotALog):
            sniff_file(io.BytesIO(text.encode()))


def test_the_minutes_of_a_bot_are_no_log_and_one_is_told_so():
    text = "#weekly Meeting\n\nMeeting started by ada at 14:10:12 UTC.\n\n* roll call\n"
    page = "<html>\n<title>#weekly</title>\nMeeting started by ada at 14:10:12 UTC\n</html>\n"
    for minutes in (text, page):
        with pytest.raises(NotALog) as refused:
            sniff_file(io.BytesIO(minutes.encode()))
        assert str(refused.value) == (
            "These are the minutes of a meeting, not its log. Hand in the log, which MeetBot keeps"
            " beside them as .log.txt or .log.html."
        )


def event(**fields):
    """An event of Element's export."""
    known = {"type": "m.room.message", "sender": "@ada:example.org", "event_id": "$1"}
    return known | {"origin_server_ts": 1454693150375} | fields


def test_elements_export_is_read_message_by_message():
    text = {"msgtype": "m.text", "body": "!info one\n!info two"}
    edit = {"msgtype": "m.text", "body": "* 2", "m.new_content": {"body": "2", "msgtype": "m.text"}}
    log = {
        "room_name": "Weekly",
        "messages": [
            event(content=text),
            event(content={"msgtype": "m.emote", "body": "waves"}),
            event(content={"msgtype": "m.notice", "body": "Meeting started"}),
            event(content={"msgtype": "m.image", "body": "cat.png"}),
            event(content=edit),
            event(content={}),
            event(type="m.room.member", content={"membership": "join"}),
            event(type="m.room.topic", content={"topic": "Release"}),
            event(content="no such thing"),
            {"origin_server_ts": 1e40},
        ],
    }
    data = json.dumps(log, indent=2)
    assert sniff(data.encode()).format.name == "element"
    rows, reading = read(data, sniff(data.encode()).format)
    assert [(kind, words) for _, _, kind, words in rows[:9]] == [
        ("speech", "!info one"),
        ("speech", "!info two"),
        ("action", "waves"),
        ("speech", "Meeting started"),
        ("event", "cat.png"),
        ("event", "edited: 2"),
        ("event", "removed what was said here"),
        ("event", "m.room.member join"),
        ("event", "m.room.topic Release"),
    ]
    assert {row[1] for row in rows[:9]} == {"@ada:example.org"}
    assert [row[2] for row in rows[9:]] == ["unread", "unread"]
    assert [row[0] for row in rows] == list(range(1, 12))
    assert (reading.lines, reading.unread) == (11, [])


@pytest.mark.parametrize("format_", DOCUMENTS, ids=lambda known: known.name)
def test_a_log_that_is_json_is_known_by_its_keys(format_):
    sniffed = sniff(format_.sample.encode())
    why = f"it is JSON and has the keys of {format_.title}"
    assert (sniffed.format.name, sniffed.why) == (format_.name, why)
    rows, reading = read(format_.sample, format_)
    assert [row[2:] for row in rows] == [("speech", "hello")]
    assert reading.unread == []


def test_a_long_entry_of_json_is_cut_and_that_is_said_read_or_not():
    said = event(content={"msgtype": "m.text", "body": "x" * 20_000})
    for entry, kind in [(said, "speech"), ({"no such thing": "x" * 20_000}, "unread")]:
        rows, reading = read(json.dumps({"messages": [entry]}), format_named("element"))
        assert [(row[0], row[2], len(row[3])) for row in rows] == [(1, kind, 16_384)]
        assert [(unread.line, unread.lines) for unread in reading.unread] == [(1, 0)]


@pytest.mark.parametrize("data", ["{", "[]", "{}", '{"messages": 1}', "[" * 100_000, "\ud800"])
def test_broken_json_is_told_and_nothing_of_it_is_read(data):
    for format_ in DOCUMENTS:
        rows, reading = read(data.encode("utf-8", "surrogatepass"), format_)
        assert rows == []
        assert reading.unread[0].reason.startswith("no JSON with a list of messages")


def accounted(rows, reading) -> int:
    """Lines stored and lines reported as left out or joined."""
    return len(rows) + sum(unread.lines for unread in reading.unread)


def minutes_of(raw, format_):
    """The meetings of a log that may be one as a whole, and how many lines are in none."""
    reading = Reading(io.BytesIO(raw), format=format_)
    hints = DateHints("x.2011-03-29.log")
    secretary = Secretary(hints=hints, calendar=reading.calendar, whole=True)
    meetings = list(secretary.minutes(reading))
    assert secretary.undated == []
    return meetings, sum(unread.lines for unread in secretary.left_out)


pieces = st.sampled_from([
    "\n", "\r\n", "<ada> ", "[09:00] ", "09:00:00 ", "09:00 AM ", "hello", "\x0304", "\x1b[1m", ">",
    "<pre>", "</pre>", "```", "    ", "> ", "\t", "--- Log opened Wed May 22 02:01:22 2002",
    "--- Day changed Thu May 23 2002", "- {Day changed to 24 April 2021}", "#startmeeting", "\0",
    "=== a is now known as b", "Session Start: Fri Jan 01 00:00:00 9999", "&lt;", "|", " | ", "*",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_each_line_is_stored_or_reported_whatever_the_format(data):
    format_: Format = data.draw(st.sampled_from(TEXTS))
    lines = st.sampled_from([shape.example + "\n" for shape in format_.shapes])
    text = "".join(data.draw(st.lists(lines | pieces | st.text(max_size=9), max_size=25)))
    raw = text.encode("utf-8", "surrogatepass") + data.draw(st.binary(max_size=5))
    rows, reading = read(raw, format_)
    meetings, outside = minutes_of(raw, format_)
    assert sum(len(minutes.raw) for minutes in meetings) + outside == len(rows)
    assert reading.lines == raw.removeprefix(b"\xef\xbb\xbf").count(b"\n") + (
        not raw.removeprefix(b"\xef\xbb\xbf").endswith(b"\n") and raw not in {b"", b"\xef\xbb\xbf"}
    )
    assert accounted(rows, reading) == reading.lines
    numbers = [row[0] for row in rows]
    assert numbers == sorted(set(numbers))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(DOCUMENTS), st.data())
def test_json_of_any_kind_gives_rows_or_a_reason(raw, format_, data):
    values = st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    keys = "type sender content origin_server_ts timestamp payload action".split()
    entry = data.draw(st.dictionaries(st.sampled_from(keys), values))
    for text in (raw, json.dumps({"messages": [entry]}).encode()):
        rows, reading = read(text, format_)
        assert rows or reading.unread
