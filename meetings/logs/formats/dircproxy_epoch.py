from meetings.logs.clocks import epochs
from meetings.logs.formats.dircproxy import shapes
from meetings.logs.shapes import Format

FORMAT = Format(
    name="dircproxy-epoch",
    title="dircproxy log with seconds since 1970",
    shapes=shapes(r"[0-9]{9,10}", example="1231936560"),
    clock=epochs,
    preference=38,
    dated=True,
)
