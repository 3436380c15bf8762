from meetings.logs.clocks import no_times
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

FORMAT = Format(
    name="yahoo",
    title="Yahoo chat",
    shapes=(
        shape(
            Kind.SPEECH,
            r"()([^\s\0-\x1f:<>\[\](){}/\"']{1,64}): (.*)",
            "dbooth: scribenick: dbooth",
        ),
    ),
    clock=no_times,
    preference=99,
    enough=0.95,
    loose=True,
    whole=True,
)
