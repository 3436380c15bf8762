import re

from meetings.logs.clocks import times_of_day
from meetings.logs.formats.irssi import DAYS, WRAPS, beside_speech
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, NICK, Format, shape

FORMAT = Format(
    name="irssi-seconds",
    title="irssi log with seconds",
    shapes=(
        shape(Kind.SPEECH, rf"{HH_MM_SS} {{1,2}}<{NICK}> ?(.*)", "20:09:33  <str4d> Who is here?"),
        shape(Kind.SPEECH, rf"()<{NICK}> ?(.*)", "<psi> a line that lost its clock"),
        *beside_speech(HH_MM_SS, example="20:09:53", blanks=" {1,2}"),
    ),
    clock=times_of_day,
    preference=14,
    whole=True,
    days=DAYS,
    wraps=WRAPS,
    signs=re.compile(r"[0-9:]{8}  <|[0-9:]{8} < |--- (?:Log|Day) "),
)
