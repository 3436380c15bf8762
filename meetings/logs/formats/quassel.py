import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import EITHER, NICK, Format, shape

_AT = rf"\[{EITHER}\] "

FORMAT = Format(
    name="quassel",
    title="Quassel, copied from its window",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<(?!->){NICK}> ?(.*)", "[11:02:21] <Bert> zakim, start meeting"),
        shape(
            Kind.ACTION,
            rf"{_AT}-\*- {NICK}(?: (.*)|$)",
            "[11:02:46] -*- Zakim notes agenda cleared",
        ),
        shape(
            Kind.RENAME,
            rf"{_AT}<-> (\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[13:35:07] <-> Daniel is now known as Daniel-away",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}(?:-->|<--|<->) (\S{{1,64}}) ?(.*)",
            "[11:02:21] --> RRSAgent (rrsagent@host.example) has joined &weum",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}(?:\*\*\* )?(?:\* )?()((?:Mode|Topic|Channel) .*)",
            "[18:26] * Topic set by jo",
        ),
    ),
    clock=times_of_day,
    preference=41,
    whole=True,
    signs=re.compile(rf"{_AT}(?:-->|<--|<->|-\*-) |.{{0,12}}- \{{Day changed"),
    days=(re.compile(r"(?:\[[0-9:]{5,8}\] )?- \{Day changed to (.{10,60})\}"),),
)
