"""W3C's RRSAgent: it writes joins and changes of topic as if the person had said them."""

import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, NICK, Format, shape

SAYS = r"has (?:joined|left) [#&]|has changed the topic to: |is now known as "

FORMAT = Format(
    name="rrsagent",
    title="W3C RRSAgent log",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{HH_MM_SS} <{NICK}>(?! \2 (?:{SAYS}))[ ]?(.*)",
            "16:02:00 <gkellogg> agenda: https://example.org/",
        ),
        shape(
            Kind.RENAME,
            rf"{HH_MM_SS} <{NICK}> \2 is now known as (\S{{1,64}})$",
            "16:02:01 <ada> ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{HH_MM_SS} <{NICK}> \2 ((?:{SAYS}).*)",
            "14:50:46 <RRSAgent> RRSAgent has joined #public-minutes",
        ),
        shape(Kind.ACTION, rf"{HH_MM_SS} {{1,2}}\* {NICK}(?: (.*)|$)", "16:02:02 * Zakim notes it"),
    ),
    clock=times_of_day,
    preference=12,
    profile="w3c",
    whole=True,
    signs=re.compile(
        r"[0-9:]{8} <(?:RRSAgent|Zakim|trackbot|agendabot)> |"
        r"[0-9:]{8} <(\S{1,64})> (?:\1 has (?:joined|left) [#&]|(?i:scribe|present\+|topic ?:))"
    ),
)
