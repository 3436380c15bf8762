"""What one copies out of XChat's window: tabs, no clock, long lines broken."""

import re

from meetings.logs.clocks import no_times
from meetings.logs.lines import Kind
from meetings.logs.shapes import NICK, Format, shape

FORMAT = Format(
    name="xchat-paste",
    title="XChat, copied from its window",
    shapes=(
        shape(Kind.SPEECH, rf"()<{NICK}>\t(.*)", "<hezekiah>\tWelcome"),
        shape(Kind.ACTION, rf"()\*\t{NICK}(?: (.*)|$)", "*\tjrand0m puts it away"),
        shape(
            Kind.RENAME,
            r"()---\t(\S{1,64}) is now known as (\S{1,64})$",
            "---\tAnon02 is now known as anon",
        ),
        shape(
            Kind.EVENT,
            r"()(?:-->|<--)\t(\S{1,64}) ?(.*)",
            "-->\tptm (~anon@host.example) has joined",
        ),
        shape(Kind.EVENT, r"()---\t()(.*)", "---\tNotify: jeremiah is online"),
    ),
    clock=no_times,
    preference=80,
    loose=True,
    whole=True,
    wraps=re.compile(r"\t {0,8}(\S.*)"),
)
