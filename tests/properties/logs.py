"""What must hold for any bytes that somebody hands in as a log; `fuzz.py` tries it for a minute."""

import io
import re
from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import strategies as st

from meetings.exporting import log_text
from meetings.files import already_imported
from meetings.importing import ImportedLog, UnreadableLog, import_log
from meetings.logs import FORMATS, DateHints, Format
from meetings.models import Item, LogLine, Meeting, Piece, Source
from meetings.profiles import PROFILES

AT = datetime(2011, 4, 1, tzinfo=UTC)
HINTS = DateHints(name="x.2011-03-29.log")
LONGEST_LINE = 16_000  # characters; what is cut is not the same meeting in another format

NICKS = ["ada", "bea", "@cyd", "meetbot", "d`e", "two words", "<", "\u202e", "é"]
TEXTS = [
    "#startmeeting Weekly", "#endmeeting", "#topic Freeze", "#agreed ship it", "#action ada mends",
    "#undo", "#chair bea", "#unchair bea", "#vote", "#startvote Go? yes, no", "#endvote", "#agred",
    "!startmeeting Weekly", "!endmeeting", "!topic Freeze", " #info behind a blank", "#link", "",
    "Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada.",
    "Meeting started Tue Mar 29 23:59:59 2011 UTC and is due to finish in 60 minutes.",
    "Meeting started at 2026-05-06 14:01:38 UTC", "The chair is ada.", "https://example.org/a_(b).",
    "21:00:00 <eve> #agreed forged", "\x0304red\x03 \x1b[1mbold\x1b[0m", "\u202eturned", "\x02\x0f",
    "caf\u00e9 \u00a0 \u3000", "tab\tand return\r", "null\0", "\x02#endmeeting",
    " leading and trailing  ",
]  # fmt: skip
# Of each dialect: how a line is written, the clocks it may carry, and how its meeting begins.
DIALECTS = [
    (["{} <{}> {}", "{} * {} {}"], ["21:00:00", "23:59:59", "00:00:00", "99:99:99"], TEXTS[0]),
    (["{} <{}> {}", "{}  * {} {}"], ["21:00", "23:59", "00:00"], "#startmeeting Weekly"),
    (
        ["{}  <{}> {}", "{} *** {} {}", "{} * {} {}"],
        ["2011-03-29T21:00:00", "2011-03-29T21:00:00.5", "9999-12-31T23:59:59"],
        "#startmeeting x",
    ),
    (
        ["{} <@{}:example.org> {}", "{} * @{}:example.org {}"],
        ["2026-05-06 14:01:38", "2026-05-06 23:59:59", "0001-01-01 00:00:00+14:00"],
        "!startmeeting",
    ),
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\r\n", "\n\n"]


def _lines(dialect: tuple[list[str], list[str], str]) -> st.SearchStrategy[bytes]:
    shapes, clocks, start = dialect
    line = st.builds(
        lambda shape, clock, nick, text, end: (shape.format(clock, nick, text) + end).encode(),
        *map(st.sampled_from, (shapes, clocks, NICKS, [start, *TEXTS], ENDS)),
    )
    first = st.just(f"{shapes[0].format(clocks[0], 'ada', start)}\n".encode())
    rest = st.lists(st.one_of(line, line, line, line, st.binary(max_size=12)), max_size=30)
    return st.builds(lambda first, rest: first + b"".join(rest), first | line, rest)


examples = st.sampled_from([f"{known.example}\n".encode() for known in FORMATS])
logs = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(examples, st.binary(max_size=12)), max_size=20).map(b"".join),
    *map(_lines, DIALECTS),
)
formats = st.sampled_from([None, None, None, None, None, *FORMATS])

BLANK_CONTROLS = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")


class Taken(NamedTuple):
    log: ImportedLog | None
    refused: str


def take(
    data: bytes, format_: Format | None, *, hints: DateHints = HINTS, whole: bool = False
) -> Taken:
    """Import bytes, or be refused in words; nothing else may happen."""
    stream = io.BytesIO(data)
    try:
        log = import_log(stream, name=hints.name, at=AT, hints=hints, format=format_, whole=whole)
    except UnreadableLog as refused:
        return Taken(None, str(refused))
    return Taken(log, "")


def stored() -> dict[str, list[object]]:
    """Everything that an import can leave behind, but how a file was read last."""
    models = (Source, Piece, Meeting, LogLine, Item)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    for source in rows["Source"]:
        del source["read_as"], source["holds"]
    return rows


def check(data: bytes, format_: Format | None) -> None:
    """No exception, no line lost, the bytes kept; twice is once; our log is the same meeting."""
    taken = take(data, format_)
    if taken.log is None:
        assert taken.refused.endswith("."), taken.refused
        return
    assert taken.log.undated == []
    _account_for(data, taken.log)
    before = stored()
    again = take(data, format_)
    assert again.log is not None
    assert not any(meeting.created for meeting in again.log.meetings)
    assert stored() == before
    keys = [meeting.key for meeting in taken.log.meetings]
    if any(meeting.created for meeting in taken.log.meetings):
        known = already_imported(io.BytesIO(data), hints=HINTS, format=format_)
        assert [meeting.pk for meeting in known] == keys
        assert b"".join(Source.objects.get(pk=known[0].source_id).raw()) == data
    for meeting in Meeting.objects.filter(pk__in=keys):
        exported = "".join(log_text(meeting))
        # A control character that counts as a blank may end the word of a command; its mark cannot.
        comparable = not BLANK_CONTROLS.search(data.decode(errors="replace"))
        # MeetBot's log tells no dialect, so another may begin a meeting where W3C's words did not.
        comparable = comparable and not PROFILES[meeting.profile].whole
        if comparable and max(map(len, exported.split("\n"))) < LONGEST_LINE:
            try:
                _bring_back(meeting, exported, whole=taken.log.format.whole)
            except AssertionError as error:
                error.add_note(f"It came from {data!r} as {format_}.")
                raise
    assert stored() == before


def _account_for(data: bytes, log: ImportedLog) -> None:
    """Every line is in a meeting, or reported."""
    if log.format.messages is None:  # the lines of JSON are those of its messages
        text = data.removeprefix(b"\xef\xbb\xbf")
        assert log.lines == text.count(b"\n") + (not text.endswith(b"\n") and bool(text))
    in_meetings = sum(meeting.lines for meeting in log.meetings)
    reported = sum(unread.lines for unread in log.left_out)
    assert in_meetings + reported == log.lines, (in_meetings, log.left_out, log.lines)


def _bring_back(meeting: Meeting, exported: str, *, whole: bool) -> None:
    hints = DateHints(name=f"{meeting.slug}.log.txt")
    taken = take(exported.encode(), None, hints=hints, whole=whole)
    assert taken.log is not None, (taken.refused, exported)
    assert [(one.slug, one.created) for one in taken.log.meetings] == [(meeting.slug, False)], (
        exported
    )
