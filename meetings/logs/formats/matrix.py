from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, Format, shape

_MXID = r"(@[^\s\0-\x1f<>:]{1,128}:[^\s\0-\x1f<>]{1,128})"

FORMAT = Format(
    name="matrix",
    title="Fedora Matrix log",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{ISO} <{_MXID}> ?(.*)",
            "2026-05-06 14:01:38 <@jflory7:fedora.im> !startmeeting Fedora Council",
        ),
        shape(
            Kind.ACTION,
            rf"{ISO} \* {_MXID}(?: (.*)|$)",
            "2026-05-06 14:01:39 * @jflory7:fedora.im waves",
        ),
    ),
    clock=iso_instants,
    preference=30,
    profile="matrix",
    dated=True,
)
