import io
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.logs import FORMATS, NotALog, Reading, Unread, format_named, sniff

MEETBOT = """\
09:00:00 <ada> #startmeeting
09:00:01 <MeetBot> Meeting started Mon May  4 09:00:00 2015 UTC.  The chair is ada.
09:00:05  * bea yawns
09:00:09 <ada> #endmeeting
"""
MEETINGOLOGY = "09:00 <ada> #startmeeting\n09:01 * bea yawns\n09:02 <ada> #endmeeting\n"
MATRIX = """\
2026-01-05 09:00:00 <@ada:example.org> !startmeeting Weekly
2026-01-05 09:00:05 * @bea:example.org yawns
2026-01-05 09:00:09 <@ada:example.org> !endmeeting
"""
CHANNELLOGGER = """\
2019-01-07T08:59:00 *** bea <bea!~b@host.example> has joined #weekly
2019-01-07T09:00:00  <ada> #startmeeting weekly
2019-01-07T09:00:05  * bea yawns
"""


def rows(log, format="meetbot"):  # noqa: A002 the importer's word
    """Number, nick, kind and text of each line, and the account of the others."""
    data = log.encode() if isinstance(log, str) else log
    reading = Reading(io.BytesIO(data), format=format_named(format))
    read = [(row[0], *row[2:]) for block in reading for row in block]
    return read, reading.unread


def one(line, format="meetbot"):  # noqa: A002 the importer's word
    """Nick, kind and text of a line, read behind one that is in order."""
    first = next(known.example for known in FORMATS if known.name == format)
    read, _ = rows(f"{first}\n{line}\n", format)
    return read[-1][1:] if len(read) == 2 else None


@pytest.mark.parametrize(
    ("log", "name", "matched", "lines", "title", "second"),
    [
        (MEETBOT, "meetbot", 4, 4, "MeetBot .log.txt", "W3C RRSAgent log with 4"),
        (MEETINGOLOGY, "meetingology", 3, 3, "meetingology log (minutes, no seconds)",
         "irssi log with 3"),
        (MATRIX, "matrix", 3, 3, "Fedora Matrix log", "supybot ChannelLogger (eavesdrop) with 3"),
        (CHANNELLOGGER, "channellogger", 3, 3, "supybot ChannelLogger (eavesdrop)",
         "irssi log with dates in its lines with 1"),
        (MEETBOT + "\n\n" + "somebody pasted this\n" * 3, "meetbot", 4, 7, "MeetBot .log.txt",
         "W3C RRSAgent log with 4"),
    ],
)  # fmt: skip
def test_the_format_that_explains_most_lines_is_chosen_with_its_figures(
    log, name, matched, lines, title, second
):
    sniffed = sniff(log.encode())
    why = f"{matched} of the first {lines} lines have a shape of {title}; second comes {second}"
    assert (sniffed.format.name, sniffed.why) == (name, why)


NAME_IT = "If you know its format, name it (in a terminal with --format)."
CLOSEST = "No known log format: MeetBot .log.txt comes closest with"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (MEETBOT.encode("utf-16"), "This is a binary file (or UTF-16), not a text log."),
        (bytes(4096), "This is a binary file (or UTF-16), not a text log."),
        (b"\n \n\r\n", "There is no line to read in it."),
        (
            b"Dear all,\nhere are the minutes.\n09:00:00 <ada> quoted\nBye\n",
            f"{CLOSEST} 1 of 4 lines. {NAME_IT}",
        ),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20,
            f"{CLOSEST} 0 of 23 lines. {NAME_IT}",
        ),
    ],
)
def test_what_is_no_log_is_refused_in_words(head, words):
    with pytest.raises(NotALog) as refused:
        sniff(head)
    assert str(refused.value) == words


@pytest.mark.parametrize("text", [MEETBOT, MEETINGOLOGY, MATRIX, CHANNELLOGGER])
def test_the_ends_of_lines_and_a_byte_order_mark_do_not_change_what_is_read(text):
    name = sniff(text.encode()).format.name
    plain = rows(text, name)
    crlf = text.replace("\n", "\r\n").encode()
    assert [row[3] for row in plain[0]].count("yawns") == 1
    for data in (crlf, b"\xef\xbb\xbf" + text.encode(), b"\xef\xbb\xbf" + crlf, crlf[:-2]):
        assert sniff(data).format.name == name
        assert rows(data, name) == plain


def test_a_log_of_one_line_may_have_a_byte_order_mark():
    assert sniff(b"\xef\xbb\xbf09:00:00 <ada> #startmeeting\n").format.name == "meetbot"


