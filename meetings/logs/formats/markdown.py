r"""A log written into a page of Markdown, as Monero's blog does: `**\<nick>** words`."""

import re

from meetings.logs import markup
from meetings.logs.clocks import no_times
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

FORMAT = Format(
    name="markdown",
    title="nicks in Markdown",
    shapes=(
        shape(
            Kind.SPEECH,
            r"()\*\*\\?<[ @+%&~]?([^\s\0-\x1f<>*]{1,64})\\?>\*\* {0,2}(.*)",
            "**\\<needmoney90>** ok  ",
        ),
    ),
    clock=no_times,
    preference=79,
    loose=True,
    whole=True,
    page=True,
    frame=re.compile(r"(?!\*\*\\?<)"),
    clean=markup.of_markdown,
)
