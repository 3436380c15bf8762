from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, Format, shape

FORMAT = Format(
    name="w3c-ccg",
    title="log of the W3C Credentials group's bot",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"\[{ISO}\]\t<([^\t\n<>]{{1,128}})>\t(.*)",
            "[2020-01-07T17:06:20.793Z]\t<manu>\tscribe: manu",
        ),
        shape(
            Kind.ACTION,
            rf"\[{ISO}\]\t\* ?([^\s\0-\x1f<>]{{1,128}})[\t ](.*)",
            "[2020-01-07T17:06:21.000Z]\t* manu\twaves",
        ),
    ),
    clock=iso_instants,
    preference=39,
    profile="w3c",
    dated=True,
    whole=True,
)