def test_an_unknown_format_is_answered_with_the_known_ones():
    names = ", ".join(known.name for known in FORMATS)
    with pytest.raises(LookupError) as unknown:
        format_named("morse")
    assert unknown.value.args == (f"There is no log format “morse”. Known formats: {names}.",)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("09:00:00 <ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 <ada>  hello", ("ada", "speech", " hello")),
        ("09:00:00 <ada>", ("ada", "speech", "")),
        ("09:00:00 <@ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 < ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 <+ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 <%ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 <&ada> hello", ("ada", "speech", "hello")),
        ("09:00:00 <~ada> hello", ("ada", "speech", "hello")),
        (r"09:00:00 <[a]`^{b}|\c-_> x", (r"[a]`^{b}|\c-_", "speech", "x")),
        ("09:00:00 <ada`> x", ("ada`", "speech", "x")),
        ("09:00:00 <ada> <bea> said so", ("ada", "speech", "<bea> said so")),
        ("09:00:00 <ada> 08:59 <bea> quoted", ("ada", "speech", "08:59 <bea> quoted")),
        ("09:00:00 <ada> naïve 日本 \U0001f600", ("ada", "speech", "naïve 日本 \U0001f600")),
        ("09:00:00 <ada> a\x0b\x0c\x1c\x85\u2028f", ("ada", "speech", "a\x0b\x0c\x1c\x85\u2028f")),
        ("09:00:00  * ada waves", ("ada", "action", "waves")),
        ("09:00:00 * ada waves", ("ada", "action", "waves")),
        ("09:00:00 * @ada waves", ("ada", "action", "waves")),
        ("09:00:00 * ada", ("ada", "action", "")),
        ("23:59:60 <ada> a leap second", ("ada", "speech", "a leap second")),
        ("24:00:00 <ada> no such time", ("", "unread", "24:00:00 <ada> no such time")),
        ("09:60:00 * ada waves", ("", "unread", "09:60:00 * ada waves")),
        ("09:00 <ada> no seconds", ("", "unread", "09:00 <ada> no seconds")),
        ("09:00:00 <> nobody", ("", "unread", "09:00:00 <> nobody")),
        ("09:00:00 <a b> two", ("", "unread", "09:00:00 <a b> two")),
        ("09:00:00 -!- bea has joined", ("", "unread", "09:00:00 -!- bea has joined")),
        (" 09:00:00 <ada> indented", ("", "unread", " 09:00:00 <ada> indented")),
        ("--- Day changed", ("", "unread", "--- Day changed")),
        ("", None),
    ],
)  # fmt: skip
def test_a_line_of_a_meetbot_log_is_read_as_it_stands(line, read):
    assert one(line) == read


@pytest.mark.parametrize(
    ("format_", "line", "read"),
    [
        ("meetingology", "09:00 <@ada> hello", ("ada", "speech", "hello")),
        ("meetingology", "09:00 * ada waves", ("ada", "action", "waves")),
        ("meetingology", "09:00:00 <ada> x", ("", "unread", "09:00:00 <ada> x")),
        ("matrix", "2026-01-05 09:00:00 <@a.b_c=d:hs.example:8448> x",
         ("@a.b_c=d:hs.example:8448", "speech", "x")),
        ("matrix", "2026-01-05T09:00:00.123Z * @a:b waves", ("@a:b", "action", "waves")),
        ("matrix", "2026-01-05 09:00:00 <ada> x", ("", "unread", "2026-01-05 09:00:00 <ada> x")),
        ("channellogger", "2019-01-07T09:00:00  <ada> x", ("ada", "speech", "x")),
        ("channellogger", "2019-01-07T09:00:00+05:30 <ada> x", ("ada", "speech", "x")),
        ("channellogger", "2019-01-07T09:00:00 *** ada <a!b@c> has left #c",
         ("ada", "event", "<a!b@c> has left #c")),
        ("channellogger", "2019-01-07T09:00:00 ***", ("", "unread", "2019-01-07T09:00:00 ***")),
        ("channellogger", "2019-01-07T09:00:00  * ada waves", ("ada", "action", "waves")),
        ("channellogger", "2019-02-29T09:00:00 * ada leaps",
         ("", "unread", "2019-02-29T09:00:00 * ada leaps")),
    ],
)  # fmt: skip
def test_a_line_of_another_format_is_read_as_it_stands(format_, line, read):
    assert one(line, format_) == read


def test_a_line_with_an_impossible_time_is_kept_to_the_letter():
    line = "09:61:00 <@ada>no blank here"
    assert one(line) == ("", "unread", line)


def test_a_clock_is_written_in_plain_digits():
    line = "\u0660\u0669:\u0660\u0660:\u0660\u0660 <ada> hello"  # 09:00:00 in Arabic digits
    assert one(line) == ("", "unread", line)


