"""A channel's days as botbot.me gave them, saved as the literal of a Python bytes object."""

import re

from meetings.logs import markup
from meetings.logs.clocks import iso_instants
from meetings.logs.lines import Kind
from meetings.logs.shapes import FENCE, ISO, NICK, Format, shape

_START = rf"(?:b['\"])?{ISO}"

FORMAT = Format(
    name="botbot",
    title="botbot.me log in Python's quotes",
    shapes=(
        shape(Kind.SPEECH, rf"{_START} <{NICK}> ?(.*)", r"b'2017-07-17T20:56:04 <ada> it\'s up"),
        shape(
            Kind.RENAME,
            rf"{_START} \* (\S{{1,64}}) is now known as (\S{{1,64}})$",
            "2017-07-17T20:56:05 * ada is now known as ada_",
        ),
        shape(
            Kind.EVENT,
            rf"{_START} \* (\S{{1,64}}) (joined the channel|has left the channel|has quit)$",
            "2017-07-17T20:56:06 * bea joined the channel",
        ),
        shape(Kind.ACTION, rf"{_START} \* {NICK}(?: (.*)|$)", "2017-07-17T20:56:07 * bea waves"),
    ),
    clock=iso_instants,
    preference=33,
    dated=True,
    frame=re.compile(rf"['\"]\s*$|{FENCE.pattern}"),
    signs=re.compile(r"b['\"][0-9]{4}-|.{19,32} \* \S{1,64} joined the channel$"),
    clean=markup.of_python_bytes,
)
