"""Slack copied from a page: a heading of nick and clock, the words in the lines below it."""

import re

from meetings.logs.clocks import times_of_half_days
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

_CLOCK = r"\[([0-9]{1,2}:[0-9]{2}(?: [AP]M)?)\]"
_WHO = r"[^\s\0-\x1f\[\]]{1,64}"

FORMAT = Format(
    name="slack",
    title="Slack, copied from its page",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"(?={_WHO} {_CLOCK})({_WHO}) \[[^\[\]\n]{{4,8}}\] ?(.*)",
            "nathenharvey [12:00 PM]",
        ),
        shape(Kind.SPEECH, rf"{_CLOCK}()()$", "[16:06]"),
    ),
    clock=times_of_half_days,
    preference=46,
    whole=True,
    frame=None,  # a fence is part of what somebody says
    wraps=re.compile(r"(?!\[[0-9])(.+)"),
    joins=re.compile(r"(?:joined|left|set the channel (?:topic|purpose)|was added to) ?[#:]?"),
)
