import re

from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import FENCE, ISO, Format, shape

NICK = r"[ @+%&~•]?([^\s\0-\x1f<>]{1,64})"
_AT = rf"\[{ISO}\] "

FORMAT = Format(
    name="irccloud",
    title="IRCCloud log",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}> ?(.*)", "[2020-07-21 17:28:44] <Wilco> hello"),
        shape(Kind.ACTION, rf"{_AT}— {NICK}(?: (.*)|$)", "[2020-07-21 17:28:45] — Zakim notes it"),
        shape(
            Kind.RENAME,
            rf"{_AT}\* (\S{{1,64}}) → (\S{{1,64}})$",
            "[2020-07-21 17:28:46] * shadi_ → shadi",
        ),
        shape(Kind.EVENT, rf"{_AT}→ ()(Joined .*)", "[2020-07-21 17:28:47] → Joined channel #act"),
        shape(
            Kind.EVENT,
            rf"{_AT}[→←⇐*] (\S{{1,64}}) ?(.*)",
            '[2020-07-21 17:28:48] ⇐ shadi quit (shadi@host.example): "Leaving"',
        ),
    ),
    clock=iso_instants,
    preference=35,
    dated=True,
    whole=True,
    frame=re.compile(rf"[#&]\S{{1,64}}$|{FENCE.pattern}"),
)
