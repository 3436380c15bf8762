"""Five million lines of meetings in PostgreSQL, with what was put on record and understood."""

from datetime import datetime
from typing import Any

LINES = 5_000_000
LONG, MIDDLE, SHORT = 100_000, 2_000, 1_000  # lines: of meeting 1, of meeting 2, of each other
MEETINGS = 2 + (LINES - LONG - MIDDLE) // SHORT

_SIZES = """
WITH sizes AS (
    SELECT i, CASE i WHEN 1 THEN %(long)s WHEN 2 THEN %(middle)s ELSE %(short)s END AS size
    FROM generate_series(1, %(meetings)s) i
)
"""
# Each line says one of a thousand words, and each ten-thousandth a rare one besides.
_FILL = (
    """
    INSERT INTO meetings_source (id, sha256, name, size, format, imported_at, kept, read_as, holds)
    VALUES (1, repeat('0', 64), 'log', 1, 'meetbot', %(now)s, false, '', '[]')
    """,
    _SIZES
    + """
    INSERT INTO meetings_meeting
        (id, slug, title, channel, started_at, ended_at, chairs, people, bots, line_count, profile,
        dated_by, warnings, source_id, digest)
    SELECT i, 'm.' || i, 'Meeting ' || i, 'cactus', %(now)s - i * interval '1 day',
        %(now)s - i * interval '1 day' + size * interval '1 second', '["nick1"]',
        (SELECT jsonb_object_agg('nick' || n, size / 20) FROM generate_series(0, 19) n), '[]', size,
        'classic', 'line', '[]', 1, lpad(i::text, 64, '0')
    FROM sizes
    """,
    _SIZES
    + """
    INSERT INTO meetings_logline (meeting_id, number, at, nick, kind, text)
    SELECT i, n, %(now)s - i * interval '1 day' + n * interval '1 second', 'nick' || n %% 20,
        'speech', 'the freeze of word' || (i + n) %% 1000 || ' ends tomorrow'
        || CASE WHEN n %% 1000 = 0 AND i %% 10 = 3 THEN ' needle' ELSE '' END
    FROM sizes, generate_series(1, size) n
    """,
    # Each fiftieth line is put on record, each hundredth is about an exception, and of each
    # thousand one may have decided something.
    """
    INSERT INTO meetings_item
        (meeting_id, line, at, nick, kind, text, topic, url, by_chair, counted, undone, assignees,
        mentioned, carried)
    SELECT meeting_id, number, at, nick,
        (ARRAY['agreed', 'action', 'topic', 'info'])[1 + number / 50 %% 4], text, '', '', true,
        true, false, '[]', '[]', false
    FROM meetings_logline WHERE number %% 50 = 0
    """,
    """
    INSERT INTO meetings_mention (meeting_id, line, target, how, words, state, exception_id)
    SELECT meeting_id, number, 'exception:FFE-' || 100 + (meeting_id * 20 + number / 100) %% 90000,
        'number', text, 'found', 100 + (meeting_id * 20 + number / 100) %% 90000
    FROM meetings_logline WHERE number %% 100 = 0
    """,
    """
    INSERT INTO meetings_suggestion
        (meeting_id, verdict, target, lines, line, words, explicit, deadline_words, deadline_zone,
        zone_source, deadline_missing, warnings, bound_to, conditions, state, why, exception_id)
    SELECT meeting_id, 'grant', 'exception:FFE-' || 100 + meeting_id,
        jsonb_build_array(number - 1, number), number, text, false, '', '', '', '', '[]', '', '[]',
        'open', '', 100 + meeting_id
    FROM meetings_logline WHERE number %% 1000 = 0
    """,
    "VACUUM ANALYZE meetings_logline",
    "ANALYZE meetings_meeting, meetings_item, meetings_mention, meetings_suggestion",
)
# Built over all rows at once they take a fraction of the time that they take row by row.
_INDEXES = """
SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes
WHERE indexname IN ('meetings_logline_words', 'line_newest_first')
UNION ALL
SELECT 'ALTER TABLE meetings_logline DROP CONSTRAINT ' || conname,
    'ALTER TABLE meetings_logline ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid = 'meetings_logline'::regclass AND contype IN ('f', 'u')
"""


def fill(cursor: Any, *, now: datetime) -> None:
    """Into a database that is migrated and has 100,000 exceptions, but no meetings yet."""
    values = {"now": now, "long": LONG, "middle": MIDDLE, "short": SHORT, "meetings": MEETINGS}
    cursor.execute(_INDEXES)
    indexes = cursor.fetchall()
    for drop, _ in indexes:
        cursor.execute(drop)
    cursor.execute("SET maintenance_work_mem = '1GB'")
    sources, meetings, lines, *rest = _FILL
    for statement in (sources, meetings, lines):
        cursor.execute(statement, values if "%" in statement else None)
    for _, make in indexes:
        cursor.execute(make)
    cursor.execute("RESET maintenance_work_mem")
    for statement in rest:
        cursor.execute(statement.replace("%%", "%"))
