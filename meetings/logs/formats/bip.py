from meetings.logs.clocks import dmy_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

_AT = r"([0-9]{2}-[0-9]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2})"
_WHO = r"([^\s\0-\x1f!:*<>]{1,64})(?:![^\s\0-\x1f:]{1,200})?"

FORMAT = Format(
    name="bip",
    title="bip log",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{_AT} [<>] {_WHO}: ?(.*)",
            "18-04-2019 09:52:50 < addison!~addison@host.example: trackbot, prepare",
        ),
        shape(
            Kind.ACTION,
            rf"{_AT} [<>] \* {_WHO}(?: (.*)|$)",
            "18-04-2019 10:00:46 > * Bert is still in another meeting",
        ),
        shape(
            Kind.RENAME,
            rf"{_AT} -!- {_WHO} is now known as ([^\s\0-\x1f!]{{1,64}})",
            "18-04-2019 10:00:47 -!- Bert!~b@host.example is now known as Bert_",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT} -!- {_WHO} (.*)",
            "18-04-2019 00:54:06 -!- atsushi!himorin@host.example has quit [bye]",
        ),
    ),
    clock=dmy_instants,
    preference=36,
    dated=True,
    whole=True,
)
