import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, NICK, Format, Shape, shape

DAYS = (
    re.compile(r"--- Log opened (.{10,60})"),
    re.compile(r"--- Day changed (.{10,60})"),
)
CLOSED = shape(Kind.EVENT, r"()()(--- Log closed .{10,60})", "--- Log closed Wed May 22 03:47 2002")
WRAPS = re.compile(r"[ \t]{8,40}(\S.*)")  # as a terminal breaks a long line


def beside_speech(stamp: str, *, example: str, blanks: str = " ") -> tuple[Shape, ...]:
    note = rf"{stamp}{blanks}-!- "
    return (
        shape(
            Kind.RENAME,
            rf"{note}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            f"{example} -!- ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{note}(\S{{1,64}}) (\[\S{{1,200}}\] has (?:joined|left|quit).*)",
            f"{example} -!- bea [~b@host.example] has joined #weekly",
        ),
        shape(Kind.EVENT, rf"{note}()(.*)", f"{example} -!- mode/#weekly [+o ada] by ChanServ"),
        shape(Kind.ACTION, rf"{stamp} {{1,2}}\* {NICK}(?: (.*)|$)", f"{example}  * bea waves"),
        CLOSED,
    )


FORMAT = Format(
    name="irssi",
    title="irssi log",
    shapes=(
        shape(Kind.SPEECH, rf"{HH_MM} <{NICK}> ?(.*)", "12:04 < sersut> sure"),
        *beside_speech(HH_MM, example="12:05"),
    ),
    clock=times_of_day,
    preference=22,
    whole=True,
    days=DAYS,
    wraps=WRAPS,
    signs=re.compile(r"[0-9]{2}:[0-9]{2} <[ @+%&~]|--- (?:Log|Day) "),
)
