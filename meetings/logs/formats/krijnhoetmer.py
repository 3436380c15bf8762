import re

from meetings.logs import markup
from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, HTML_NICK, Format, shape

_LI = r' {0,2}<li id="l-[0-9]{1,7}"[^<>\n]{0,300}><a href="#l-[0-9]{1,7}">#</a> '
_AT = rf"{_LI}\[{HH_MM}\] "
_END = r"(?:</li>)?$"

FORMAT = Format(
    name="krijnhoetmer",
    title="krijnhoetmer.nl page",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{_AT}&lt;{HTML_NICK}&gt; ?(.*?){_END}",
            '<li id="l-40" _a="krijnh"><a href="#l-40">#</a> [18:03] &lt;krijnh&gt; *but</li>',
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}\* (?:Joins|Parts|Quits): {HTML_NICK} ?(.*?){_END}",
            '<li id="l-49"><a href="#l-49">#</a> [18:09] * Joins: ada (~a@host.example)</li>',
        ),
        shape(
            Kind.RENAME,
            rf"{_AT}\* {HTML_NICK} is now known as ([^\s\0-\x1f<>]{{1,64}}?){_END}",
            '<li id="l-41" _a="ada"><a href="#l-41">#</a> [18:03] * ada is now known as ada_</li>',
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}\* {HTML_NICK} ((?:sets mode|changes topic|for \S{{1,64}} started).*?){_END}",
            '<li id="l-51" _a="ChanServ"><a href="#l-51">#</a> [18:09] * ChanServ sets mode: +o ada'
            "</li>",
        ),
        shape(
            Kind.ACTION,
            rf"{_AT}\* {HTML_NICK}(?: (.*?))?{_END}",
            '<li id="l-78" _a="@ada"><a href="#l-78">#</a> [19:14] * @ada waves</li>',
        ),
        shape(
            Kind.EVENT,
            rf"()(){_LI}(Session (?:Ident|Close): .*?){_END}",
            '<li id="l-2"><a href="#l-2">#</a> Session Ident: #accessibility</li>',
        ),
    ),
    clock=times_of_day,
    preference=54,
    page=True,
    days=(re.compile(rf"{_LI}Session (?:Start|Time): ([^<>]{{10,60}})"),),
    frame=re.compile(r'(?! {0,2}<li id="l-)'),
    clean=markup.of_html,
)
