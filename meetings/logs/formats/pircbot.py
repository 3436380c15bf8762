"""A PircBot's page: coloured lines, here and there with an older paste before them."""

import re

from meetings.logs import markup
from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HTML_NICK, Format, shape

_SPAN = r'<span class="irc-date">\[([0-9]{1,2}:[0-9]{2})\]</span> <span class="irc-[a-z]{1,12}">'
_END = r"(?:</span>)?(?:<br ?/?>)?$"

FORMAT = Format(
    name="pircbot",
    title="PircBot page",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{_SPAN}&lt;{HTML_NICK}&gt; ?(.*?){_END}",
            '<span class="irc-date">[0:24]</span> <span class="irc-black">&lt;ada&gt; hello</span>'
            "<br />",
        ),
        shape(
            Kind.ACTION,
            rf"{_SPAN.replace('irc-[a-z]{1,12}', 'irc-brick')}\* {HTML_NICK} ?(.*?){_END}",
            '<span class="irc-date">[0:25]</span> <span class="irc-brick">* ada grins</span><br />',
        ),
        shape(
            Kind.RENAME,
            rf"{_SPAN}\* {HTML_NICK} is now known as ([^\s\0-\x1f<>]{{1,64}}?) ?{_END}",
            '<span class="irc-date">[0:26]</span> <span class="irc-green">* ada is now known as'
            " ada_</span><br />",
        ),
        shape(
            Kind.EVENT,
            rf"{_SPAN}\* {HTML_NICK} ?(.*?){_END}",
            '<span class="irc-date">[0:27]</span> <span class="irc-green">* bea has joined #x'
            "</span><br />",
        ),
        shape(
            Kind.EVENT,
            rf"{_SPAN}()(\[.*?){_END}",
            '<span class="irc-date">[0:28]</span> <span class="irc-red">[services VERSION]</span>',
        ),
        shape(Kind.SPEECH, rf"()&lt;{HTML_NICK}&gt; ?(.*)", "&lt;ada&gt; words of the older paste"),
        shape(
            Kind.EVENT,
            rf"()(?:--&gt;|&lt;--)? ?{HTML_NICK} ((?:\(\S{{1,200}}\) )?has (?:joined|left|quit) ?"
            r"[#&(].*)",
            "&lt;-- bea has quit (bye)",
        ),
        shape(Kind.EVENT, r"()--- ()(.*)", "--- #x :You need to be an operator to do that"),
        shape(Kind.ACTION, rf"()\* {HTML_NICK} (.*)", "* ada raises a glass"),
    ),
    clock=times_of_day,
    preference=55,
    bare=True,
    frame=re.compile(r"</?(?:pre|html|head|body|hr|title)\b[^<>]{0,200}>\s*$"),
    wraps=re.compile(r"(?!<)(.+)"),
    signs=re.compile(r'<span class="irc-'),
    clean=markup.of_html,
)
