from meetings.logs.clocks import iso_instants
from meetings.logs.formats.irssi import DAYS, beside_speech
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, NICK, Format, shape

FORMAT = Format(
    name="irssi-dated",
    title="irssi log with dates in its lines",
    shapes=(
        shape(Kind.SPEECH, rf"{ISO} <{NICK}> ?(.*)", "2020-02-04T10:03:52Z <koalie> present+"),
        *beside_speech(ISO, example="2020-02-04T10:03:53Z"),
    ),
    clock=iso_instants,
    preference=32,
    dated=True,
    whole=True,
    days=DAYS,
)
