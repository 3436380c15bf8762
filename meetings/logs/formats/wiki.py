"""A log on a wiki: the clock, the nick and the words in columns."""

from meetings.logs.clocks import times_of_day
from meetings.logs.lines import Kind
from meetings.logs.shapes import HH_MM, Format, shape

FORMAT = Format(
    name="wiki",
    title="columns on a wiki",
    shapes=(
        shape(
            Kind.SPEECH,
            rf"{HH_MM} {{2,4}}([^\s\0-\x1f<>|*=-][^\s\0-\x1f<>|]{{0,63}}) {{1,24}}(.*)",
            "09:01   dholbach        Ok",
        ),
        shape(
            Kind.RENAME,
            r"()=== (\S{1,64}) is now known as (\S{1,64})$",
            "=== Mithrandir is now known as tollef",
        ),
        shape(
            Kind.EVENT,
            r"()=== (\S{1,64}) ((?:\[\S{1,200}\] )?has (?:joined|left|quit).*)",
            "=== ada [~a@host.example] has joined #ubuntu-meeting",
        ),
        shape(Kind.ACTION, r"()=== (\S{1,64}) ?(.*)", "=== Mithrandir waves."),
    ),
    clock=times_of_day,
    preference=61,
    whole=True,
)
