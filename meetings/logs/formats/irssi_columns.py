"""An irssi theme with the nick set right, and a bar between it and the words."""

from meetings.logs.clocks import times_of_day
from meetings.logs.formats.irssi import CLOSED, DAYS
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, Format, shape

_BAR = r" \| ?"

FORMAT = Format(
    name="irssi-columns",
    title="irssi log in columns",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{HH_MM} [ @+%&~] {{0,24}}([^\s\0-\x1f|«»*<>-][^\s\0-\x1f|<>«»]{{0,63}}){_BAR}(.*)",
            "11:02          Bert | trackbot, start telcon",
        ),
        shape(
            Kind.ACTION,
            rf"{HH_MM} {{1,24}}\*{_BAR}(\S{{1,64}}) ?(.*)",
            "11:02             * | trackbot is preparing a teleconference.",
        ),
        shape(
            Kind.RENAME,
            rf"{HH_MM} {{1,24}}«Nick»{_BAR}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "15:02        «Nick» | shadi_ is now known as shadi",
        ),
        shape(
            Kind.EVENT,
            rf"{HH_MM} {{1,24}}(?:-->|<--|«Quit»|«Topic»){_BAR}(\S{{1,64}}) ?(.*)",
            "10:57           --> | phila (phila@host.example) has joined &weum",
        ),
        shape(
            Kind.EVENT,
            rf"{HH_MM} {{1,24}}(?:«\w{{1,20}}»|---){_BAR}()(.*)",
            "10:42       «Users» | 9 nicks",
        ),
        CLOSED,
    ),
    clock=times_of_day,
    preference=23,
    whole=True,
    days=DAYS,
)
