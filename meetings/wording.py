"""Which lines say some words: the question that the full text of each database answers.

A word is a run of letters and digits, in any case and as it is written; words that stand in one
phrase follow each other, whatever is between them. So `vnc_console` is found in an address too.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from releases.prepared import as_expression

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


def says(phrases: Iterable[Any], *, letters: Iterable[Any] = ()) -> Q:
    """A filter of lines: those in which every phrase stands; each is its words with blanks between.

    Where it may be asked of lines one by one, PostgreSQL looks for some letters before it makes
    words of a line, which takes ten times as long and which it takes for cheap. Phrases and
    letters, in lower case, may be expressions.
    """
    phrases = [as_expression(phrase) for phrase in phrases]
    if connection.vendor == "sqlite" and phrases:
        match = " || ' ' || ".join(["'\"' || %s || '\"'"] * len(phrases))
        found = f"SELECT rowid FROM {SQLITE_TABLE} WHERE {SQLITE_TABLE} MATCH {match}"  # noqa: S608 ours
        words = [phrase.value if isinstance(phrase, Value) else phrase for phrase in phrases]
        return Q(pk__in=RawSQL(found, words))  # noqa: S611 the words are parameters
    every = Q()
    for some in letters:
        every &= Q(GreaterThan(StrIndex(Lower("text"), as_expression(some)), 0))
    for phrase in phrases:
        every &= Q(_Says(F("text"), phrase))
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
