import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, NICK, Format, shape

_NOTE = rf"{HH_MM} -!- "
DAYS = (
    re.compile(r"--- Log opened (.{10,60})"),
    re.compile(r"--- Day changed (.{10,60})"),
)
CLOSED = shape(Kind.EVENT, r"()()(--- Log closed .{10,60})", "--- Log closed Wed May 22 03:47 2002")

FORMAT = Format(
    name="irssi",
    title="irssi log",
    shapes=(
        shape(Kind.SPEECH, rf"{HH_MM} <{NICK}> ?(.*)", "12:04 < sersut> sure"),
        shape(
            Kind.RENAME,
            rf"{_NOTE}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "12:05 -!- ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{_NOTE}(\S{{1,64}}) (\[\S{{1,200}}\] has (?:joined|left|quit).*)",
            "12:06 -!- bea [~b@host.example] has joined #weekly",
        ),
        shape(Kind.EVENT, rf"{_NOTE}()(.*)", "12:07 -!- mode/#weekly [+o ada] by ChanServ"),
        shape(Kind.ACTION, rf"{HH_MM} {{1,2}}\* {NICK}(?: (.*)|$)", "12:08  * bea waves"),
        CLOSED,
    ),
    clock=times_of_day,
    preference=22,
    whole=True,
    days=DAYS,
    wraps=re.compile(r"[ \t]{8,40}(\S.*)"),  # as a terminal breaks a long line
    signs=re.compile(r"[0-9]{2}:[0-9]{2} <[ @+%&~]|--- (?:Log|Day) "),
)
