"""What mIRC saves of its window: no clock, long lines broken."""

import re

from meetings.logs.clocks import no_times
from meetings.logs.lines import Kind
from meetings.logs.shapes import NICK, Format, shape

FORMAT = Format(
    name="mirc-buffer",
    title="mIRC, saved from its window",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"()<{NICK}>(?! \2 has (?:joined|left) [#&]) (.*)",
            "<dbooth> Mike: Feature X would benefit users.",
        ),
        shape(
            Kind.EVENT,
            r"()<[ @+%&~]?(\S{1,64})> \2 (has (?:joined|left) [#&].*)",
            "<Zakim> Zakim has joined #dpvcg",
        ),
        shape(
            Kind.RENAME,
            r"()\* (\S{1,64}) is now known as (\S{1,64})$",
            "* dbooth is now known as db",
        ),
        shape(
            Kind.EVENT,
            r"()\* (\S{1,64}) ((?:\(\S{1,200}\) )?has (?:joined|left|quit) .*)",
            "* dbooth has joined #ws-desc",
        ),
        shape(Kind.ACTION, rf"()\* {NICK}(?: (.*)|$)", "* dbooth nods"),
    ),
    clock=no_times,
    preference=81,
    loose=True,
    whole=True,
    wraps=re.compile(r" (\S.*)"),
)
