"""Logs made to break the importer: no traceback, no flood of memory or time, no half of a log."""

import contextlib
import gzip
import io
import time
import tracemalloc
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.importing import UnreadableLog, import_log
from meetings.logs import FORMATS, DateHints, NotALog, sniff_file
from meetings.logs.sniffing import EMBEDDED
from meetings.models import Item, LogLine, Meeting, Source

MEGABYTE = 1_000_000
START = "21:00:00 <ada> #startmeeting Weekly\n"
END = "21:00:09 <ada> #endmeeting\n"


def stored():
    return [model.objects.count() for model in (Source, Meeting, LogLine, Item)]


@pytest.mark.parametrize(
    "words",
    [
        "Meeting started Mon Jan  1 00:00:00 0001 UTC.  The chair is ada.",
        "Meeting started Fri Dec 31 21:00:00 9999 UTC.  The chair is ada.",
        "Meeting started Mon Jan  1 21:00:00 0000 UTC.  The chair is ada.",
        "Meeting started at 0001-01-01 00:00:00 UTC",
        "Meeting started at 9999-12-31 23:59:59 UTC",
    ],
)
@pytest.mark.django_db
def test_a_bot_with_an_impossible_calendar_is_not_believed(store, words):
    text = f"{START}21:00:01 <MeetBot> {words}\n21:00:02 <ada> hi\n00:00:01 <ada> #endmeeting\n"
    (meeting,) = store(text).meetings
    assert f"{meeting.minutes.started_at:%Y-%m-%d}" == "2011-03-29"
    dated = "".join(f"2011-03-29T{line}\n" for line in text.splitlines()[:3])
    (meeting,) = store(dated, name="x.log").meetings
    assert f"{meeting.minutes.started_at:%Y-%m-%d}" == "2011-03-29"


@pytest.mark.parametrize(
    "stamp",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2011-03-29T21:00:01+24:00",
        "2011-03-29T21:00:01+99:99",
        "2011-03-29T21:00:01.123456789Z",
        "0000-00-00T00:00:00",
        "2011-03-29T24:00:01",
        "2011-03-29T21:00:60",
    ],
)
def test_a_stamp_that_is_no_instant_is_kept_as_a_line_of_no_shape(take, stamp):
    line = f"{stamp} <ada> hi"
    text = f"2011-03-29T21:00:00  <ada> #startmeeting\n{line}\n"
    (minutes,) = take(text, format="channellogger").meetings
    assert [(line.kind, line.text) for line in minutes.lines()[1:]] == [("unread", line)]


@pytest.mark.parametrize(
    "options", [{"day": date(9999, 12, 31)}, {"day": date(1, 1, 1)}], ids=["last day", "first day"]
)
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
def test_the_ends_of_the_calendar_are_an_error_in_words_or_a_date(run, tmp_path, options, zone):
    path = tmp_path / "talk.log"
    path.write_text("00:30:00 <ada> #startmeeting\n23:30:00 <ada> hi\n00:00:01 <ada> bye\n")
    done = run(path, "--date", options["day"].isoformat(), "--zone", zone)
    assert done.status in {0, 2}
    assert (done.out == "") == (done.status == 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 1000,
        b"\n" * 1000,
        b"\r" * 1000,
        b"\0",
        b"\xef\xbb\xbf",
        b"\x1b[31m\x03\x02\x1f" * 100,
        gzip.compress(START.encode() * 100, mtime=0),
        b"<" * MEGABYTE,
        b"21:00:00 <" + b"a" * MEGABYTE,
        b"[" * 100_000 + b"]" * 100_000,
        ("日本" * 5000).encode("utf-16"),
        START.encode("utf-32"),
    ],
    ids=lambda data: repr(data[:8]),
)
@pytest.mark.django_db
def test_rubbish_is_refused_in_words(store, data):
    with pytest.raises(UnreadableLog):
        store(data)
    assert stored() == [0, 0, 0, 0]


@pytest.fixture
def giant(tmp_path):
    """Write a file around a line of 100 MB; it goes when the test is over."""
    path = tmp_path / "giant.2011-03-29.log"

    def giant(before=b"", after=b""):
        with path.open("wb") as file:
            file.write(before)
            for _ in range(100):
                file.write(b"x" * MEGABYTE)
            file.write(after)
        return path

    yield giant
    path.unlink()


def peak_of(work):
    """What the work returns, and the most memory that it held at once, in MB."""
    tracemalloc.start()
    try:
        result = work()
        return result, tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_line_of_100_megabytes_is_cut_and_costs_no_memory(run, giant):
    path = giant(before=f"{START}21:00:01 <ada> #info ".encode(), after=f"\n{END}".encode())
    done, peak = peak_of(lambda: run(path))
    told = (
        "giant.2011-03-29-21.00: imported. Weekly, 2011-03-29 21:00 UTC, 3 lines, 1 person; 1 info."
    )
    size = (
        f"  {path}, line 1: the file's 100,000,085 bytes are more than the 67,108,864 that are kept"
        " as they came (SOURCE_BYTES_KEPT): its lines are stored, its bytes are not"
    )
    cut = f"  {path}, line 2: longer than 16,384 characters; only its beginning is kept"
    assert done == (0, f"{told}\n{size}\n{cut}\n", "")
    assert peak < 20
    assert Item.objects.get().text == "x" * (16_384 - len("21:00:01 <ada> #info "))


def test_a_file_of_one_line_of_100_megabytes_is_refused_and_costs_no_memory(run, giant):
    done, peak = peak_of(lambda: run(giant()))
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert peak < 20


def seconds(take, text):
    """Processor time; the best of three, so that a busy machine does not count."""

    def once():
        began = time.process_time()
        assert take(text).meetings
        return time.process_time() - began

    return min(once() for _ in range(3))


