"""What one copies out of weechat's window."""

import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, Format, shape

_BAR = r" \| ?"

FORMAT = Format(
    name="weechat-paste",
    title="weechat, copied from its window",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{HH_MM_SS} {{1,24}}[@+%&~]?([^\s\0-\x1f|*<>-][^\s\0-\x1f|<>]{{0,63}}){_BAR}(.*)",
            "17:00:53          estesp | #startmeeting OCI Weekly Dev Call",
        ),
        shape(
            Kind.ACTION,
            rf"{HH_MM_SS} {{1,24}}\*{_BAR}(\S{{1,64}}) ?(.*)",
            "17:00:54               * | estesp waves",
        ),
        shape(
            Kind.RENAME,
            rf"{HH_MM_SS} {{1,24}}--{_BAR}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "17:00:55              -- | estesp is now known as phil",
        ),
        shape(
            Kind.EVENT,
            rf"{HH_MM_SS} {{1,24}}(?:-->|<--|--){_BAR}(\S{{1,64}}) ?(.*)",
            "17:00:56             --> | ada (~ada@host.example) has joined #oci",
        ),
    ),
    clock=times_of_day,
    preference=13,
    whole=True,
    wraps=re.compile(r" {8,40}\| ?(.*)"),
)
