from meetings.logs.clocks import days_of_no_year
from meetings.logs.lines import Kind
from meetings.logs.shapes import Format, Shape, shape


def shapes(stamp: str, *, example: str) -> tuple[Shape, ...]:
    at = rf"\[({stamp})\] "
    return (
        shape(
            Kind.SPEECH,
            # A server that knows accounts sets a sign before each text; before a digit it may be
            # somebody's vote.
            rf"{at}<([^\s\0-\x1f<>!]{{1,64}})(?:![^\s<>]{{1,200}})?> ?(?:[+-](?![0-9]))?(.*)",
            f"[{example}] <nombyte!n=nmcbride@host.example> -hey",
        ),
        shape(
            Kind.RENAME,
            rf"{at}(?:\*\*\*|---) (\S{{1,64}}) (?:is now known as|changed nick to) (\S{{1,64}})$",
            f"[{example}] *** nombyte is now known as nom",
        ),
        shape(
            Kind.EVENT,
            rf"{at}(?:-->|<--) (\S{{1,64}}) ?(.*)",
            f"[{example}] --> nombyte (n=n@host.example) joined the channel",
        ),
        shape(Kind.EVENT, rf"{at}(?:\*\*\*|---) ()(.*)", f"[{example}] *** You disconnected"),
        shape(Kind.ACTION, rf"{at}\* (\S{{1,64}})(?: (.*)|$)", f"[{example}] * jsmith waves"),
    )


FORMAT = Format(
    name="dircproxy",
    title="dircproxy log",
    shapes=shapes(
        r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?", example="14 Jan 12:36"
    ),
    clock=days_of_no_year,
    preference=37,
    dated=True,
)