SLOW = {
    "undo": lambda n: "21:00:01 <ada> #info\n" * 3 * n + "21:00:01 <ada> #undo\n" * 3 * n,
    "chairs": lambda n: "".join(
        f"21:00:01 <ada> #chair {' '.join(f'c{line}x{i}' for i in range(50))}\n"
        for line in range(n // 10)
    ),
    "unchair": lambda n: "21:00:01 <ada> #chair bea\n21:00:01 <ada> #unchair bea\n" * n,
    "people of actions": lambda n: (
        f"21:00:01 <ada> #nick {' '.join(f'n{i}' for i in range(n))}\n"
        + "21:00:01 <ada> #action write\n" * n
    ),
    "choices of a vote": lambda n: (
        "21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC and is due to finish in\n"
        f"21:00:01 <ada> #startvote Go? {' '.join(f'c{i}' for i in range(n))}\n"
        + f"21:00:01 <ada> #vote c{n - 1}\n" * n
        + "21:00:02 <ada> #endvote\n"
    ),
    "starts": lambda n: "21:00:01 <ada> #startmeeting again\n" * n,
    "lines of no shape": lambda n: "what\n" * n,
    "restarts": lambda n: (
        (
            "21:00:01 <ada> #startmeeting\n"
            "21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada.\n"
        )
        * n
    ),
    "new people": lambda n: "".join(f"21:00:01 <p{i}> hi\n" for i in range(n)),
    "midnights": lambda n: "12:00:00 <ada> a\n00:00:00 <ada> b\n" * n,
}


@pytest.mark.parametrize("case", SLOW)
def test_time_grows_with_the_length_of_a_log_and_not_faster(take, case):
    small, large = (seconds(take, START + SLOW[case](n)) for n in (300, 2400))
    # Eight times as much: 8 when linear, 64 when quadratic.
    assert large < 25 * max(small, 0.002)


def test_a_crowd_of_bots_costs_hardly_more_than_one(take):
    one, crowd = (
        START + "".join(f"21:00:01 <{nick.format(line)}> hi\n" for line in range(5000))
        for nick in ("kgb-0000", "kgb-{}")
    )
    assert seconds(take, crowd) < 8 * max(seconds(take, one), 0.005)


def test_a_meeting_that_nobody_ends_is_cut_whatever_is_said_in_it(take):
    for line in ("21:00:01 <ada> hi\n", "21:00:01 <ada> #info\n"):
        (minutes,) = take(START + line * 120_000).meetings
        assert 100_000 <= len(minutes.raw) < 110_000
        assert minutes.warnings[-1].startswith("Cut after 10")


@pytest.mark.django_db
def test_a_long_topic_is_not_multiplied_by_the_items_under_it(store):
    text = f"{START}21:00:01 <ada> #topic {'x' * 16_000}\n" + "21:00:01 <ada> #info x\n" * 500
    store(text)
    size = sum(len(topic) for topic in Item.objects.values_list("topic", flat=True))
    assert size < 20 * len(text)


pieces = st.sampled_from([
    *(f"{known.example}\n".encode() for known in FORMATS),
    b"0001-01-01T00:00:00+14:00  <ada> #startmeeting\n", b"9999-12-31T23:59:59  <ada> hi\n",
    b"21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC.\n", b"00:00:00 <ada> hi\n",
    b"21:00:01 <MeetBot> Meeting started Mon Jan  1 00:00:00 0001 UTC.\n", b"99:99:99", b" <ada> ",
    b"Meeting started ", b"Tue Mar 29 21:00:00 2011 UTC", b"The chair is ada.", b" * ada ", b"\n",
    b"#undo", b"#unchair ada", b"#endvote", b"#vote", b"#startvote ?", b"#endmeeting", b"00:00:00",
    b"\0", b"\r", b"\xff", b"\xed\xa0\x80", b"0001-01-01T00:00:00", b"9999-12-31T23:59:59",
])  # fmt: skip
rubbish = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(pieces, st.binary(max_size=8)), max_size=30).map(b"".join),
)


def outcome(data, format_):
    """How many lines were taken, or why none."""
    try:
        log = import_log(
            io.BytesIO(data),
            name="x",
            at=datetime(2011, 4, 1, tzinfo=UTC),
            hints=DateHints(name="x.2011-03-29.log"),
            format=format_,
            dry_run=True,
        )
    except UnreadableLog as refused:
        return str(refused)
    return sum(meeting.lines for meeting in log.meetings)


@pytest.mark.django_db
@settings(max_examples=150, deadline=None)
@given(data=rubbish, format_=st.sampled_from([None, *FORMATS]))
def test_any_bytes_are_read_or_refused_in_words(data, format_):
    result = outcome(data, format_)
    if isinstance(result, str):
        assert result.endswith(".")
    else:
        assert 0 <= result <= data.count(b"\n") + 1


@pytest.mark.parametrize(
    "line",
    [
        b"21:00:00 <ada> hi\n",
        b"[\n",
        b"12:00\n",
        b"> 12:00:00\n",
        b"    21:00:00 <ada> hi\nprose\nprose\nprose\n",
        b"<ada> x\n--- Log opened Wed May 22 02:01:22 2002\n",
        b"a: b\n",
    ],
)
def test_finding_a_format_takes_moments_however_long_the_file(line):
    """Four times as much is looked at; what grew with its square would take sixteen times."""
    few, many = (io.BytesIO(line * (size // len(line))) for size in (EMBEDDED // 4, 2 * EMBEDDED))

    def seconds(file):
        began = time.process_time()
        with contextlib.suppress(NotALog):
            sniff_file(file)
        return time.process_time() - began

    assert seconds(many) < 8 * max(seconds(few), 0.05)
    assert many.tell() <= EMBEDDED
