import re

from meetings.logs import markup
from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, HTML_NICK, Format, shape

FORMAT = Format(
    name="meetingology-html",
    title="meetingology's minutes with the log, as a page",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"<p>{HH_MM} <code>&lt;{HTML_NICK}"
            r"(?:&gt;</code>|</code>&gt;) ?(.*?)(?:</p>)?$",
            "<p>16:05 <code>&lt;smoser&gt;</code> hello</p>",
        ),
        shape(
            Kind.ACTION,
            rf"<p>{HH_MM} {{1,2}}\* ([^\s\0-\x1f<>&]{{1,64}}) ?(.*?)(?:</p>)?$",
            "<p>16:06 * rharper waves</p>",
        ),
    ),
    clock=times_of_day,
    preference=21,
    profile="meetingology",
    page=True,
    frame=re.compile(r"(?!<p>[0-9]{2}:[0-9]{2} )"),
    clean=markup.of_html,
)
