"""irclogs.ubuntu.com: a channel a day, nick changes without a clock."""

import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, NICK, Format, shape

FORMAT = Format(
    name="irclogs",
    title="irclogs.ubuntu.com",
    shapes=(
        shape(Kind.SPEECH, rf"\[{HH_MM}\] <{NICK}> ?(.*)", "[20:01] <elfy> #startmeeting"),
        shape(Kind.ACTION, rf"\[{HH_MM}\] {{1,2}}\* {NICK}(?: (.*)|$)", "[20:02]  * elfy waves"),
        shape(
            Kind.RENAME,
            r"()=== (\S{1,64}) is now known as (\S{1,64})$",
            "=== vladk is now known as doko",
        ),
        shape(Kind.EVENT, r"()=== (\S{1,64}) ?(.*)", "=== elfy [~e@host.example] has joined #x"),
    ),
    clock=times_of_day,
    preference=52,
    profile="meetingology",
    signs=re.compile(r"=== \S{1,64} (?:is now known as|\[|has) "),
)
