import re

from meetings.logs import markup
from meetings.logs.clocks import times_of_day
from meetings.logs.formats.rrsagent import SAYS
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, Format, shape

_HEAD = rf'<dt(?: id="[^"<>\n]{{1,40}}")?>{HH_MM_SS} \[([^\s\0-\x1f<>\[\]]{{1,64}})\]</dt>'

FORMAT = Format(
    name="rrsagent-html",
    title="W3C RRSAgent page",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{_HEAD}<dd>(?!\2 (?:{SAYS}))(.*?)(?:</dd>)?$",
            '<dt id="T17-01-26">17:01:26 [hober]</dt><dd>present+</dd>',
        ),
        shape(
            Kind.RENAME,
            rf"{_HEAD}<dd>\2 is now known as ([^\s\0-\x1f<>]{{1,64}})(?:</dd>)?$",
            '<dt id="T17-01-27">17:01:27 [ada]</dt><dd>ada is now known as ada_</dd>',
        ),
        shape(
            Kind.EVENT,
            rf"{_HEAD}<dd>\2 ((?:{SAYS}).*?)(?:</dd>)?$",
            '<dt id="T17-01-25">17:01:25 [RRSAgent]</dt><dd>RRSAgent has joined #webapps</dd>',
        ),
    ),
    clock=times_of_day,
    preference=15,
    profile="w3c",
    whole=True,
    page=True,
    frame=re.compile(r"(?!<dt)"),
    clean=markup.of_html,
)
