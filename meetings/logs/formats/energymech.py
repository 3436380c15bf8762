from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, NICK, Format, shape

_AT = rf"\[{HH_MM}\] "

FORMAT = Format(
    name="energymech",
    title="energymech log",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}> ?(.*)", "[22:56] <jrand0m> agenda"),
        shape(
            Kind.RENAME,
            rf"{_AT}\*\*\* (\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[22:57] *** godmode0_ is now known as godmode0",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}\*\*\* (?:Signoff: |Joins: |Parts: |Quits: )?(\S{{1,64}}) ?(.*)",
            "[22:58] *** dcat (~d@host.example) has joined channel #iip-dev",
        ),
        shape(Kind.ACTION, rf"{_AT}\* {NICK}(?: (.*)|$)", "[22:59] * jrand0m waves"),
    ),
    clock=times_of_day,
    preference=51,
    whole=True,
)
