import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import EITHER, NICK, Format, shape

_NOTE = rf"\[{EITHER}\] == "

FORMAT = Format(
    name="qwebirc",
    title="qwebirc, copied from its window",
    shapes=(
        shape(Kind.SPEECH, rf"\[{EITHER}\] <{NICK}> ?(.*)", "[10:01] <Wilco> hello"),
        shape(
            Kind.RENAME,
            rf"{_NOTE}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[10:02] == Wilco is now known as Wilco_",
        ),
        shape(
            Kind.EVENT,
            rf"{_NOTE}(\S{{1,64}}) ?(.*)",
            "[09:59] == Wilco [~W@host.example] has joined #act-r",
        ),
        shape(Kind.ACTION, rf"\[{EITHER}\] \* {NICK}(?: (.*)|$)", "[10:00] * Zakim notes it"),
    ),
    clock=times_of_day,
    preference=53,
    whole=True,
    signs=re.compile(rf"{_NOTE}\S"),
)
