from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, NICK, Format, shape

_AT = rf"\[{HH_MM_SS}\] "

FORMAT = Format(
    name="znc",
    title="ZNC log module",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}> ?(.*)", "[22:28:30] <Diadlo> *should store"),
        shape(
            Kind.EVENT,
            rf"{_AT}\*\*\* (?:Joins|Parts|Quits): (\S{{1,64}}) ?(.*)",
            "[00:41:51] *** Joins: in1t3r (~in1t3r@host.example)",
        ),
        shape(
            Kind.RENAME,
            rf"{_AT}\*\*\* (\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[00:41:52] *** shiva is now known as in1t3r",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}\*\*\* (\S{{1,64}}) ?(.*)",
            "[00:41:53] *** ChanServ sets mode: +o x",
        ),
        shape(Kind.EVENT, rf"{_AT}-(\S{{1,64}})- ?(.*)", "[00:41:54] -NickServ- You are known."),
        shape(Kind.ACTION, rf"{_AT}\* {NICK}(?: (.*)|$)", "[00:41:55] * Diadlo waves"),
    ),
    clock=times_of_day,
    preference=40,
)
