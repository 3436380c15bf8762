import re

from meetings.logs.clocks import times_of_day
from meetings.logs.formats.irssi import CLOSED, DAYS
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, NICK, Format, shape

_NOTE = rf"{HH_MM_SS} {{1,2}}-!- "

FORMAT = Format(
    name="irssi-seconds",
    title="irssi log with seconds",
    shapes=(
        shape(Kind.SPEECH, rf"{HH_MM_SS} {{1,2}}<{NICK}> ?(.*)", "20:09:33  <str4d> Who is here?"),
        shape(Kind.SPEECH, rf"()<{NICK}> ?(.*)", "<psi> a line that lost its clock"),
        shape(
            Kind.RENAME,
            rf"{_NOTE}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "12:05:00 -!- ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{_NOTE}(\S{{1,64}}) (\[\S{{1,200}}\] has (?:joined|left|quit).*)",
            "12:06:00 -!- bea [~b@host.example] has joined #weekly",
        ),
        shape(Kind.EVENT, rf"{_NOTE}()(.*)", "12:07:00 -!- mode/#weekly [+o ada] by ChanServ"),
        shape(Kind.ACTION, rf"{HH_MM_SS} {{1,2}}\* {NICK}(?: (.*)|$)", "20:09:53  * psi is here"),
        CLOSED,
    ),
    clock=times_of_day,
    preference=14,
    whole=True,
    days=DAYS,
    wraps=re.compile(r"[ \t]{8,40}(\S.*)"),
    signs=re.compile(r"[0-9:]{8}  <|[0-9:]{8} < |--- (?:Log|Day) "),
)
