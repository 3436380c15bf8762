import re

from meetings.logs.clocks import times_of_half_days
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

_AT = r"\(([0-9]{1,2}:[0-9]{2}:[0-9]{2}(?: [AP]M)?)\) "

FORMAT = Format(
    name="pidgin",
    title="Pidgin log",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{_AT}(?!\*\*\*)([^\s\0-\x1f:]{{1,64}}): ?(.*)",
            "(11:00:23 AM) intrigeri: meeting time",
        ),
        shape(Kind.ACTION, rf"{_AT}\*\*\*(\S{{1,64}}) ?(.*)", "(11:03:04 AM) ***tyhicks is around"),
        shape(
            Kind.RENAME,
            rf"{_AT}(\S{{1,64}}) is now known as (\S{{1,64}}?)\.?$",
            "(11:03:05 AM) ada_ is now known as ada",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}(\S{{1,64}}) ((?:\[\S{{1,200}}\] )?entered the room\.|left the room.*)$",
            "(11:03:06 AM) bea [~b@host.example] entered the room.",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}()((?:mode \(|The topic for |\S{{1,64}} has set the topic ).*)",
            "(11:03:07 AM) mode (+v bea) by ChanServ",
        ),
    ),
    clock=times_of_half_days,
    preference=42,
    whole=True,
    days=(re.compile(r"Conversation with \S{1,200} at (.{10,60})"),),
    wraps=re.compile(r"(?!\([0-9]|```)(.+)"),
)
