from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, Format, shape

FORMAT = Format(
    name="weechat",
    title="weechat log file",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{ISO}\t[@+%&~]?([^\s\0-\x1f*<>-][^\s\0-\x1f<>]{{0,63}})\t(.*)",
            "2019-03-06 17:00:53\testesp\t#startmeeting",
        ),
        shape(
            Kind.ACTION,
            rf"{ISO}\t ?\*\t(\S{{1,64}}) ?(.*)",
            "2019-03-06 17:00:54\t *\testesp waves",
        ),
        shape(
            Kind.RENAME,
            rf"{ISO}\t--\t(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "2019-03-06 17:00:55\t--\testesp is now known as phil",
        ),
        shape(
            Kind.EVENT,
            rf"{ISO}\t(?:-->|<--|--)\t(\S{{1,64}}) ?(.*)",
            "2019-03-06 17:00:56\t-->\tada (~ada@host.example) has joined #oci",
        ),
    ),
    clock=iso_instants,
    preference=34,
    dated=True,
)
