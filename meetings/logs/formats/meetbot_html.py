import re

from meetings.logs import markup
from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, HTML_NICK, Format, shape

_ANCHOR = r'(?:<pre>)?<a name="l-[0-9]{1,7}"></a>'
_END = r"(?:</pre>)?$"

FORMAT = Format(
    name="meetbot-html",
    title="MeetBot .log.html",
    shapes=(
        shape(
            Kind.SPEECH,
            rf'{_ANCHOR}<span class="tm">{HH_MM_SS}</span><span class="nk">'
            rf" &lt;{HTML_NICK}&gt;</span> ?(.*?){_END}",
            '<a name="l-2"></a><span class="tm">21:00:50</span><span class="nk"> &lt;ttx&gt;</span>'
            " hello",
        ),
        shape(
            Kind.ACTION,
            rf'{_ANCHOR}<span class="tm">{HH_MM_SS} ?</span><span class="nka">'
            rf"\* ([^\s\0-\x1f<>&]{{1,64}})</span> ?(.*?){_END}",
            '<a name="l-3"></a><span class="tm">21:00:51 </span><span class="nka">* soren</span>'
            ' <span class="ac">waves</span>',
        ),
    ),
    clock=times_of_day,
    preference=11,
    page=True,
    frame=re.compile(r'(?!(?:<pre>)?<a name="l-)'),
    clean=markup.of_html,
)
