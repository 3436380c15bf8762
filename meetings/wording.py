"""Which lines say some words: the question that the full text of each database answers.

A word is a run of letters and digits, in any case and as it is written; words that stand in one
phrase follow each other, whatever is between them. So `vnc_console` is found in an address too.
"""

import json
import re
from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.db.models.lookups import Contains

SQLITE_TABLE = "meetings_logline_fts"
# PostgreSQL would take an address or a name with hyphens for one word. It refuses texts of a
# megabyte; nobody searches for what comes after so much in one line.
AS_WORDS = (
    "to_tsvector('simple'::regconfig, translate(left({}, 20000),"
    " '_-/.:~+@#=&?,;', '              '))"
)
_WORD = re.compile(r"[^\W_]{1,100}")


def words_of(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text))


def says(phrases: Iterable[tuple[str, ...]], *, one_by_one: bool = False) -> Q:
    """A filter of lines: those in which every phrase stands.

    Where it may be asked of lines one by one, PostgreSQL looks for the letters before it makes
    words of a line, which takes ten times as long and which it takes for cheap.
    """
    phrases = [phrase for phrase in phrases if phrase]
    if connection.vendor == "sqlite" and phrases:
        match = " ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
        found = f"SELECT rowid FROM {SQLITE_TABLE} WHERE {SQLITE_TABLE} MATCH %s"  # noqa: S608 ours
        return Q(pk__in=RawSQL(found, [match]))  # noqa: S611 the words are a parameter
    every = Q()
    for phrase in phrases:
        for word in phrase if one_by_one else ():
            every &= Q(Contains(Lower("text"), word.lower()))
        every &= Q(_Says(F("text"), Value(" ".join(phrase))))
    return every


def put_in_index(meetings: Iterable[int]) -> None:
    """Let the lines of new meetings be found; PostgreSQL has done so while they were inserted."""
    if connection.vendor == "sqlite":
        keys = json.dumps(list(meetings))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {SQLITE_TABLE} (rowid, text) SELECT id, text FROM meetings_logline"  # noqa: S608 ours
                " WHERE meeting_id IN (SELECT value FROM json_each(%s))",
                [keys],
            )


class _Says(Func):
    """Of a text and words: the text goes in before the joiner, the words behind it."""

    _before, _behind = AS_WORDS.split("{}")
    template = f"({_before}%(expressions)s))"
    arg_joiner = f"{_behind} @@ phraseto_tsquery('simple'::regconfig, "
    output_field = BooleanField()
