from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import ISO, NICK, Format, shape

FORMAT = Format(
    name="channellogger",
    title="supybot ChannelLogger (eavesdrop)",
    shapes=(
        shape(Kind.SPEECH, rf"{ISO} {{1,2}}<{NICK}> ?(.*)", "2019-03-04T14:48:25  <mordred> hi"),
        shape(
            Kind.RENAME,
            rf"{ISO} {{1,2}}\*\*\* (\S{{1,64}}) is now known as (\S{{1,64}})$",
            "2019-03-04T14:48:26  *** mordred is now known as mordred|away",
        ),
        shape(
            Kind.EVENT,
            rf"{ISO} {{1,2}}\*\*\* (\S{{0,64}}) ?(.*)",
            "2019-03-04T14:48:27 *** clarkb <clarkb!~c@host.example> has joined #infra",
        ),
        shape(
            Kind.ACTION, rf"{ISO} {{1,2}}\* {NICK}(?: (.*)|$)", "2019-03-04T14:48:28  * clarkb nods"
        ),
    ),
    clock=iso_instants,
    preference=31,
    profile="opendev",
    dated=True,
)