def test_lines_before_the_first_clock_are_kept_or_counted_like_any_others():
    read, unread = rows("\nLog of the weekly\n\n09:00:00 <ada> hello\n")
    assert read == [(2, "", "unread", "Log of the weekly"), (4, "ada", "speech", "hello")]
    assert unread == [Unread(1, "2 lines left out, blank", 2)]


def test_blank_lines_are_left_out_and_counted_and_the_numbers_are_those_of_the_file():
    read, unread = rows("09:00:00 <ada> a\n\n\r\n09:00:01 <ada> b\n\n")
    assert [row[0] for row in read] == [1, 4]
    assert unread == [Unread(2, "3 lines left out, blank", 3)]


def test_what_a_database_refuses_is_made_visible():
    read, unread = rows(b"09:00:00 <ada> a\0b\rc\n09:00:01 <a\0> x\r\n")
    assert read == [(1, "ada", "speech", "a\u2400b\u240dc"), (2, "a\u2400", "speech", "x")]
    assert unread == []


def test_bytes_that_are_no_utf8_are_read_as_windows_1252_and_reported():
    log = (
        "09:00:00 <ada> naïve\n".encode()
        + b"09:00:01 <ada> na\xefve \x93quoted\x94\n"
        + "09:00:02 <ada> naïve\n".encode()
        + b"09:00:03 <ada> \x81\xff\n"
    )
    read, unread = rows(log)
    assert [row[3] for row in read] == ["naïve", "naïve “quoted”", "naïve", "\ufffdÿ"]
    assert unread == [Unread(2, "not UTF-8, read as Windows-1252: 2 lines from here on")]


CUT = "longer than 16,384 characters; only its beginning is kept"


@pytest.mark.parametrize("letter", ["x", "é", "日", "\U0001f600"], ids=ascii)
def test_of_an_endless_line_the_beginning_is_kept_and_that_is_said(letter):
    # The cut falls anywhere in a letter of several bytes.
    for nick, end in product(["a", "ab", "abc", "abcd"], ["", "\n", "\n09:00:02 <ada> after\n"]):
        line = f"09:00:01 <{nick}> " + letter * 150_000
        read, unread = rows(f"09:00:00 <ada> before\n{line}{end}")
        text, kept = read[1][3], line[:16_384].partition("> ")[2]
        assert (read[1][:3], text[:9], len(text)) == ((2, nick, "speech"), kept[:9], len(kept))
        assert unread == [Unread(2, CUT)]
        assert [row[3] for row in read[2:]] == (["after"] if "after" in end else [])


def test_that_a_line_was_cut_is_said_also_of_one_that_is_no_line_of_the_log():
    read, unread = rows("09:00:00 <ada> before\n" + "\U0001f600" * 20_000)
    assert ([len(row[3]) for row in read], unread) == ([6, 16_384], [Unread(2, CUT)])


@pytest.mark.parametrize("length", [16_383, 16_384])
def test_a_line_that_is_just_short_enough_is_kept_whole(length):
    line = "09:00:01 <ada> ".ljust(length, "x")
    read, unread = rows(f"{line}\n{line}")
    assert [row[3] for row in read] == [line[15:], line[15:]]
    assert unread == []


class Dribble(io.BytesIO):
    """A stream that gives fewer bytes than it is asked for, as streams may."""

    def __init__(self, data, size):
        super().__init__(data)
        self._size = size

    def read(self, size=-1):
        return super().read(min(size, self._size) if size > 0 else size)


lines = st.lists(
    st.one_of(
        st.sampled_from([
            b"09:00:00 <ada> hello", b"23:59:59 <bea> late", b"00:00:01 <ada> later", b"",
            b"09:00:00  * ada waves", b"no shape", b"\xff\xfe", b"09:00:00 <ada> \xe9\xe8", b"\r",
            "09:00:00 <ada> 日本".encode(), b"24:00:00 <ada> x", b"\0", b"\xef\xbb\xbf",
        ]),
        st.binary(max_size=30),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(lines, st.integers(3, 60))
def test_how_the_bytes_arrive_changes_nothing(lines, size):
    data = b"\n".join([b"09:00:00 <ada> first", *lines])
    format_ = format_named("meetbot")
    whole, in_drops = (
        Reading(stream, format=format_) for stream in (io.BytesIO(data), Dribble(data, size))
    )
    read = [row for block in whole for row in block]
    assert [row for block in in_drops for row in block] == read
    assert (in_drops.lines, in_drops.unread) == (whole.lines, whole.unread)
    assert whole.lines == data.count(b"\n") + (not data.endswith(b"\n"))
    assert len(read) + sum(unread.lines for unread in whole.unread) == whole.lines
