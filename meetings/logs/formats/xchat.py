import re

from meetings.logs.clocks import days_of_no_year
from meetings.logs.lines import Kind
from meetings.logs.shapes import NICK, Format, shape

_AT = r"([A-Z][a-z]{2} [0-9 ]?[0-9] [0-9]{2}:[0-9]{2}(?::[0-9]{2})?) "

FORMAT = Format(
    name="xchat",
    title="XChat log",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}>[\t ]?(.*)", "Mar 29 21:00:49 <ttx>\thello"),
        shape(
            Kind.RENAME,
            rf"{_AT}\*[\t ]{{1,2}}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "Mar 29 21:00:50 *\tttx is now known as ttx_",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}\*[\t ]{{1,2}}(\S{{1,64}}) ((?:\(\S{{1,200}}\) )?has (?:joined|left|quit)\b.*"
            r"|sets mode .*|gives channel .*|has changed the topic to.*)",
            "Mar 29 21:00:51 *\tsoren (~soren@host.example) has joined #weekly",
        ),
        shape(
            Kind.ACTION, rf"{_AT}\*[\t ]{{1,2}}{NICK}(?: (.*)|$)", "Mar 29 21:00:52 *\tttx waves"
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}(?:-->|<--|---)[\t ]{{1,2}}(\S{{1,64}}) ?(.*)",
            "Mar 29 21:00:53 -->\tsoren has joined #weekly",
        ),
        shape(
            Kind.EVENT,
            r"()()(\*\*\*\* ENDING LOGGING AT .{10,60})",
            "**** ENDING LOGGING AT Tue Mar 29 22:00:00 2011",
        ),
    ),
    clock=days_of_no_year,
    preference=44,
    dated=True,
    days=(re.compile(r"\*\*\*\* BEGIN LOGGING AT (.{10,60})"),),
)
