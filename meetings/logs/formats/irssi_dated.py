from meetings.logs.clocks import iso_instants
from meetings.logs.formats.irssi import CLOSED, DAYS
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, NICK, Format, shape

_NOTE = rf"{ISO} -!- "

FORMAT = Format(
    name="irssi-dated",
    title="irssi log with dates in its lines",
    shapes=(
        shape(Kind.SPEECH, rf"{ISO} <{NICK}> ?(.*)", "2020-02-04T10:03:52Z <koalie> present+"),
        shape(
            Kind.RENAME,
            rf"{_NOTE}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "2020-02-04T10:03:53Z -!- ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{_NOTE}(\S{{1,64}}) (\[\S{{1,200}}\] has (?:joined|left|quit).*)",
            "2020-02-04T10:03:54Z -!- bea [~b@host.example] has joined &weum",
        ),
        shape(Kind.EVENT, rf"{_NOTE}()(.*)", "2020-02-04T10:03:55Z -!- Irssi: Join was synced"),
        shape(
            Kind.ACTION, rf"{ISO} {{1,2}}\* {NICK}(?: (.*)|$)", "2020-02-04T10:03:56Z  * bea nods"
        ),
        CLOSED,
    ),
    clock=iso_instants,
    preference=32,
    dated=True,
    whole=True,
    days=DAYS,
)
