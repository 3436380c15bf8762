import re

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import EITHER, NICK, Format, shape

_NOTE = rf"\[{EITHER}\] \* "

FORMAT = Format(
    name="mirc",
    title="mIRC log",
    shapes=(
        shape(Kind.SPEECH, rf"\[{EITHER}\] <{NICK}> ?(.*)", "[22:59] <duck> good evening"),
        shape(
            Kind.RENAME,
            rf"{_NOTE}(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[23:00] * duck is now known as drake",
        ),
        shape(
            Kind.EVENT,
            rf"{_NOTE}(\S{{1,64}}) ((?:\(\S{{1,200}}\) )?(?:(?:has )?(?:joined|left) [#&]\S|"
            r"(?:has )?quit(?: IRC)? ?\(|Quit \(|sets mode:? |changes topic to |was kicked by )"
            r".*)",
            "[23:00] * Masterboy has joined #i2p",
        ),
        shape(Kind.ACTION, rf"{_NOTE}{NICK}(?: (.*)|$)", "[23:01] * duck waves"),
        shape(Kind.EVENT, r"()()(Session (?:Close|Ident): .*)", "Session Ident: #i2p"),
    ),
    clock=times_of_day,
    preference=50,
    whole=True,
    signs=re.compile(
        rf"{_NOTE}\S{{1,64}} (?:\(\S{{1,200}}\) )?(?:(?:has )?(?:joined|left) [#&]|has quit)"
        r"|Session "
    ),
    days=(re.compile(r"Session (?:Start|Time): (.{10,60})"),),
)
