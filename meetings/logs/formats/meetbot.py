from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM_SS, NICK, Format, shape

FORMAT = Format(
    name="meetbot",
    title="MeetBot .log.txt",
    shapes=(
        shape(Kind.SPEECH, rf"{HH_MM_SS} <{NICK}> ?(.*)", "21:00:49 <ttx> #startmeeting"),
        shape(Kind.ACTION, rf"{HH_MM_SS} {{1,2}}\* {NICK}(?: (.*)|$)", "21:00:50  * soren waves"),
    ),
    clock=times_of_day,
    preference=10,
)
