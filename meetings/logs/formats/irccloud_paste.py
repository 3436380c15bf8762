"""IRCCloud as one copies it from the window: a clock of twice twelve hours, or of 24."""

import re

from meetings.logs.clocks import times_of_half_days
from meetings.logs.formats.irccloud import NICK
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

_AT = r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [AP]M)?) "

FORMAT = Format(
    name="irccloud-paste",
    title="IRCCloud, copied from its window",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}> ?(.*)", "10:01 AM <•erickt> hello everyone!"),
        shape(Kind.ACTION, rf"{_AT}— {NICK}(?: (.*)|$)", "10:02 AM — frewsxcv wonders"),
        shape(Kind.RENAME, rf"{_AT}\* (\S{{1,64}}) → (\S{{1,64}})$", "10:03 AM * ada_ → ada"),
        shape(
            Kind.EVENT,
            rf"{_AT}[→←⇐*] (\S{{1,64}}) ?(.*)",
            "10:04 AM → jeffdb joined (~j@host.example)",
        ),
    ),
    clock=times_of_half_days,
    preference=45,
    whole=True,
    signs=re.compile(r"[0-9:]{4,8} (?:[AP]M|[—→←⇐]) "),
)
