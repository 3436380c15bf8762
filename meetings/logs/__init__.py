"""Chat logs: bytes in, lines out. Pure: no Django, no database.

`sniff` says which format a log is in and why, `read` turns its bytes into raw lines, and
`dating` gives these their instants. A format is one module with a table of line shapes.
"""

from meetings.logs.dating import DateHints, NoDate
from meetings.logs.formats import FORMATS, format_named
from meetings.logs.lines import Calendar, Kind, LogLine, RawLine, Unread
from meetings.logs.reading import Reading
from meetings.logs.shapes import Format
from meetings.logs.sniffing import NotALog, Sniffed, in_its_circumstances, sniff, sniff_file

__all__ = [
    "FORMATS",
    "Calendar",
    "DateHints",
    "Format",
    "Kind",
    "LogLine",
    "NoDate",
    "NotALog",
    "RawLine",
    "Reading",
    "Sniffed",
    "Unread",
    "format_named",
    "in_its_circumstances",
    "sniff",
    "sniff_file",
]
