"""A log on a blog: `03:00 wumpus: words`."""

from meetings.logs.clocks import times_of_half_days
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, shape

_AT = r"\[?([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [AP]M)?)\]? "

FORMAT = Format(
    name="colon",
    title="times and nicks with a colon",
    shapes=(
        shape(
            Kind.SPEECH, rf"{_AT}([^\s\0-\x1f:<>|]{{1,64}}): ?(.*)", "03:00 wumpus: #startmeeting"
        ),
        shape(Kind.ACTION, rf"{_AT}\* (\S{{1,64}})(?: (.*)|$)", "03:01 * wumpus waves"),
    ),
    clock=times_of_half_days,
    preference=60,
    whole=True,
)
